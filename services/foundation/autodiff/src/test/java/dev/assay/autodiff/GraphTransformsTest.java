package dev.assay.autodiff;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.assay.onnx.ElementType;
import dev.assay.onnx.Graph;
import dev.assay.onnx.GraphBuilder;
import dev.assay.onnx.MalformedModelException;
import dev.assay.onnx.Node;
import dev.assay.onnx.TensorData;
import dev.assay.onnx.Value;
import dev.assay.onnx.ValueInfo;
import dev.assay.onnx.Window;
import dev.assay.runtime.Tensor;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class GraphTransformsTest {

    @Test
    void crossEntropyGivesALossPerSampleAndTheirSum() {
        GraphBuilder g = GraphBuilder.empty("logits");
        Value x = g.input("x", ElementType.FLOAT, -1, 3);
        Graph graph = GraphTransforms.appendCrossEntropy(
                g.output("logits", x, ElementType.FLOAT, -1, 3).build(), "logits");

        Map<String, float[]> results = AutodiffTest.run(
                graph,
                Map.of(
                        "x",
                        Tensor.ofFloats(new float[] {0, 0, 0, 1, 2, 3}, 2, 3),
                        "labels",
                        Tensor.ofLongs(new long[] {1, 0}, 2)));

        float uniform = (float) Math.log(3);
        float other = (float) (Math.log(Math.exp(1) + Math.exp(2) + Math.exp(3)) - 1);
        assertThat(results.get("loss")).containsExactly(new float[] {uniform, other}, within(1e-5f));
        assertThat(results.get("loss.sum")[0]).isCloseTo(uniform + other, within(1e-5f));
    }

    @Test
    void positionsOfASampleAreAveraged() {
        GraphBuilder g = GraphBuilder.empty("pixels");
        Value x = g.input("x", ElementType.FLOAT, 2, 3, 4, 4);
        Graph graph = GraphTransforms.appendCrossEntropy(
                g.output("logits", x, ElementType.FLOAT, 2, 3, 4, 4).build(), "logits");
        Map<String, float[]> results = AutodiffTest.run(
                graph,
                Map.of(
                        "x",
                        Tensor.ofFloats(new float[96], 2, 3, 4, 4),
                        "labels",
                        Tensor.ofLongs(new long[32], 2, 4, 4)));
        assertThat(results.get("loss")).hasSize(2).containsOnly(new float[] {(float) Math.log(3)}, within(1e-5f));
    }

    @Test
    void weightsBecomeInputs() {
        Graph trained = GraphTransforms.initializersToInputs(network(), List.of("w"));
        assertThat(trained.inputs()).extracting(ValueInfo::name).containsExactly("x", "w");
        assertThat(trained.initializers()).doesNotContainKey("w");
        assertThatThrownBy(() -> GraphTransforms.initializersToInputs(network(), List.of("nowhere")))
                .isInstanceOf(MalformedModelException.class)
                .hasMessageContaining("nowhere");
    }

    @Test
    void onlyWhatTheOutputsNeedIsKept() {
        Graph graph = network();
        String convolved = graph.nodes().getFirst().output(0).name();
        Graph pruned = GraphTransforms.pruned(graph, List.of(convolved));
        assertThat(pruned.nodes()).hasSize(1);
        assertThat(pruned.initializers()).containsOnlyKeys("w");
        assertThat(pruned.outputs()).extracting(ValueInfo::name).containsExactly(convolved);
    }

    @Test
    void intermediatesBecomeVisibleAndNamesChange() {
        Graph graph = network();
        String convolved = graph.nodes().getFirst().output(0).name();
        Graph exposed = GraphTransforms.withOutputs(graph, List.of(convolved));
        Graph renamed = GraphTransforms.renamed(exposed, Map.of(convolved, "features", "x", "image"));
        assertThat(renamed.outputs()).extracting(ValueInfo::name).containsExactly("y", "features");
        Map<String, float[]> results =
                AutodiffTest.run(renamed, Map.of("image", Tensor.ofFloats(new float[] {1, 1, 1, 1}, 1, 1, 2, 2)));
        assertThat(results.get("features")).hasSize(8);
    }

    @Test
    void specialisingFixesTheShapesThatFollow() {
        Graph fixed = GraphTransforms.specialise(network(), Map.of("x", new long[] {3, 1, 2, 2}));
        assertThat(fixed.inputs().getFirst()).isEqualTo(ValueInfo.of("x", ElementType.FLOAT, 3, 1, 2, 2));
        assertThat(fixed.outputs().getFirst()).isEqualTo(ValueInfo.of("y", ElementType.FLOAT, 3, 2, 2, 2));
    }

    @Test
    void batchNormalizationGoesIntoTheConvolution() {
        Graph folded = GraphTransforms.foldBatchNorm(network());
        assertThat(folded.nodes()).extracting(Node::operator).containsExactly("Conv", "Identity");
        Map<String, Tensor> image = Map.of("x", Tensor.ofFloats(new float[] {1, -2, 3, 0.5f}, 1, 1, 2, 2));
        assertThat(AutodiffTest.run(folded, image).get("y"))
                .containsExactly(AutodiffTest.run(network(), image).get("y"), within(1e-5f));
    }

    @Test
    void whatIsConstantIsComputedOnce() {
        GraphBuilder g = GraphBuilder.empty("constant");
        Value x = g.input("x", ElementType.FLOAT, -1, 4);
        Value a = g.constant(TensorData.ofFloats(new float[] {1, 2, 3, 4}, 4));
        Value doubled = g.add(a, a);
        Value reshaped = g.node("Reshape", g.mul(x, doubled), g.shape(x));
        Graph graph = g.output("y", reshaped, ElementType.FLOAT, -1, 4).build();
        Graph folded = GraphTransforms.foldConstants(graph, Map.of("x", new long[] {2, 4}));
        assertThat(folded.nodes()).extracting(Node::operator).containsExactly("Mul", "Reshape", "Identity");
        assertThat(folded.initializers().values()).contains(TensorData.ofFloats(new float[] {2, 4, 6, 8}, 4));
    }

    @Test
    void aConstantNodeWithSeveralReadersIsReplacedAsAWhole() {
        GraphBuilder g = GraphBuilder.empty("split");
        Value x = g.input("x", ElementType.FLOAT, 1, 2);
        Value both = g.constant(TensorData.ofFloats(new float[] {1, 2, 3, 4}, 1, 4));
        List<Value> halves = g.split(both, 1, 2, 2);
        Value second = g.exp(halves.get(1));
        Graph graph = g.output("y", g.add(g.add(x, halves.get(0)), second), ElementType.FLOAT, 1, 2)
                .build();
        Graph folded = GraphTransforms.foldConstants(graph, Map.of());
        assertThat(folded.nodes()).extracting(Node::operator).containsExactly("Add", "Add", "Identity");
        Map<String, Tensor> zero = Map.of("x", Tensor.ofFloats(new float[2], 1, 2));
        assertThat(AutodiffTest.run(folded, zero).get("y"))
                .containsExactly(AutodiffTest.run(graph, zero).get("y"), within(1e-5f));
    }

    private static Graph network() {
        GraphBuilder g = GraphBuilder.empty("network");
        Value x = g.input("x", ElementType.FLOAT, -1, 1, 2, 2);
        Value w = g.initializer("w", TensorData.ofFloats(new float[] {2, -3}, 2, 1, 1, 1));
        Value scale = g.initializer("scale", TensorData.ofFloats(new float[] {1.5f, 0.5f}, 2));
        Value bias = g.initializer("bias", TensorData.ofFloats(new float[] {0.1f, -0.2f}, 2));
        Value mean = g.initializer("mean", TensorData.ofFloats(new float[] {0.3f, 0.4f}, 2));
        Value variance = g.initializer("variance", TensorData.ofFloats(new float[] {2, 3}, 2));
        Value normed = g.batchNormalization(g.conv(x, w, Window.over(2)), scale, bias, mean, variance, 1e-5f);
        return g.output("y", normed, ElementType.FLOAT, -1, 2, 2, 2).build();
    }
}
