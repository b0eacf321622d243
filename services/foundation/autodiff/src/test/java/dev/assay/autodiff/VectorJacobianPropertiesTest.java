package dev.assay.autodiff;

import static org.assertj.core.api.Assertions.assertThat;

import dev.assay.onnx.ElementType;
import dev.assay.onnx.Graph;
import dev.assay.onnx.GraphBuilder;
import dev.assay.onnx.Operators.ReducedAxes;
import dev.assay.onnx.Value;
import dev.assay.runtime.Tensor;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.function.BinaryOperator;
import java.util.stream.IntStream;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.Size;
import org.assertj.core.data.Offset;

/// What holds for every function, tried on random chains of smooth operators on a 2×3 matrix.
class VectorJacobianPropertiesTest {

    private static final int SIZE = 6;

    @Property(tries = 20)
    void theProductIsLinearInTheCotangent(@ForAll @Size(min = 1, max = 6) List<@IntRange(max = 7) Integer> chain) {
        Graph vjp = Autodiff.vjp(chain(chain), GradientRequest.of("y").withRespectTo("x"));
        float[] x = numbers(1);
        float[] a = numbers(2);
        float[] b = numbers(3);
        float[] ofSum = product(vjp, x, combined(a, b, (s, t) -> 2 * s + t));
        float[] sumOf = combined(product(vjp, x, a), product(vjp, x, b), (s, t) -> 2 * s + t);
        assertClose(ofSum, sumOf);
    }

    @Property(tries = 20)
    void theGradientOfASumIsTheSumOfGradients(
            @ForAll @Size(min = 1, max = 4) List<@IntRange(max = 7) Integer> first,
            @ForAll @Size(min = 1, max = 4) List<@IntRange(max = 7) Integer> second) {
        float[] x = numbers(4);
        float[] sum = gradient(x, first, second);
        float[] left = gradient(x, first);
        float[] right = gradient(x, second);
        assertClose(sum, combined(left, right, Float::sum));
    }

    @Property(tries = 20)
    void directionalDerivativesAgreeWithCentralDifferences(
            @ForAll @Size(min = 1, max = 5) List<@IntRange(max = 7) Integer> chain) {
        Graph graph = chain(chain);
        Graph vjp = Autodiff.vjp(graph, GradientRequest.of("y").withRespectTo("x"));
        float[] x = numbers(5);
        float[] direction = numbers(6);
        float[] cotangent = numbers(7);
        float step = 5e-3f;
        float[] ahead = values(graph, combined(x, direction, (s, t) -> s + step * t));
        float[] behind = values(graph, combined(x, direction, (s, t) -> s - step * t));
        double expected = 0;
        double scale = 1;
        for (int i = 0; i < SIZE; i++) {
            expected += cotangent[i] * ((double) ahead[i] - behind[i]) / (2 * step);
            scale = Math.max(scale, Math.abs(ahead[i]));
        }
        float[] gradient = product(vjp, x, cotangent);
        double actual = 0;
        for (int i = 0; i < SIZE; i++) {
            actual += (double) gradient[i] * direction[i];
        }
        assertThat(actual).isCloseTo(expected, Offset.offset(2e-2 * Math.max(scale, Math.abs(expected))));
    }

    private static Graph chain(List<Integer> steps) {
        GraphBuilder g = GraphBuilder.empty("chain");
        Value x = g.input("x", ElementType.FLOAT, 2, 3);
        return g.output("y", applied(steps, x, g), ElementType.FLOAT, 2, 3).build();
    }

    private static Value applied(List<Integer> steps, Value x, GraphBuilder g) {
        Value value = x;
        for (int step : steps) {
            value = switch (step) {
                case 0 -> g.tanh(value);
                case 1 -> g.sigmoid(value);
                case 2 -> g.mul(value, x);
                case 3 -> g.softmax(value, 1);
                case 4 -> g.sub(value, g.reduceMean(value, ReducedAxes.KEPT, 0));
                case 5 -> g.sin(value);
                case 6 -> g.transpose(g.reshape(g.transpose(value, 1, 0), 3, 2), 1, 0);
                default -> g.div(value, g.add(g.exp(g.tanh(x)), g.scalar(1)));
            };
        }
        return value;
    }

    @SafeVarargs
    private static float[] gradient(float[] x, List<Integer>... summands) {
        GraphBuilder g = GraphBuilder.empty("sum");
        Value input = g.input("x", ElementType.FLOAT, 2, 3);
        List<Value> terms = java.util.Arrays.stream(summands)
                .map(steps -> applied(steps, input, g))
                .toList();
        Graph graph = g.output("y", g.reduceSum(g.sum(terms), ReducedAxes.DROPPED), ElementType.FLOAT)
                .build();
        Graph gradient = Autodiff.grad(graph, GradientRequest.of("y").withRespectTo("x"));
        return AutodiffTest.run(gradient, Map.of("x", Tensor.ofFloats(x, 2, 3))).get("grad.x");
    }

    private static float[] product(Graph vjp, float[] x, float[] cotangent) {
        return AutodiffTest.run(
                        vjp, Map.of("x", Tensor.ofFloats(x, 2, 3), "cotangent.y", Tensor.ofFloats(cotangent, 2, 3)))
                .get("grad.x");
    }

    private static float[] values(Graph graph, float[] x) {
        return AutodiffTest.run(graph, Map.of("x", Tensor.ofFloats(x, 2, 3))).get("y");
    }

    private static float[] numbers(long seed) {
        Random random = new Random(seed);
        float[] numbers = new float[SIZE];
        for (int i = 0; i < SIZE; i++) {
            numbers[i] = (float) random.nextGaussian();
        }
        return numbers;
    }

    private static float[] combined(float[] a, float[] b, BinaryOperator<Float> operator) {
        float[] result = new float[a.length];
        IntStream.range(0, a.length).forEach(i -> result[i] = operator.apply(a[i], b[i]));
        return result;
    }

    private static void assertClose(float[] actual, float[] expected) {
        for (int i = 0; i < expected.length; i++) {
            assertThat(actual[i]).isCloseTo(expected[i], Offset.offset(1e-5f * Math.max(1, Math.abs(expected[i]))));
        }
    }
}
