package dev.assay.perturbation;

import dev.assay.onnx.GraphBuilder;
import dev.assay.onnx.Value;
import java.nio.FloatBuffer;
import java.util.List;
import java.util.Map;

/// One step of a search, as nodes of the gradient graph: from a point and the objective's gradient there to the
/// next point, inside ball and box. What it needs to know of the ball are image-shaped inputs of the graph,
/// filled once for each image, and two scalars, `step` and `epsilon`; so one compiled graph serves every
/// epsilon.
public sealed interface StepRule permits SignStep, NormalisedStep {

    /// The scalar input that holds the length of a step.
    String STEP = "step";

    /// The scalar input that holds the radius of the ball.
    String EPSILON = "epsilon";

    /// The rule that makes the most of a step in a norm.
    static StepRule of(Norm norm) {
        return switch (norm) {
            case LINF -> new SignStep();
            case L2 -> new NormalisedStep();
        };
    }

    /// Names of the image-shaped inputs [N,C,H,W] beside the point.
    List<String> imageInputs();

    /// Names of the scalar inputs.
    List<String> scalarInputs();

    /// Appends the nodes of one step.
    ///
    /// @param inputs the values of {@link #imageInputs} and {@link #scalarInputs}, by name
    /// @return the next point, shaped as `point`
    Value append(GraphBuilder graph, Value point, Value gradient, Map<String, Value> inputs);

    /// Fills the image-shaped inputs of one image.
    ///
    /// @param targets by name, each a view of that image's values
    void fill(ThreatModel threat, FloatBuffer clean, Map<String, FloatBuffer> targets);
}
