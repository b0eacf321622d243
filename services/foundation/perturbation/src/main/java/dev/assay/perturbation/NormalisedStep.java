package dev.assay.perturbation;

import dev.assay.onnx.GraphBuilder;
import dev.assay.onnx.Operators.ReducedAxes;
import dev.assay.onnx.Value;
import java.nio.FloatBuffer;
import java.util.List;
import java.util.Map;

/// The steepest step in L2: v = x + step·g/‖g‖ − clean, x' = clamp01(clean + v·min(1,
/// epsilon/‖v‖)), with the norms of each image taken on their own. A point whose gradient is zero stays.
public record NormalisedStep() implements StepRule {

    private static final String CLEAN = "clean";

    /// Keeps a zero gradient from dividing by zero; the reference implementations use the same (AutoAttack).
    private static final float TINY = 1e-12f;

    @Override
    public List<String> imageInputs() {
        return List.of(CLEAN);
    }

    @Override
    public List<String> scalarInputs() {
        return List.of(STEP, EPSILON);
    }

    @Override
    public Value append(GraphBuilder graph, Value point, Value gradient, Map<String, Value> inputs) {
        Value direction = graph.div(gradient, norm(graph, gradient));
        Value moved = graph.add(point, graph.mul(inputs.get(STEP), direction));
        Value perturbation = graph.sub(moved, inputs.get(CLEAN));
        Value scale = graph.min(graph.scalar(1), graph.div(inputs.get(EPSILON), norm(graph, perturbation)));
        Value inBall = graph.add(inputs.get(CLEAN), graph.mul(perturbation, scale));
        return graph.clip(inBall, graph.scalar(0), graph.scalar(1));
    }

    @Override
    public void fill(ThreatModel threat, FloatBuffer clean, Map<String, FloatBuffer> targets) {
        FloatBuffer target = targets.get(CLEAN);
        target.put(target.position(), clean, clean.position(), clean.remaining());
    }

    /// [N,1,1,1]
    private static Value norm(GraphBuilder graph, Value images) {
        Value squares = graph.reduceSum(graph.mul(images, images), ReducedAxes.KEPT, 1, 2, 3);
        return graph.add(graph.sqrt(squares), graph.scalar(TINY));
    }
}
