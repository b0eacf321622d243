/// Off-heap tensors, compiled programs run by ONNX Runtime, and numpy's array files. Plain Java: no framework
/// here.
package dev.assay.runtime;
