/// FFCV's data set files (`.beton`, file version 2), read and written without FFCV: the format of Leclerc et al.,
/// "FFCV: Accelerating Training by Removing Data Bottlenecks" (2022), as its release 1.0.1 writes it.
package dev.assay.data.beton;
