/// Data sets of labelled images: opening, importing, splitting, summing up, and the order of batches. Pixels are
/// always in [0,1] to whoever asks, however they are stored.
package dev.assay.data;
