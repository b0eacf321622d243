/// Reverse-mode differentiation as a function from graphs to graphs, and the other functions from graphs to
/// graphs that go with it. The results are ordinary ONNX models.
package dev.assay.autodiff;
