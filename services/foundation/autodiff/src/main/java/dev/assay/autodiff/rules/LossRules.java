package dev.assay.autodiff.rules;

import dev.assay.onnx.ElementType;
import dev.assay.onnx.Node;
import dev.assay.onnx.Operators.ReducedAxes;
import dev.assay.onnx.TensorData;
import dev.assay.onnx.Value;
import java.util.List;

/// Losses with integer labels. w is the weight of each position: that of its label, 0 where the label is to be
/// ignored; a mean divides by the sum of the weights.
final class LossRules {

    private LossRules() {}

    static void register(RuleTable table) {
        table.put("SoftmaxCrossEntropyLoss", LossRules::softmaxCrossEntropy)
                .unary("NegativeLogLikelihoodLoss", LossRules::negativeLogLikelihood);
    }

    /// y = −w·log softmax(x)[label]: dx = dy·w·(softmax(x) − onehot(label)). Output 1 is log softmax(x), whose
    /// own cotangent e adds e − softmax(x)·Σ e.
    private static List<Value> softmaxCrossEntropy(Node n, List<Value> cotangents, GradientBuilder g) {
        Value logProbabilities = g.extraOutput(n, 1);
        Value probabilities = g.exp(logProbabilities);
        Value dx = Value.ABSENT;
        if (cotangents.getFirst().isPresent()) {
            Positions positions = Positions.of(n, cotangents.getFirst(), g);
            dx = g.mul(g.sub(probabilities, positions.oneHot()), positions.weightedCotangent());
        }
        if (cotangents.size() > 1 && cotangents.get(1).isPresent()) {
            Value e = cotangents.get(1);
            Value own = g.sub(e, g.mul(probabilities, g.reduceSum(e, ReducedAxes.KEPT, 1)));
            dx = dx.isPresent() ? g.add(dx, own) : own;
        }
        return List.of(dx);
    }

    /// y = −w·x[label]: dx = −dy·w·onehot(label).
    private static Value negativeLogLikelihood(Node n, Value dy, GradientBuilder g) {
        Positions positions = Positions.of(n, dy, g);
        return g.neg(g.mul(positions.oneHot(), positions.weightedCotangent()));
    }

    /// @param oneHot of the labels along axis 1
    /// @param weightedCotangent dy·w (divided by the sum of the weights for a mean), with axis 1 of length 1
    private record Positions(Value oneHot, Value weightedCotangent) {

        static Positions of(Node n, Value dy, GradientBuilder g) {
            Value x = n.input(0);
            Value labels =
                    g.typeOf(n.input(1)) == ElementType.INT64 ? n.input(1) : g.cast(n.input(1), ElementType.INT64);
            long[] shape = g.shapeOf(x);
            long[] perPosition = shape.clone();
            perPosition[1] = 1;
            Value onOff = g.constant(TensorData.ofDoubles(g.typeOf(x), new double[] {0, 1}, 2));
            boolean ignoring = n.has("ignore_index");
            Value ignored = Value.ABSENT;
            Value known = labels;
            if (ignoring) {
                Value index = g.scalar(ElementType.INT64, n.integer("ignore_index", 0));
                ignored = g.equal(labels, index);
                known = g.where(ignored, g.scalar(ElementType.INT64, 0), labels);
            }
            Value oneHot = g.oneHot(known, g.longs(shape[1]), onOff, 1);
            Value weights = n.hasInput(2) ? g.gather(n.input(2), known, 0) : Value.ABSENT;
            if (ignoring) {
                weights = g.where(ignored, g.like(x, 0), weights.isPresent() ? weights : g.like(x, 1));
            }
            String reduction = n.text("reduction", "mean");
            Value scaled = reduction.equals("none") ? g.reshape(dy, perPosition) : dy;
            if (weights.isPresent()) {
                scaled = g.mul(scaled, g.reshape(weights, perPosition));
            }
            if (reduction.equals("mean")) {
                Value total =
                        weights.isPresent() ? g.reduceSum(weights, ReducedAxes.DROPPED) : g.like(x, g.size(n.input(1)));
                scaled = g.div(scaled, total);
            }
            return new Positions(oneHot, scaled);
        }
    }
}
