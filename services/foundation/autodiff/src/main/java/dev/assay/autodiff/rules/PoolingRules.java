package dev.assay.autodiff.rules;

import static dev.assay.autodiff.rules.GradientBuilder.concatenated;
import static dev.assay.autodiff.rules.GradientBuilder.product;
import static dev.assay.autodiff.rules.GradientBuilder.range;

import dev.assay.onnx.ElementType;
import dev.assay.onnx.Node;
import dev.assay.onnx.Operators.ReducedAxes;
import dev.assay.onnx.TensorData;
import dev.assay.onnx.Value;
import dev.assay.onnx.Window;
import java.util.Arrays;

/// Pooling windows. Where several elements share the maximum, MaxPool gives the cotangent to the first of them,
/// as PyTorch does; GlobalMaxPool shares it evenly.
final class PoolingRules {

    private PoolingRules() {}

    static void register(RuleTable table) {
        table.unary("MaxPool", PoolingRules::maxPool)
                .unary("AveragePool", PoolingRules::averagePool)
                .unary("LpPool", PoolingRules::lpPool)
                // dx = dy / places, repeated
                .unary("GlobalAveragePool", (n, dy, g) -> {
                    long places = product(Geometry.spatial(g.shapeOf(n.input(0))));
                    return g.expand(g.scaled(dy, g.typeOf(n.input(0)), 1.0 / places), g.shapeOf(n.input(0)));
                })
                // dx = dy where x = y, divided by how many there are
                .unary("GlobalMaxPool", (n, dy, g) -> {
                    Value x = n.input(0);
                    Value attained = g.indicator(g.equal(x, n.output(0)), x);
                    Value count = g.reduceSum(attained, ReducedAxes.KEPT, range(2, g.rank(x)));
                    return g.mul(attained, g.div(dy, count));
                })
                // dx = x·|x|ᵖ⁻² · dy·y¹⁻ᵖ
                .unary("GlobalLpPool", (n, dy, g) -> {
                    Value x = n.input(0);
                    double p = n.integer("p", 2);
                    return g.mul(signedPower(x, p, g), perNorm(dy, n.output(0), x, p, g));
                });
    }

    /// With I the index of the maximum of each place: dx[I] += dy. Windows that tile the input are unrolled
    /// instead: every element compares its own index with I of its place, which needs no scatter and is several
    /// times faster.
    private static Value maxPool(Node n, Value dy, GradientBuilder g) {
        Value x = n.input(0);
        Geometry geometry = geometry(n, g);
        Value indices = g.extraOutput(n, 1);
        if (n.integer("storage_order", 0) == 0 && TiledMaxPool.fits(g.typeOf(x), geometry)) {
            return TiledMaxPool.gradient(x, dy, indices, geometry, g);
        }
        long size = g.size(x);
        Value flat = g.scatterElementsAdd(
                g.zeros(g.typeOf(x), size), g.reshape(rowMajor(n, indices, geometry, g), -1), g.reshape(dy, -1), 0);
        return g.reshapeLike(flat, x);
    }

    /// Indices count in column-major order over the last two axes when `storage_order` is 1.
    private static Value rowMajor(Node n, Value indices, Geometry geometry, GradientBuilder g) {
        if (n.integer("storage_order", 0) == 0) {
            return indices;
        }
        int d = geometry.rank();
        long rows = geometry.input()[d - 2];
        long columns = geometry.input()[d - 1];
        Value plane = g.longs(rows * columns);
        Value within = g.node("Mod", indices, plane);
        Value row = g.node("Mod", within, g.longs(rows));
        Value column = g.div(within, g.longs(rows));
        Value start = g.sub(indices, within);
        return g.add(start, g.add(g.mul(row, g.longs(columns)), column));
    }

    /// Each place gives dy / count to what it averaged; as a depthwise transposed convolution with ones.
    private static Value averagePool(Node n, Value dy, GradientBuilder g) {
        Geometry geometry = geometry(n, g);
        ElementType type = g.typeOf(n.input(0));
        double[] counts = counts(geometry, n.flag("count_include_pad"));
        boolean uniform = Arrays.stream(counts).allMatch(count -> count == counts[0]);
        double[] shares = Arrays.stream(counts).map(count -> 1 / count).toArray();
        Value share = uniform
                ? g.scaled(dy, type, shares[0])
                : g.mul(dy, g.constant(TensorData.ofDoubles(type, shares, geometry.output())));
        return spread(share, n.input(0), geometry, g);
    }

    /// y = (Σ |x|ᵖ)^(1/p): dx = x·|x|ᵖ⁻² ⊙ spread(dy·y¹⁻ᵖ).
    private static Value lpPool(Node n, Value dy, GradientBuilder g) {
        Value x = n.input(0);
        double p = n.integer("p", 2);
        return g.mul(signedPower(x, p, g), spread(perNorm(dy, n.output(0), x, p, g), x, geometry(n, g), g));
    }

