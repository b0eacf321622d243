/// Training of ONNX classifiers on plain ONNX Runtime. One training step (forward, backward, update) is one ONNX
/// graph
/// made by [dev.assay.training.StepGraph] and run by [dev.assay.training.TrainingStep];
/// [dev.assay.training.Trainer]
/// is the loop around it. No framework, no Python: this package can be used from a plain `main`.
package dev.assay.training;
