package dev.assay.autodiff.rules;

import static dev.assay.autodiff.rules.GradientBuilder.axis;
import static dev.assay.autodiff.rules.GradientBuilder.concatenated;
import static dev.assay.autodiff.rules.GradientBuilder.product;
import static dev.assay.autodiff.rules.GradientBuilder.range;

import dev.assay.onnx.Node;
import dev.assay.onnx.Operators.ReducedAxes;
import dev.assay.onnx.Value;
import java.util.Arrays;
import java.util.List;

/// Normalisations. x̂ = (x − μ)·r is the normalised input, r = 1/√(σ² + ε); all but BatchNormalization at
/// inference share `dx = r·(ds − mean(ds) − x̂·mean(ds·x̂))` with ds = dy·scale, the means over the normalised
/// axes.
final class NormalisationRules {

    private NormalisationRules() {}

    static void register(RuleTable table) {
        table.unary("Softmax", NormalisationRules::softmax)
                .unary("LogSoftmax", NormalisationRules::logSoftmax)
                .put("BatchNormalization", NormalisationRules::batchNormalization)
                .put("LayerNormalization", NormalisationRules::layerNormalization)
                .one("InstanceNormalization", NormalisationRules::instanceNormalization)
                .one("GroupNormalization", NormalisationRules::groupNormalization)
                .one("RMSNormalization", NormalisationRules::rootMeanSquareNormalization)
                .unary("MeanVarianceNormalization", NormalisationRules::meanVarianceNormalization)
                .unary("LpNormalization", NormalisationRules::lpNormalization)
                .unary("LRN", NormalisationRules::localResponseNormalization);
    }

    /// With y = softmax(x): dx = y · (dy − Σ dy·y).
    private static Value softmax(Node n, Value dy, GradientBuilder g) {
        Value y = n.output(0);
        Value weighted = g.mul(dy, y);
        return g.sub(weighted, g.mul(y, g.reduceSum(weighted, ReducedAxes.KEPT, n.axis(-1))));
    }

    /// With y = log softmax(x): dx = dy − exp(y) · Σ dy.
    private static Value logSoftmax(Node n, Value dy, GradientBuilder g) {
        return g.sub(dy, g.mul(g.exp(n.output(0)), g.reduceSum(dy, ReducedAxes.KEPT, n.axis(-1))));
    }

    /// Inference: y = (x − μ)·r·s + b with given μ and σ²: dx = dy·s·r, ds = Σ dy·x̂, db = Σ dy, dμ = −s·r·db,
    /// dσ² = −½·s·r²·Σ dy·x̂. Training: see {@link #batchNormalizationTraining}.
    private static List<Value> batchNormalization(Node n, List<Value> cotangents, GradientBuilder g) {
        if (n.flag("training_mode")) {
            return batchNormalizationTraining(n, cotangents, g);
        }
        Value dy = cotangents.getFirst();
        if (!dy.isPresent()) {
            return List.of();
        }
        Value x = n.input(0);
        Value scale = n.input(1);
        long[] perChannel = perChannel(g.rank(x), g.size(scale));
        Value r = inverseDeviation(n.input(4), n, g);
        Value slope = g.mul(scale, r);
        Value dx = g.mul(dy, g.reshape(slope, perChannel));
        if (!g.wants(scale) && !g.wants(n.input(2)) && !g.wants(n.input(3)) && !g.wants(n.input(4))) {
            return List.of(dx);
        }
        long[] others = allButChannel(g.rank(x));
        Value db = g.sumOver(dy, others);
        Value normalised = g.mul(g.sub(x, g.reshape(n.input(3), perChannel)), g.reshape(r, perChannel));
        Value ds = g.sumOver(g.mul(dy, normalised), others);
        Value dMean = g.neg(g.mul(slope, db));
        Value dVariance = g.mul(g.mul(slope, g.mul(r, ds)), g.like(x, -0.5));
        return List.of(dx, ds, db, dMean, dVariance);
    }

    /// μ and σ² (biased) come from the batch. The running statistics m·old + (1 − m)·batch are outputs 1 and 2:
    /// their cotangents reach x through μ and σ², and the old ones by the factor m.
    private static List<Value> batchNormalizationTraining(Node n, List<Value> cotangents, GradientBuilder g) {
        Value x = n.input(0);
        Value scale = n.input(1);
        long[] perChannel = perChannel(g.rank(x), g.size(scale));
        long[] others = allButChannel(g.rank(x));
        double count = (double) g.size(x) / g.size(scale);
        float momentum = n.real("momentum", 0.9f);
        Value centred = g.sub(x, g.reduceMean(x, ReducedAxes.KEPT, others));
        Value variance = g.reduceMean(g.mul(centred, centred), ReducedAxes.KEPT, others);
        Value r = inverseDeviation(variance, n, g);
        Value normalised = g.mul(centred, r);
        Value dy = g.orZeros(cotangents.getFirst(), x);
        Value dx = normalisedGradient(g.mul(dy, g.reshape(scale, perChannel)), normalised, r, g, others);
        Value dOldMean = Value.ABSENT;
        Value dOldVariance = Value.ABSENT;
        if (cotangents.size() > 1 && cotangents.get(1).isPresent()) {
            dOldMean = g.mul(cotangents.get(1), g.like(x, momentum));
            Value share = g.mul(cotangents.get(1), g.like(x, (1 - momentum) / count));
            dx = g.add(dx, g.reshape(share, perChannel));
        }
        if (cotangents.size() > 2 && cotangents.get(2).isPresent()) {
            dOldVariance = g.mul(cotangents.get(2), g.like(x, momentum));
            Value share = g.mul(cotangents.get(2), g.like(x, 2 * (1 - momentum) / count));
            dx = g.add(dx, g.mul(g.reshape(share, perChannel), centred));
        }
        return List.of(dx, g.sumOver(g.mul(dy, normalised), others), g.sumOver(dy, others), dOldMean, dOldVariance);
    }

