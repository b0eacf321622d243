package dev.assay.perturbation;

import dev.assay.onnx.GraphBuilder;
import dev.assay.onnx.Value;
import java.nio.FloatBuffer;
import java.util.List;
import java.util.Map;

/// The steepest step in L∞: x' = min(max(x + step·sign(g), lower), upper), where lower and upper are the
/// bounds that ball and box set for each value. A value whose gradient is zero stays.
public record SignStep() implements StepRule {

    private static final String LOWER = "lower";
    private static final String UPPER = "upper";

    @Override
    public List<String> imageInputs() {
        return List.of(LOWER, UPPER);
    }

    @Override
    public List<String> scalarInputs() {
        return List.of(STEP);
    }

    @Override
    public Value append(GraphBuilder graph, Value point, Value gradient, Map<String, Value> inputs) {
        Value moved = graph.add(point, graph.mul(inputs.get(STEP), graph.sign(gradient)));
        return graph.min(graph.max(moved, inputs.get(LOWER)), inputs.get(UPPER));
    }

    @Override
    public void fill(ThreatModel threat, FloatBuffer clean, Map<String, FloatBuffer> targets) {
        float radius = threat.epsilon().floatValue();
        FloatBuffer lower = targets.get(LOWER);
        FloatBuffer upper = targets.get(UPPER);
        for (int i = 0; i < clean.remaining(); i++) {
            float value = clean.get(clean.position() + i);
            lower.put(lower.position() + i, Linf.lower(value, radius));
            upper.put(upper.position() + i, Linf.upper(value, radius));
        }
    }
}
