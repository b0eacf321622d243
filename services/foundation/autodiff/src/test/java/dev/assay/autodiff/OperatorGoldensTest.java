package dev.assay.autodiff;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import dev.assay.onnx.Graph;
import dev.assay.onnx.TensorData;
import dev.assay.onnx.ValueInfo;
import dev.assay.runtime.Tensor;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;
import java.util.stream.StreamSupport;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/// Every recorded operator against PyTorch's gradients in float64, at the tolerances recorded with it.
class OperatorGoldensTest {

    /// Operators that are still to be covered: each must be refused, never differentiated wrongly. Only gets
    /// shorter.
    private static final Set<String> NOT_COVERED =
            Set.of("If", "Loop", "Scan", "GridSample", "LSTM", "GRU", "RNN", "Attention", "RotaryEmbedding");

    private static final Map<String, List<String>> SHAPE_DECIDING = Map.of(
            "compress", List.of("c"), "expand_runtime_shape", List.of("s"), "slice_dynamic_index", List.of("st", "en"));

    static Stream<Arguments> cases() {
        return StreamSupport.stream(Fixtures.index("ops").get("cases").spliterator(), false)
                .map(entry -> Arguments.of(entry.get("case").asText(), entry));
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("cases")
    void gradientsAreThoseOfPyTorch(String name, JsonNode entry) throws IOException {
        Map<String, Tensor> arrays = Fixtures.arrays("ops", name);
        Graph graph = withKnownShapes(Fixtures.model("ops", name), name, arrays);
        Map<String, Tensor> inputs = Fixtures.inputs(graph, arrays);
        GradientRequest request = GradientRequest.of(
                        texts(entry.get("differentiable_outputs")).toArray(new String[0]))
                .withRespectTo(texts(entry.get("grad")))
                .withShapes(Fixtures.shapes(inputs));
        if (texts(entry.get("ops")).stream().anyMatch(NOT_COVERED::contains)) {
            assertThatThrownBy(() -> Autodiff.vjp(graph, request)).isInstanceOf(UnsupportedOperatorException.class);
            return;
        }

        Graph gradients;
        try {
            gradients = Autodiff.vjp(graph, request);
        } catch (NotDifferentiableException e) {
            for (String x : request.withRespectTo()) {
                assertThat(Arrays.stream(Fixtures.doubles(arrays.get("grad." + x)))
                                .map(Math::abs))
                        .as("nothing is connected, so the recorded gradient must be zero: " + e.detail())
                        .containsOnly(0.0);
            }
            return;
        }
        Map<String, Tensor> given = new HashMap<>(inputs);
        for (ValueInfo input : gradients.inputs()) {
            if (input.name().startsWith(Autodiff.COTANGENT)) {
                given.put(input.name(), arrays.get(input.name()));
            }
        }
        Map<String, Tensor> results = Fixtures.run(gradients, given);
        for (String x : request.withRespectTo()) {
            JsonNode tolerance = entry.get("tolerance").get(x);
            assertClose(
                    name + " grad." + x,
                    results.get("grad." + x),
                    arrays.get("grad." + x),
                    tolerance.get("atol").asDouble(),
                    tolerance.get("rtol").asDouble());
        }
    }

    /// Inputs whose values decide over the shape of the output are made constants first.
    static Graph withKnownShapes(Graph graph, String name, Map<String, Tensor> arrays) {
        Map<String, TensorData> values = new HashMap<>();
        for (String deciding : SHAPE_DECIDING.getOrDefault(name, List.of())) {
            Tensor value = arrays.get("input." + deciding);
            values.put(deciding, TensorData.of(value.type(), value.shape(), ByteBuffer.wrap(value.toBytes())));
        }
        return values.isEmpty() ? graph : GraphTransforms.inputsToInitializers(graph, values);
    }

    private static void assertClose(String what, Tensor actual, Tensor expected, double atol, double rtol) {
        assertThat(actual.shape()).as(what).isEqualTo(expected.shape());
        double[] a = Fixtures.doubles(actual);
        double[] b = Fixtures.doubles(expected);
        for (int i = 0; i < b.length; i++) {
            double bound = atol + rtol * Math.abs(b[i]);
            assertThat(Math.abs(a[i] - b[i]) <= bound || a[i] == b[i])
                    .as("%s[%d]: %s instead of %s (bound %s)", what, i, a[i], b[i], bound)
                    .isTrue();
        }
    }

    static List<String> texts(JsonNode array) {
        List<String> texts = new ArrayList<>();
        array.forEach(element -> texts.add(element.asText()));
        return texts;
    }
}
