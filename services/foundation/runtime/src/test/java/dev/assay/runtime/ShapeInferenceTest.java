package dev.assay.runtime;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.assay.computation.ProblemException;
import dev.assay.onnx.Attribute;
import dev.assay.onnx.ElementType;
import dev.assay.onnx.Graph;
import dev.assay.onnx.GraphBuilder;
import dev.assay.onnx.Node;
import dev.assay.onnx.Operators.ReducedAxes;
import dev.assay.onnx.TensorData;
import dev.assay.onnx.Value;
import dev.assay.onnx.ValueInfo;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class ShapeInferenceTest {

    @Test
    void everyValueHasItsTypeAndItsConcreteShape() {
        GraphBuilder g = GraphBuilder.empty("shapes");
        Value x = g.input("x", ElementType.FLOAT, -1, 3, 8, 8);
        Value w = g.initializer("w", TensorData.ofFloats(new float[192 * 2], 192, 2));
        Value flat = g.flatten(x, 1);
        Value logits = g.matMul(flat, w);
        Value best = g.argMax(logits, 1, ReducedAxes.DROPPED);
        Value positive = g.greater(logits, g.scalar(0));
        // The target shape is computed, so no model file declares the result's.
        Value batch = g.slice(g.shape(x), 0, 0, 1);
        Value expanded = g.node("Expand", g.scalar(7), g.concat(0, List.of(batch, g.longs(5))));
        Graph graph = g.output("y", logits, ElementType.FLOAT, -1, 2).build();

        Map<String, ValueInfo> concrete = ShapeInference.concrete(graph, Map.of("x", new long[] {4, 3, 8, 8}));

        assertConcrete(concrete, "x", ElementType.FLOAT, 4, 3, 8, 8);
        assertConcrete(concrete, "w", ElementType.FLOAT, 192, 2);
        assertConcrete(concrete, flat.name(), ElementType.FLOAT, 4, 192);
        assertConcrete(concrete, "y", ElementType.FLOAT, 4, 2);
        assertConcrete(concrete, best.name(), ElementType.INT64, 4);
        assertConcrete(concrete, positive.name(), ElementType.BOOL, 4, 2);
        assertConcrete(concrete, expanded.name(), ElementType.FLOAT, 4, 5);
        assertThat(concrete.keySet()).containsAll(graph.valueNames());
    }

    @Test
    void optionalInputsAndOutputsMayBeAbsentAndSequencesAreLeftOut() {
        GraphBuilder g = GraphBuilder.empty("absent");
        Value x = g.input("x", ElementType.FLOAT, 2, 6);
        Value clipped = g.freshValue("clipped");
        g.add(Node.of("Clip", List.of(x, Value.ABSENT, g.scalar(1)), List.of(clipped), Map.of()));
        Value scale = g.initializer("scale", TensorData.ofFloats(new float[6], 6));
        Value normal = g.freshValue("normal");
        Value deviation = g.freshValue("deviation");
        g.add(Node.of(
                "LayerNormalization",
                List.of(clipped, scale, Value.ABSENT),
                List.of(normal, Value.ABSENT, deviation),
                Map.of()));
        Value sequence = g.freshValue("sequence");
        g.add(Node.of("SplitToSequence", List.of(x), List.of(sequence), Map.of("axis", new Attribute.IntValue(1))));
        Graph graph = g.output("y", normal, ElementType.FLOAT, 2, 6).build();

        Map<String, ValueInfo> concrete = ShapeInference.concrete(graph, Map.of());

        assertConcrete(concrete, clipped.name(), ElementType.FLOAT, 2, 6);
        assertConcrete(concrete, deviation.name(), ElementType.FLOAT, 2, 1);
        assertThat(concrete).doesNotContainKeys(sequence.name(), "");
    }

    @Test
    void theResultOfALoopHasItsShapeToo() {
        assertConcrete(ShapeInference.concrete(Graphs.loop(3, 4), Map.of()), "y", ElementType.FLOAT, 4, 4);
    }

    @Test
    void anOpenInputWithoutAShapeIsRefused() {
        assertThatThrownBy(() -> ShapeInference.concrete(Graphs.linear(-1), Map.of()))
                .isInstanceOfSatisfying(ProblemException.class, problem -> {
                    assertThat(problem.type()).isEqualTo("missing-tensor");
                    assertThat(problem.subject()).contains("x");
                });
    }

    @Test
    void aShapeThatTheModelDoesNotTakeIsRefused() {
        assertThatThrownBy(() -> ShapeInference.concrete(Graphs.linear(-1), Map.of("x", new long[] {1, 4})))
                .isInstanceOfSatisfying(
                        ProblemException.class,
                        problem -> assertThat(problem.type()).isEqualTo("wrong-tensor-shape"));
        assertThatThrownBy(() -> ShapeInference.concrete(Graphs.linear(1), Map.of("z", new long[] {1})))
                .isInstanceOfSatisfying(
                        ProblemException.class,
                        problem -> assertThat(problem.type()).isEqualTo("unknown-tensor"));
    }

    private static void assertConcrete(Map<String, ValueInfo> concrete, String name, ElementType type, long... shape) {
        assertThat(concrete).containsEntry(name, ValueInfo.of(name, type, shape));
    }
}
