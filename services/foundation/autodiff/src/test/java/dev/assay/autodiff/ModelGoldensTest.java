package dev.assay.autodiff;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import dev.assay.onnx.Attribute;
import dev.assay.onnx.Dimension;
import dev.assay.onnx.ElementType;
import dev.assay.onnx.Graph;
import dev.assay.onnx.GraphBuilder;
import dev.assay.onnx.Node;
import dev.assay.onnx.Operators.ReducedAxes;
import dev.assay.onnx.Value;
import dev.assay.onnx.ValueInfo;
import dev.assay.runtime.Tensor;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import java.util.stream.StreamSupport;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/// Whole networks from PyTorch's two exporters: gradients of the loss with respect to the input and every
/// parameter.
class ModelGoldensTest {

    private static final double TOLERANCE = 1e-4;

    /// Networks with operators that are still to be covered.
    private static final List<String> NOT_COVERED = List.of("lstm_classifier");

    static Stream<Arguments> models() {
        return StreamSupport.stream(Fixtures.index("models").get("models").spliterator(), false)
                .map(entry -> Arguments.of(entry.get("model").asText(), entry));
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("models")
    void gradientsAreThoseOfPyTorch(String name, JsonNode entry) throws IOException {
        Map<String, Tensor> arrays = Fixtures.arrays("models", name);
        Graph graph = withLoss(Fixtures.model("models", name), arrays);
        Map<String, Tensor> inputs = Fixtures.inputs(graph, arrays);
        List<String> wanted = arrays.keySet().stream()
                .filter(key -> key.startsWith("grad."))
                .map(key -> key.replaceFirst("grad\\.(input|param)\\.", ""))
                .toList();
        GradientRequest request =
                GradientRequest.of("total").withRespectTo(wanted).withShapes(Fixtures.shapes(inputs));
        if (NOT_COVERED.stream().anyMatch(name::startsWith)) {
            assertThatThrownBy(() -> Autodiff.valueAndGrad(graph, request))
                    .isInstanceOf(UnsupportedOperatorException.class);
            return;
        }

        Graph gradients = Autodiff.valueAndGrad(graph, request);
        Map<String, Tensor> results = Fixtures.run(gradients, inputs);

        assertThat((double) results.get("total").floatAt(0))
                .isCloseTo(Fixtures.doubles(arrays.get("loss"))[0], within(1e-4));
        double largest = arrays.entrySet().stream()
                .filter(array -> array.getKey().startsWith("grad."))
                .mapToDouble(array -> norm(array.getValue()))
                .max()
                .orElseThrow();
        arrays.forEach((key, expected) -> {
            if (key.startsWith("grad.")) {
                Tensor actual = results.get("grad." + key.replaceFirst("grad\\.(input|param)\\.", ""));
                if (norm(expected) < 1e-6 * largest) {
                    assertThat(norm(actual)).as(name + " " + key).isLessThan(1e-5 * largest);
                } else {
                    assertThat(Fixtures.relativeError(actual, expected))
                            .as(name + " " + key)
                            .isLessThan(TOLERANCE);
                }
            }
        });
    }

    private static double norm(Tensor tensor) {
        double sum = 0;
        for (double value : Fixtures.doubles(tensor)) {
            sum += value * value;
        }
        return Math.sqrt(sum);
    }

    /// Appends `total`: the mean cross-entropy over all label positions, or Σ cotangent·output.
    private static Graph withLoss(Graph graph, Map<String, Tensor> arrays) {
        GraphBuilder g = GraphBuilder.from(graph).withoutOutputs();
        Value total;
        if (arrays.containsKey("labels")) {
            ValueInfo logits = graph.outputs().getFirst();
            int rank = logits.dimensions().size();
            Value x = new Value(logits.name());
            Value classesSecond = rank == 3 ? g.transpose(x, 0, 2, 1) : x;
            List<Dimension> free = Collections.nCopies(rank - 1, Dimension.unknown());
            Value labels = g.input(new ValueInfo("labels", ElementType.INT64, free));
            total = g.node(
                    "SoftmaxCrossEntropyLoss",
                    List.of(classesSecond, labels),
                    Map.of("reduction", Attribute.of("mean")));
        } else {
            List<Value> terms = new ArrayList<>();
            for (ValueInfo output : graph.outputs()) {
                Tensor cotangent = arrays.get("cotangent." + output.name());
                if (cotangent != null) {
                    Value weight =
                            g.input(ValueInfo.of("cotangent." + output.name(), ElementType.FLOAT, cotangent.shape()));
                    terms.add(g.reduceSum(g.mul(weight, new Value(output.name())), ReducedAxes.DROPPED));
                }
            }
            total = g.sum(terms);
        }
        g.add(Node.of("Identity", List.of(total), List.of(g.named("total")), new HashMap<>()));
        return g.output(ValueInfo.of("total", ElementType.FLOAT)).build();
    }
}