    /// Over the axes from `axis` on. Outputs 1 and 2, if used, are μ and r: dx += dμ/m − dr·r²·x̂/m.
    private static List<Value> layerNormalization(Node n, List<Value> cotangents, GradientBuilder g) {
        Value x = n.input(0);
        Value scale = n.input(1);
        int rank = g.rank(x);
        int first = axis(n.axis(-1), rank);
        long[] axes = range(first, rank);
        double count = product(Arrays.copyOfRange(g.shapeOf(x), first, rank));
        Value mean = g.extraOutput(n, 1);
        Value r = g.extraOutput(n, 2);
        Value normalised = g.mul(g.sub(x, mean), r);
        Value dy = g.orZeros(cotangents.getFirst(), x);
        Value dx = normalisedGradient(g.mul(dy, scale), normalised, r, g, axes);
        if (cotangents.size() > 1 && cotangents.get(1).isPresent()) {
            dx = g.add(dx, g.mul(cotangents.get(1), g.like(x, 1 / count)));
        }
        if (cotangents.size() > 2 && cotangents.get(2).isPresent()) {
            Value share = g.mul(g.mul(cotangents.get(2), g.mul(r, r)), g.like(x, -1 / count));
            dx = g.add(dx, g.mul(share, normalised));
        }
        Value ds = g.wants(scale) ? g.unbroadcast(g.mul(dy, normalised), x, scale) : Value.ABSENT;
        return n.hasInput(2) ? List.of(dx, ds, g.unbroadcast(dy, x, n.input(2))) : List.of(dx, ds);
    }

    /// Over the spatial axes of each sample and channel.
    private static List<Value> instanceNormalization(Node n, Value dy, GradientBuilder g) {
        Value x = n.input(0);
        int rank = g.rank(x);
        Value scale = g.reshape(n.input(1), perChannel(rank, g.size(n.input(1))));
        long[] axes = range(2, rank);
        Value centred = g.sub(x, g.reduceMean(x, ReducedAxes.KEPT, axes));
        Value r = inverseDeviation(g.reduceMean(g.mul(centred, centred), ReducedAxes.KEPT, axes), n, g);
        Value normalised = g.mul(centred, r);
        long[] others = allButChannel(rank);
        return List.of(
                normalisedGradient(g.mul(dy, scale), normalised, r, g, axes),
                g.sumOver(g.mul(dy, normalised), others),
                g.sumOver(dy, others));
    }

    /// Over the channels of each group and the spatial axes. Scale and bias are per channel, or per group in the
    /// first form of the operator (opset 18).
    private static List<Value> groupNormalization(Node n, Value dy, GradientBuilder g) {
        Value x = n.input(0);
        long[] shape = g.shapeOf(x);
        long groups = n.integer("num_groups", 1);
        long perGroup = shape[1] / groups;
        long places = product(Geometry.spatial(shape));
        long[] split = {shape[0], groups, perGroup, places};
        long parameters = g.size(n.input(1));
        long[] parameterShape =
                parameters == groups ? new long[] {1, groups, 1, 1} : new long[] {1, groups, perGroup, 1};
        long[] summed = parameters == groups ? new long[] {0, 2, 3} : new long[] {0, 3};
        Value grouped = g.reshape(x, split);
        Value centred = g.sub(grouped, g.reduceMean(grouped, ReducedAxes.KEPT, 2, 3));
        Value r = inverseDeviation(g.reduceMean(g.mul(centred, centred), ReducedAxes.KEPT, 2, 3), n, g);
        Value normalised = g.mul(centred, r);
        Value dGrouped = g.reshape(dy, split);
        Value scaled = g.mul(dGrouped, g.reshape(n.input(1), parameterShape));
        Value dx = g.reshape(normalisedGradient(scaled, normalised, r, g, 2, 3), shape);
        return List.of(
                dx,
                g.reshapeLike(g.sumOver(g.mul(dGrouped, normalised), summed), n.input(1)),
                g.reshapeLike(g.sumOver(dGrouped, summed), n.input(2)));
    }

