package dev.assay.training;

import dev.assay.data.ImageShape;
import dev.assay.onnx.Dimension;
import dev.assay.onnx.Node;
import dev.assay.onnx.Value;
import dev.assay.onnx.ValueInfo;
import dev.assay.runtime.ShapeInference;
import java.util.List;
import java.util.Map;

/// How much arithmetic one training step is, and how many threads are worth sharing it.
///
/// @param operations floating-point operations of a step, reckoned from the model's convolutions and matrix
///     products, multiplications and additions counted each
record StepCost(double operations) {

    /// A step goes forward once, and backward once for the activations and once for the weights.
    private static final double PASSES = 3;

    /// Some exporters write batches of one image as no batch.
    private static final int TRIAL_BATCH = 2;

    /// What each thread must have to do before it is worth waking: with less, the threads of a step, which meet after
    /// each operator, wait longer than they work. Between the two networks measured (docs/training.md).
    static final double WORTH_A_THREAD = 1e9;

    /// @param batchSize images of a step
    static StepCost of(TrainableModel model, int batchSize, ImageShape imageShape) {
        Map<String, ValueInfo> values =
                ShapeInference.concrete(model.graph(), Map.of(model.images(), imageShape.batch(TRIAL_BATCH)));
        double trial = model.graph().nodes().stream()
                .mapToDouble(node -> operations(node, values))
                .sum();
        return new StepCost(PASSES * trial * batchSize / TRIAL_BATCH);
    }

    /// The same for the same model, batch size and image shape, at all times.
    ///
    /// @param most processors that may be used
    int threads(int most) {
        return (int) Math.clamp(operations / WORTH_A_THREAD, 1, most);
    }

    private static double operations(Node node, Map<String, ValueInfo> values) {
        return switch (node.operator()) {
            // [N,M,…] from weights [M,C/groups,…]: each value out is a sum over C/groups × kernel products
            case "Conv" -> 2 * elements(node.output(0), values) * elementsPerRow(node.input(1), values);
            // [N,C,…] with weights [C,M/groups,…]: each value in goes into M/groups × kernel sums
            case "ConvTranspose" -> 2 * elements(node.input(0), values) * elementsPerRow(node.input(1), values);
            case "MatMul" ->
                2
                        * elements(node.output(0), values)
                        * shape(node.input(0), values).last();
            case "Gemm" -> {
                Shape left = shape(node.input(0), values);
                yield 2 * elements(node.output(0), values) * (node.flag("transA") ? left.first() : left.last());
            }
            default -> 0;
        };
    }

    private static double elements(Value value, Map<String, ValueInfo> values) {
        return shape(value, values).elements();
    }

    private static double elementsPerRow(Value value, Map<String, ValueInfo> values) {
        Shape shape = shape(value, values);
        return shape.elements() / Math.max(1, shape.first());
    }

    private static Shape shape(Value value, Map<String, ValueInfo> values) {
        return new Shape(values.get(value.name()).dimensions().stream()
                .map(Dimension.Fixed.class::cast)
                .map(Dimension.Fixed::length)
                .toList());
    }

    private record Shape(List<Long> lengths) {

        double elements() {
            return lengths.stream().mapToDouble(Long::doubleValue).reduce(1, (a, b) -> a * b);
        }

        double first() {
            return lengths.isEmpty() ? 1 : lengths.getFirst();
        }

        double last() {
            return lengths.isEmpty() ? 1 : lengths.getLast();
        }
    }
}
