package dev.assay.perturbation;

import dev.assay.onnx.GraphBuilder;
import dev.assay.onnx.Value;

/// What a search maximises, as nodes of the graph. Samples do not mix.
public sealed interface Objective permits CrossEntropy {

    /// Tells this objective from every other, such as `cross-entropy`: what it appends follows from the name.
    String name();

    /// Appends the objective.
    ///
    /// @param logits float [N,classes]
    /// @param labels int64 [N], the true classes
    /// @return float [N]: the larger, the nearer the model is to being fooled
    Value append(GraphBuilder graph, Value logits, Value labels);

    /// −log softmax(z)_y, untargeted.
    static Objective crossEntropy() {
        return new CrossEntropy();
    }
}