    /// y = x·r·s, r = 1/√(mean(x²) + ε): dx = r·(ds − x̂·mean(ds·x̂)), x̂ = x·r.
    private static List<Value> rootMeanSquareNormalization(Node n, Value dy, GradientBuilder g) {
        Value x = n.input(0);
        Value scale = n.input(1);
        int rank = g.rank(x);
        long[] axes = range(axis(n.axis(-1), rank), rank);
        Value r = inverseDeviation(g.reduceMean(g.mul(x, x), ReducedAxes.KEPT, axes), n, g);
        Value normalised = g.mul(x, r);
        Value scaled = g.mul(dy, scale);
        Value along = g.mul(normalised, g.reduceMean(g.mul(scaled, normalised), ReducedAxes.KEPT, axes));
        Value dx = g.mul(r, g.sub(scaled, along));
        return List.of(dx, g.unbroadcast(g.mul(dy, normalised), x, scale));
    }

    /// y = (x − μ)/(σ + ε') with ONNX's ε' = 10⁻⁹ beside σ, so r = 1/σ up to rounding.
    private static Value meanVarianceNormalization(Node n, Value dy, GradientBuilder g) {
        Value x = n.input(0);
        long[] axes = n.integers("axes", 0, 2, 3);
        Value centred = g.sub(x, g.reduceMean(x, ReducedAxes.KEPT, axes));
        Value r = g.reciprocal(g.sqrt(g.reduceMean(g.mul(centred, centred), ReducedAxes.KEPT, axes)));
        return normalisedGradient(dy, n.output(0), r, g, axes);
    }

    /// p = 2: y = x/‖x‖, dx = (dy − y·Σ dy·y)/‖x‖. p = 1: dx = (dy − sign(x)·Σ dy·y)/‖x‖₁. 0 where the norm is 0.
    private static Value lpNormalization(Node n, Value dy, GradientBuilder g) {
        Value x = n.input(0);
        Value y = n.output(0);
        long axis = n.axis(-1);
        boolean squared = n.integer("p", 2) == 2;
        Value norm = g.reduce(squared ? "ReduceL2" : "ReduceL1", x, ReducedAxes.KEPT, axis);
        Value dot = g.reduceSum(g.mul(dy, y), ReducedAxes.KEPT, axis);
        Value direction = squared ? y : g.sign(x);
        Value zero = g.equal(norm, g.like(x, 0));
        Value dx = g.div(g.sub(dy, g.mul(direction, dot)), g.where(zero, g.like(x, 1), norm));
        return g.where(zero, g.like(x, 0), dx);
    }

    /// D = k + α/n·Σ_window x², y = x·D^−β: dx = dy·D^−β − 2αβ/n · x·Σ_window'(dy·y/D), where window' is the
    /// mirrored window: the channels whose window contains this one.
    private static Value localResponseNormalization(Node n, Value dy, GradientBuilder g) {
        Value x = n.input(0);
        long size = n.integer("size", 1);
        long channels = g.shapeOf(x)[1];
        double alpha = n.real("alpha", 1e-4f);
        double beta = n.real("beta", 0.75f);
        double[] window = new double[Math.toIntExact(channels * channels)];
        for (long from = 0; from < channels; from++) {
            for (long to = 0; to < channels; to++) {
                boolean inside = from >= to - (size - 1) / 2 && from <= to + size - 1 - (size - 1) / 2;
                window[(int) (from * channels + to)] = inside ? 1 : 0;
            }
        }
        Value matrix = g.constant(dev.assay.onnx.TensorData.ofDoubles(g.typeOf(x), window, channels, channels));
        Value squares = g.alongAxis(g.mul(x, x), g.rank(x), 1, matrix);
        Value d = g.add(g.mul(squares, g.like(x, alpha / size)), g.like(x, n.real("bias", 1f)));
        Value power = g.pow(d, g.like(x, -beta));
        Value contributions = g.div(g.mul(dy, g.mul(x, power)), d);
        Value gathered = g.alongAxis(contributions, g.rank(x), 1, g.transpose(matrix, 1, 0));
        return g.sub(g.mul(dy, power), g.mul(g.mul(x, gathered), g.like(x, 2 * alpha * beta / size)));
    }

    private static Value normalisedGradient(Value scaled, Value normalised, Value r, GradientBuilder g, long... axes) {
        Value mean = g.reduceMean(scaled, ReducedAxes.KEPT, axes);
        Value along = g.mul(normalised, g.reduceMean(g.mul(scaled, normalised), ReducedAxes.KEPT, axes));
        return g.mul(r, g.sub(g.sub(scaled, mean), along));
    }

    private static Value inverseDeviation(Value variance, Node n, GradientBuilder g) {
        return g.reciprocal(g.sqrt(g.add(variance, g.like(n.input(0), n.real("epsilon", 1e-5f)))));
    }

    private static long[] perChannel(int rank, long channels) {
        long[] shape = Geometry.ones(Math.max(rank, 2));
        shape[1] = channels;
        return shape;
    }

    private static long[] allButChannel(int rank) {
        return concatenated(new long[] {0}, range(2, rank));
    }
}
