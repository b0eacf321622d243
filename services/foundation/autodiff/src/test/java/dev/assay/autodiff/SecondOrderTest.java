package dev.assay.autodiff;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
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
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;
import java.util.stream.StreamSupport;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/// Gradients of gradients: ∂/∂X of Σ ⟨grad.Z, tangent.Z⟩, against PyTorch's recorded Hessian-vector products.
class SecondOrderTest {

    /// Relative L2 error that the fixtures ask for, and what they allow for steep functions.
    private static final double TOLERANCE = 1e-4;
    private static final double STEEP_TOLERANCE = 1e-3;
    private static final Set<String> STEEP = Set.of("sigmoid_extreme", "softplus_extreme");

    private static final Set<String> NOT_COVERED =
            Set.of("If", "Loop", "Scan", "GridSample", "LSTM", "GRU", "RNN", "Attention", "RotaryEmbedding");

    static Stream<Arguments> cases() {
        return StreamSupport.stream(Fixtures.index("ops").get("cases").spliterator(), false)
                .filter(entry ->
                        OperatorGoldensTest.texts(entry.get("second_order")).contains("hvp"))
                .filter(entry -> !entry.get("convention_dependent").asBoolean())
                .filter(entry ->
                        OperatorGoldensTest.texts(entry.get("ops")).stream().noneMatch(NOT_COVERED::contains))
                .map(entry -> Arguments.of(entry.get("case").asText(), entry));
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("cases")
    void hessianVectorProductsAreThoseOfPyTorch(String name, JsonNode entry) throws IOException {
        Map<String, Tensor> arrays = Fixtures.arrays("ops", name);
        Graph graph = OperatorGoldensTest.withKnownShapes(Fixtures.model("ops", name), name, arrays);
        List<String> wanted = OperatorGoldensTest.texts(entry.get("grad"));
        Map<String, Tensor> given = new HashMap<>(Fixtures.inputs(graph, arrays));
        Graph first;
        Graph second;
        try {
            first = Autodiff.vjp(
                    graph,
                    GradientRequest.of(OperatorGoldensTest.texts(entry.get("differentiable_outputs"))
                                    .toArray(new String[0]))
                            .withRespectTo(wanted)
                            .withShapes(Fixtures.shapes(given)));
            second = Autodiff.grad(
                    dotWithTangents(first, wanted, arrays),
                    GradientRequest.of("directional").withRespectTo(wanted).named("hvp."));
        } catch (NotDifferentiableException e) {
            for (String x : wanted) {
                if (arrays.containsKey("hvp." + x)) {
                    assertThat(maximum(arrays.get("hvp." + x))).as(e.detail()).isZero();
                }
            }
            return;
        }
        for (ValueInfo input : second.inputs()) {
            given.putIfAbsent(input.name(), arrays.get(input.name()));
        }
        given.keySet().retainAll(second.inputs().stream().map(ValueInfo::name).toList());
        Map<String, Tensor> results = Fixtures.run(second, given);
        double largest = wanted.stream()
                .filter(x -> arrays.containsKey("hvp." + x))
                .mapToDouble(x -> maximum(arrays.get("hvp." + x)))
                .max()
                .orElse(0);
        for (String x : wanted) {
            Tensor expected = arrays.get("hvp." + x);
            if (expected == null) {
                continue;
            }
            if (maximum(expected) <= 1e-5 * Math.max(1, largest)) {
                assertThat(maximum(results.get("hvp." + x))).as(x).isLessThan(1e-3 * Math.max(1, largest));
            } else {
                assertThat(Fixtures.relativeError(results.get("hvp." + x), expected))
                        .as(name + " hvp." + x)
                        .isLessThan(STEEP.contains(name) ? STEEP_TOLERANCE : TOLERANCE);
            }
        }
    }

    /// Σ ⟨grad.Z, tangent.Z⟩ as the output `directional`.
    private static Graph dotWithTangents(Graph graph, List<String> wanted, Map<String, Tensor> arrays) {
        GraphBuilder g = GraphBuilder.from(graph).withoutOutputs();
        List<Value> terms = new ArrayList<>();
        for (String z : wanted) {
            Tensor tangent = arrays.get("tangent." + z);
            Value direction = g.input(ValueInfo.of("tangent." + z, tangent.type(), tangent.shape()));
            Value product = g.mul(direction, new Value("grad." + z));
            Value term = tangent.rank() == 0 ? product : g.reduceSum(product, ReducedAxes.DROPPED);
            terms.add(tangent.type() == ElementType.FLOAT ? term : g.cast(term, ElementType.FLOAT));
        }
        g.add(Node.of("Identity", List.of(g.sum(terms)), List.of(g.named("directional")), Map.of()));
        return g.output(ValueInfo.of("directional", ElementType.FLOAT)).build();
    }

    private static double maximum(Tensor tensor) {
        double largest = 0;
        for (double value : Fixtures.doubles(tensor)) {
            largest = Math.max(largest, Math.abs(value));
        }
        return largest;
    }
}