    private static Value signedPower(Value x, double p, GradientBuilder g) {
        return p == 2 ? x : p == 1 ? g.sign(x) : g.mul(x, g.pow(g.abs(x), g.like(x, p - 2)));
    }

    private static Value perNorm(Value dy, Value y, Value x, double p, GradientBuilder g) {
        if (p == 1) {
            return dy;
        }
        // Where the norm is 0 so is every x below it; the division must only not give NaN.
        Value safe = g.where(g.equal(y, g.like(x, 0)), g.like(x, 1), y);
        return g.div(dy, p == 2 ? safe : g.pow(safe, g.like(x, p - 1)));
    }

    /// Adds the value of each place to every element under its window.
    private static Value spread(Value v, Value x, Geometry geometry, GradientBuilder g) {
        int d = geometry.rank();
        long[] shape = g.shapeOf(x);
        if (geometry.isTiling()) {
            return g.resizeNearest(v, concatenated(new long[] {1, 1}, geometry.kernel()));
        }
        // A last place that hangs over the padded input (ceil_mode) is cut off after spreading.
        long[] cut = new long[d];
        long[] ends = geometry.ends().clone();
        long[] unread = geometry.unread();
        long[] extra = new long[d];
        for (int i = 0; i < d; i++) {
            extra[i] = Math.max(0, unread[i]);
            cut[i] = Math.max(0, -unread[i]);
        }
        double[] ones = new double[Math.toIntExact(shape[1] * geometry.taps())];
        Arrays.fill(ones, 1);
        Value kernel = g.constant(TensorData.ofDoubles(
                g.typeOf(x), ones, concatenated(new long[] {shape[1], 1}, geometry.kernel())));
        Window window = Window.over(d)
                .stride(geometry.strides())
                .pad(concatenated(geometry.begins(), addedTo(ends, cut)))
                .dilate(geometry.dilations())
                .groups(shape[1]);
        return g.convTranspose(v, kernel, window, extra);
    }

    private static long[] addedTo(long[] a, long[] b) {
        long[] sum = a.clone();
        for (int i = 0; i < sum.length; i++) {
            sum[i] += b[i];
        }
        return sum;
    }

    /// How many elements each place averages: those inside the input, and with `includePads` those of the
    /// explicit padding, but never what lies beyond it.
    private static double[] counts(Geometry geometry, boolean includePads) {
        double[] counts = {1};
        for (int axis = 0; axis < geometry.rank(); axis++) {
            int places = Math.toIntExact(geometry.output()[axis]);
            double[] grown = new double[counts.length * places];
            long low = includePads ? -geometry.begins()[axis] : 0;
            long high = geometry.input()[axis] + (includePads ? geometry.ends()[axis] : 0);
            for (int place = 0; place < places; place++) {
                long count = 0;
                for (long tap = 0; tap < geometry.kernel()[axis]; tap++) {
                    long at = place * geometry.strides()[axis]
                            - geometry.begins()[axis]
                            + tap * geometry.dilations()[axis];
                    count += at >= low && at < high ? 1 : 0;
                }
                for (int outer = 0; outer < counts.length; outer++) {
                    grown[outer * places + place] = counts[outer] * count;
                }
            }
            counts = grown;
        }
        return counts;
    }

    private static Geometry geometry(Node n, GradientBuilder g) {
        return Geometry.of(n, g.shapeOf(n.input(0)), n.integers("kernel_shape"), g.shapeOf(n.output(0)));
    }

    /// MaxPool whose windows lie side by side. The places' indices and cotangents are enlarged to the size of
    /// the input and compared with each element's own index.
    private static final class TiledMaxPool {

        /// Integers up to here are exact as floats.
        private static final long EXACT = 1 << 24;

        static boolean fits(ElementType type, Geometry geometry) {
            return type == ElementType.FLOAT
                    && geometry.rank() == 2
                    && geometry.isTiling()
                    && product(geometry.input()) < EXACT;
        }

        static Value gradient(Value x, Value dy, Value indices, Geometry geometry, GradientBuilder g) {
            long height = geometry.input()[0];
            long width = geometry.input()[1];
            // Within its plane an index is exact as a float, which Resize enlarges; ids of planes need no comparison.
            Value within = g.cast(g.node("Mod", indices, g.longs(height * width)), ElementType.FLOAT);
            long[] factors = concatenated(new long[] {1, 1}, geometry.kernel());
            Value winner = g.resizeNearest(within, factors);
            float[] own = new float[Math.toIntExact(height * width)];
            for (int i = 0; i < own.length; i++) {
                own[i] = i;
            }
            Value positions = g.constant(TensorData.ofFloats(own, height, width));
            Value enlarged = g.resizeNearest(dy, factors);
            return g.masked(g.equal(winner, positions), enlarged, x);
        }

        private TiledMaxPool() {}
    }
}
