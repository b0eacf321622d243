package dev.assay.perturbation;

import dev.assay.onnx.Attribute;
import dev.assay.onnx.GraphBuilder;
import dev.assay.onnx.Value;
import java.util.List;
import java.util.Map;

/// −log softmax(z)_y: the loss that classifiers are trained with. Its gradient vanishes where the model is
/// sure of itself beyond float32; a model with very large logits can look more robust than it is.
public record CrossEntropy() implements Objective {

    @Override
    public String name() {
        return "cross-entropy";
    }

    @Override
    public Value append(GraphBuilder graph, Value logits, Value labels) {
        return graph.node(
                "SoftmaxCrossEntropyLoss", List.of(logits, labels), Map.of("reduction", Attribute.of("none")));
    }
}
