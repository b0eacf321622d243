package dev.assay.autodiff;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.assay.onnx.Attribute;
import dev.assay.onnx.ElementType;
import dev.assay.onnx.Graph;
import dev.assay.onnx.GraphBuilder;
import dev.assay.onnx.Node;
import dev.assay.onnx.OnnxFile;
import dev.assay.onnx.Operators.ReducedAxes;
import dev.assay.onnx.TensorData;
import dev.assay.onnx.Value;
import dev.assay.onnx.ValueInfo;
import dev.assay.onnx.Window;
import dev.assay.runtime.Tensor;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;

class AutodiffTest {

    @Test
    void aGradientHasTheShapeOfItsValueAndAnOutputOfItsName() {
        GraphBuilder g = GraphBuilder.empty("square");
        Value x = g.input("x", ElementType.FLOAT, 2);
        Graph graph = g.output("loss", g.reduceSum(g.mul(x, x), ReducedAxes.DROPPED), ElementType.FLOAT)
                .build();

        Graph gradient = Autodiff.grad(graph, GradientRequest.of("loss").withRespectTo("x"));

        assertThat(gradient.outputs()).containsExactly(ValueInfo.of("grad.x", ElementType.FLOAT, 2));
        assertThat(run(gradient, Map.of("x", Tensor.ofFloats(new float[] {3, -1}, 2)))
                        .get("grad.x"))
                .containsExactly(6, -2);
    }

    @Test
    void valueAndGradientComeFromOneGraph() {
        Graph graph = classifier();
        Graph both = Autodiff.valueAndGrad(
                graph,
                GradientRequest.of("loss.sum")
                        .withRespectTo("w", "x")
                        .withShape("x", 4, 1, 6, 6)
                        .withShape("labels", 4));
        assertThat(both.outputs())
                .extracting(ValueInfo::name)
                .containsExactly("logits", "loss", "loss.sum", "grad.w", "grad.x");
    }

    @Test
    void gradientsAgreeWithCentralDifferences() {
        Graph graph = classifier();
        Random random = new Random(11);
        float[] image = new float[4 * 36];
        for (int i = 0; i < image.length; i++) {
            image[i] = random.nextFloat();
        }
        Map<String, long[]> shapes = Map.of("x", new long[] {4, 1, 6, 6}, "labels", new long[] {4});
        Graph both = Autodiff.valueAndGrad(
                graph, GradientRequest.of("loss.sum").withRespectTo("x").withShapes(shapes));
        Tensor labels = Tensor.ofLongs(new long[] {0, 1, 2, 1}, 4);
        float[] gradient = run(both, Map.of("x", Tensor.ofFloats(image, 4, 1, 6, 6), "labels", labels))
                .get("grad.x");

        float[] direction = new float[image.length];
        for (int i = 0; i < direction.length; i++) {
            direction[i] = (float) random.nextGaussian();
        }
        double step = 1e-2;
        double ahead = loss(both, moved(image, direction, step), labels);
        double behind = loss(both, moved(image, direction, -step), labels);
        double expected = (ahead - behind) / (2 * step);
        double actual = 0;
        for (int i = 0; i < direction.length; i++) {
            actual += (double) gradient[i] * direction[i];
        }
        assertThat(actual).isCloseTo(expected, within(5e-3 * Math.max(1, Math.abs(expected))));
    }

    @Test
    void weightsStayConstantsWhenOnlyInputsAreDifferentiated() {
        Graph gradient = Autodiff.grad(
                classifier(),
                GradientRequest.of("loss.sum")
                        .withRespectTo("x")
                        .withShape("x", 4, 1, 6, 6)
                        .withShape("labels", 4));
        assertThat(gradient.initializers()).containsKey("w");
        assertThat(gradient.inputs()).extracting(ValueInfo::name).containsExactly("x", "labels");
    }

    @Test
    void theSameRequestGivesTheSameGraph() {
        GradientRequest request = GradientRequest.of("loss.sum")
                .withRespectTo("w")
                .withShape("x", 2, 1, 6, 6)
                .withShape("labels", 2);
        byte[] first = OnnxFile.toBytes(Autodiff.valueAndGrad(classifier(), request));
        assertThat(OnnxFile.toBytes(Autodiff.valueAndGrad(classifier(), request)))
                .isEqualTo(first);
    }

