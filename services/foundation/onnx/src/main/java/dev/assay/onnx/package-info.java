/// ONNX graphs as immutable values: reading, checking, writing and building them. Knows nothing of running or
/// differentiating.
package dev.assay.onnx;
