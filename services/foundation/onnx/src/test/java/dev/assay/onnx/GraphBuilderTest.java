package dev.assay.onnx;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import java.util.Map;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.Size;
import org.junit.jupiter.api.Test;

class GraphBuilderTest {

    @Test
    void namesAreFreshWhateverTheGraphUses() {
        GraphBuilder g = GraphBuilder.empty("names");
        Value x = g.input("relu_1", ElementType.FLOAT, 2);
        Value y = g.relu(x);
        Value z = g.relu(y);
        assertThat(List.of(y.name(), z.name())).doesNotContain("relu_1").doesNotHaveDuplicates();
        Graph graph = g.output("out", z, ElementType.FLOAT, 2).build();
        GraphBuilder more = GraphBuilder.from(graph);
        assertThat(graph.valueNames())
                .doesNotContain(more.relu(new Value("out")).name());
    }

    @Test
    void aNameIsGivenOnce() {
        GraphBuilder g = GraphBuilder.empty("twice");
        g.input("x", ElementType.FLOAT, 2);
        assertThatThrownBy(() -> g.initializer("x", TensorData.ofLongVector(1)))
                .isInstanceOf(MalformedModelException.class)
                .hasMessageContaining("'x'");
    }

    @Test
    void equalConstantsAreStoredOnce() {
        GraphBuilder g = GraphBuilder.empty("constants");
        assertThat(g.scalar(0.5f)).isEqualTo(g.scalar(0.5f)).isNotEqualTo(g.scalar(0.25f));
        assertThat(g.longs(1, 2)).isEqualTo(g.longs(1, 2)).isNotEqualTo(g.longs(1));
        assertThat(g.scalar(ElementType.DOUBLE, 0.5)).isNotEqualTo(g.scalar(0.5f));
    }

    @Property(tries = 100)
    void tensorsKeepTheirElements(@ForAll @Size(max = 20) List<Integer> values) {
        double[] elements = values.stream().mapToDouble(value -> value % 100).toArray();
        for (ElementType type : List.of(
                ElementType.FLOAT,
                ElementType.DOUBLE,
                ElementType.FLOAT16,
                ElementType.BFLOAT16,
                ElementType.INT8,
                ElementType.INT32,
                ElementType.INT64)) {
            TensorData tensor = TensorData.ofDoubles(type, elements, elements.length);
            assertThat(tensor.toDoubles()).as(type.toString()).isEqualTo(elements);
        }
    }

    @Test
    void theHashTellsGraphsApartByWhatTheyCompute() {
        String hash = scaled(2, 1).hash();
        assertThat(scaled(2, 1).hash()).isEqualTo(hash).hasSize(64);
        assertThat(scaled(2, 1.5f).hash()).isNotEqualTo(hash);
        assertThat(scaled(3, 1).hash()).isNotEqualTo(hash);
    }

    @Test
    void parametersAreWeightsAndNotWhatSteersAnOperator() {
        GraphBuilder g = GraphBuilder.empty("network");
        Value x = g.input("x", ElementType.FLOAT, 1, 2, 4, 4);
        Value w = g.initializer("weight", TensorData.ofFloats(new float[] {1, 2, 3, 4}, 2, 2, 1, 1));
        Value scale = g.initializer("bn.scale", TensorData.ofFloats(new float[] {1, 1}, 2));
        Value bias = g.initializer("bn.bias", TensorData.ofFloats(new float[2], 2));
        Value mean = g.initializer("bn.mean", TensorData.ofFloats(new float[2], 2));
        Value variance = g.initializer("bn.variance", TensorData.ofFloats(new float[] {1, 1}, 2));
        Value mask = g.initializer("mask", TensorData.ofFloats(new float[] {0, -3.4e38f}, 2, 1, 1));
        g.initializer("one", TensorData.ofFloats(new float[] {1}));
        Value convolved = g.conv(x, w, Window.over(2));
        Value normed = g.batchNormalization(convolved, scale, bias, mean, variance, 1e-5f);
        Value resized = g.resizeNearest(g.add(normed, mask), 1, 1, 2, 2);
        Graph graph = g.output("y", resized, ElementType.FLOAT, 1, 2, 8, 8).build();
        assertThat(graph.parameters()).containsExactly("weight", "bn.scale", "bn.bias");
    }

    @Test
    void nodesKeepAttributesInOneOrder() {
        Map<String, Attribute> attributes = Map.of("b", Attribute.of(1L), "a", Attribute.of(2L), "c", Attribute.of(3L));
        Node node = Node.of("X", List.of(), List.of(), attributes);
        assertThat(node.attributes().keySet()).containsExactly("a", "b", "c");
    }

    private static Graph scaled(int length, float factor) {
        GraphBuilder g = GraphBuilder.empty("scaled");
        Value x = g.input("x", ElementType.FLOAT, length);
        return g.output("y", g.mul(x, g.scalar(factor)), ElementType.FLOAT, length)
                .build();
    }
}