    @Test
    void aValueThatIsNotUsedGetsZerosBesideOnesThatAre() {
        GraphBuilder g = GraphBuilder.empty("unused");
        Value x = g.input("x", ElementType.FLOAT, 2);
        g.input("idle", ElementType.FLOAT, 3);
        Graph graph = g.output("y", g.reduceSum(x, ReducedAxes.DROPPED), ElementType.FLOAT)
                .build();
        Graph gradient = Autodiff.grad(graph, GradientRequest.of("y").withRespectTo("x", "idle"));
        Map<String, float[]> results =
                run(gradient, Map.of("x", Tensor.ofFloats(new float[2], 2), "idle", Tensor.ofFloats(new float[3], 3)));
        assertThat(results.get("grad.idle")).containsExactly(0, 0, 0);
        assertThat(results.get("grad.x")).containsExactly(1, 1);
    }

    @Test
    void whenNothingIsConnectedTheErrorSaysWhereTheWayEnds() {
        GraphBuilder g = GraphBuilder.empty("cut");
        Value x = g.input("x", ElementType.FLOAT, 2, 3);
        Value index = g.cast(g.argMax(x, 1, ReducedAxes.DROPPED), ElementType.FLOAT);
        Graph graph = g.output("y", g.reduceSum(index, ReducedAxes.DROPPED), ElementType.FLOAT)
                .build();
        assertThatThrownBy(() -> Autodiff.grad(graph, GradientRequest.of("y").withRespectTo("x")))
                .isInstanceOf(NotDifferentiableException.class)
                .hasMessageContaining("ends at ArgMax");
    }

    @Test
    void anUnknownOperatorIsNamedWithTheWayToIt() {
        GraphBuilder g = GraphBuilder.empty("foreign");
        Value x = g.input("x", ElementType.FLOAT, 2);
        Value y = g.relu(x);
        g.add(new Node("strange", "Wobble", "my.domain", "", List.of(y), List.of(g.named("z")), Map.of()));
        Graph graph = g.output("loss", g.reduceSum(new Value("z"), ReducedAxes.DROPPED), ElementType.FLOAT)
                .build();
        assertThatThrownBy(() -> Autodiff.grad(graph, GradientRequest.of("loss").withRespectTo("x")))
                .isInstanceOfSatisfying(UnsupportedOperatorException.class, problem -> {
                    assertThat(problem.operator()).isEqualTo("my.domain.Wobble");
                    assertThat(problem.node()).contains("'strange'");
                    assertThat(problem.path()).hasSize(3);
                    assertThat(problem.detail()).contains("'x' → Relu");
                });
    }

    @Test
    void aLoopIsRefusedBeforeItIsRun() {
        GraphBuilder g = GraphBuilder.empty("endless");
        Value x = g.input("x", ElementType.FLOAT, 2);
        GraphBuilder body = GraphBuilder.body("body", g);
        body.input("i", ElementType.INT64);
        Value condition = body.input("condition", ElementType.BOOL);
        Value state = body.input("state", ElementType.FLOAT, 2);
        body.output("go", body.identity(condition), ElementType.BOOL);
        body.output("next", body.add(state, state), ElementType.FLOAT, 2);
        Value forever = g.constant(TensorData.ofDoubles(ElementType.BOOL, new double[] {1}));
        Value y = g.node("Loop", List.of(Value.ABSENT, forever, x), Map.of("body", Attribute.of(body.buildBody())));
        Graph graph = g.output("y", y, ElementType.FLOAT, 2).build();
        assertThatThrownBy(() -> Autodiff.vjp(graph, GradientRequest.of("y").withRespectTo("x")))
                .isInstanceOf(UnsupportedOperatorException.class)
                .hasMessageContaining("Loop");
    }

