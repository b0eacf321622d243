package dev.assay.autodiff.rules;

import dev.assay.onnx.Node;
import dev.assay.onnx.Value;
import java.util.List;

/// The vector-Jacobian product of one operator.
@FunctionalInterface
public interface Rule {

    /// Answers the cotangents of the node's inputs, each with the shape and type of its input.
    ///
    /// @param cotangents one per output of the node, {@link Value#ABSENT} where the loss does not depend on it;
    /// at least one is present
    /// @param g builds what is answered
    /// @return one value per input, in order; {@link Value#ABSENT} or nothing at the end of the list for inputs
    /// that carry no gradient or are not {@linkplain GradientBuilder#wants wanted}
    List<Value> apply(Node node, List<Value> cotangents, GradientBuilder g);

    /// A rule of an operator with one output that carries a gradient.
    @FunctionalInterface
    interface OneOutput {
        List<Value> apply(Node node, Value dy, GradientBuilder g);
    }

    /// A rule of an operator with one output and one input that carry a gradient.
    @FunctionalInterface
    interface Unary {
        Value apply(Node node, Value dy, GradientBuilder g);
    }
}
