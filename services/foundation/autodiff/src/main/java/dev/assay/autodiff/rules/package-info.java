/// The derivatives of ONNX operators: one file per family, one short rule per operator, gathered in {@link
/// dev.assay.autodiff.rules.Rules}. A rule answers with new nodes; whatever it emits has a rule itself, so that
/// gradients can be differentiated again.
package dev.assay.autodiff.rules;