    @Test
    void onlyOneNumberHasAGradient() {
        GraphBuilder g = GraphBuilder.empty("vector");
        Value x = g.input("x", ElementType.FLOAT, 2);
        Graph graph = g.output("y", g.exp(x), ElementType.FLOAT, 2).build();
        assertThatThrownBy(() -> Autodiff.grad(graph, GradientRequest.of("y").withRespectTo("x")))
                .isInstanceOf(NotDifferentiableException.class)
                .hasMessageContaining("one number");
        assertThatThrownBy(() -> Autodiff.grad(graph, GradientRequest.of("y").withRespectTo("nowhere")))
                .isInstanceOf(NotDifferentiableException.class)
                .hasMessageContaining("'nowhere'");
    }

    @Test
    void intermediateValuesHaveGradients() {
        GraphBuilder g = GraphBuilder.empty("middle");
        Value x = g.input("x", ElementType.FLOAT, 2);
        Value middle = g.exp(x);
        Graph graph = g.output("loss", g.reduceSum(g.mul(middle, middle), ReducedAxes.DROPPED), ElementType.FLOAT)
                .build();
        Graph gradient = Autodiff.grad(graph, GradientRequest.of("loss").withRespectTo(middle.name(), "x"));
        Map<String, float[]> results = run(gradient, Map.of("x", Tensor.ofFloats(new float[] {0, 0}, 2)));
        assertThat(results.get("grad." + middle.name())).containsExactly(2, 2);
        assertThat(results.get("grad.x")).containsExactly(2, 2);
    }

    @Test
    void equalMaximaGiveTheCotangentToTheFirst() {
        for (int stride : new int[] {2, 1}) {
            GraphBuilder g = GraphBuilder.empty("ties");
            Value x = g.input("x", ElementType.FLOAT, 1, 1, 2, 2);
            Value y = g.maxPool(x, Window.over(2).stride(stride, stride), 2, 2);
            Graph graph = g.output("loss", g.reduceSum(y, ReducedAxes.DROPPED), ElementType.FLOAT)
                    .build();
            Graph gradient = Autodiff.grad(graph, GradientRequest.of("loss").withRespectTo("x"));
            float[] flat = {5, 5, 5, 5};
            assertThat(run(gradient, Map.of("x", Tensor.ofFloats(flat, 1, 1, 2, 2)))
                            .get("grad.x"))
                    .as("stride " + stride)
                    .containsExactly(1, 0, 0, 0);
        }
    }

    private static float[] moved(float[] from, float[] direction, double step) {
        float[] moved = from.clone();
        for (int i = 0; i < moved.length; i++) {
            moved[i] += (float) (step * direction[i]);
        }
        return moved;
    }

    private static double loss(Graph graph, float[] image, Tensor labels) {
        return run(graph, Map.of("x", Tensor.ofFloats(image, 4, 1, 6, 6), "labels", labels))
                .get("loss.sum")[0];
    }

    /// Convolution, smooth activation, pooling and a linear layer, with the loss appended.
    private static Graph classifier() {
        GraphBuilder g = GraphBuilder.empty("classifier");
        Value x = g.input("x", ElementType.FLOAT, -1, 1, 6, 6);
        Value w = g.initializer("w", TensorData.ofFloats(weights(2 * 9, 1), 2, 1, 3, 3));
        Value hidden = g.tanh(g.conv(x, w, Window.over(2).padAll(1)));
        Value pooled = g.flatten(g.averagePool(hidden, Window.over(2).stride(2, 2), 2, 2), 1);
        Value dense = g.initializer("dense", TensorData.ofFloats(weights(18 * 3, 2), 18, 3));
        g.output("logits", g.matMul(pooled, dense), ElementType.FLOAT, -1, 3);
        return GraphTransforms.appendCrossEntropy(g.build(), "logits");
    }

    private static float[] weights(int count, long seed) {
        Random random = new Random(seed);
        float[] weights = new float[count];
        for (int i = 0; i < count; i++) {
            weights[i] = (float) random.nextGaussian() * 0.5f;
        }
        return weights;
    }

    static Map<String, float[]> run(Graph graph, Map<String, Tensor> inputs) {
        Map<String, float[]> results = new HashMap<>();
        Fixtures.run(graph, inputs).forEach((name, tensor) -> results.put(name, tensor.toFloats()));
        return results;
    }
}
