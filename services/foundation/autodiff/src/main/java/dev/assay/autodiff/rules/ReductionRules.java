package dev.assay.autodiff.rules;

import dev.assay.onnx.Attribute;
import dev.assay.onnx.Node;
import dev.assay.onnx.Operators.ReducedAxes;
import dev.assay.onnx.TensorData;
import dev.assay.onnx.Value;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;

/// Reductions over axes. dy' and y' are dy and y with the reduced axes kept at length 1, so that they broadcast
/// against x. Elements that share a maximum or minimum share its cotangent evenly.
final class ReductionRules {

    private ReductionRules() {}

    static void register(RuleTable table) {
        table
                // dx = dy', repeated
                .unary("ReduceSum", (n, dy, g) -> g.expand(kept(n, dy, g), g.shapeOf(n.input(0))))
                // dx = dy'/m, repeated
                .unary("ReduceMean", (n, dy, g) -> {
                    double count = (double) g.size(n.input(0)) / g.size(n.output(0));
                    Value share = g.scaled(kept(n, dy, g), g.typeOf(n.input(0)), 1 / count);
                    return g.expand(share, g.shapeOf(n.input(0)));
                })
                .unary("ReduceMax", ReductionRules::extremum)
                .unary("ReduceMin", ReductionRules::extremum)
                // dx = dy' · sign(x)
                .unary("ReduceL1", (n, dy, g) -> g.mul(kept(n, dy, g), g.sign(n.input(0))))
                // dx = dy' · x/y'; 0 where the norm is 0
                .unary("ReduceL2", (n, dy, g) -> {
                    Value x = n.input(0);
                    Value norm = kept(n, n.output(0), g);
                    Value zero = g.equal(norm, g.like(x, 0));
                    Value perNorm = g.div(kept(n, dy, g), g.where(zero, g.like(x, 1), norm));
                    return g.mul(x, perNorm);
                })
                // dx = 2 · dy' · x
                .unary("ReduceSumSquare", (n, dy, g) -> g.mul(n.input(0), g.mul(kept(n, dy, g), g.like(n.input(0), 2))))
                // y = log Σ x: dx = dy' / exp(y'), repeated
                .unary(
                        "ReduceLogSum",
                        (n, dy, g) ->
                                g.expand(g.div(kept(n, dy, g), g.exp(kept(n, n.output(0), g))), g.shapeOf(n.input(0))))
                // dx = dy' · exp(x − y')
                .unary(
                        "ReduceLogSumExp",
                        (n, dy, g) -> g.mul(kept(n, dy, g), g.exp(g.sub(n.input(0), kept(n, n.output(0), g)))))
                .unary("ReduceProd", ReductionRules::product)
                // dx = the sum from the other end
                .unary(
                        "CumSum",
                        (n, dy, g) -> g.node(
                                "CumSum",
                                List.of(dy, n.input(1)),
                                Map.of(
                                        "exclusive",
                                        Attribute.of(n.integer("exclusive", 0)),
                                        "reverse",
                                        Attribute.of(1 - n.integer("reverse", 0)))));
    }

    /// `v`, which has the shape of the output, with the reduced axes kept.
    private static Value kept(Node n, Value v, GradientBuilder g) {
        return n.integer("keepdims", 1) == 1 ? v : g.reshape(v, keptShape(n, g));
    }

    private static long[] keptShape(Node n, GradientBuilder g) {
        long[] shape = g.shapeOf(n.input(0));
        for (int axis : axes(n, g)) {
            shape[axis] = 1;
        }
        return shape;
    }

    private static int[] axes(Node n, GradientBuilder g) {
        int rank = g.rank(n.input(0));
        long[] axes = n.hasInput(1)
                ? g.constantOf(n.input(1))
                        .map(TensorData::toLongs)
                        .orElseThrow(() -> new UnsupportedFormException("axes that are computed at run time"))
                : n.integers("axes");
        if (axes.length == 0) {
            return n.flag("noop_with_empty_axes")
                    ? new int[0]
                    : java.util.stream.IntStream.range(0, rank).toArray();
        }
        return Arrays.stream(axes)
                .mapToInt(axis -> GradientBuilder.axis(axis, rank))
                .toArray();
    }

    /// dx = dy' where x = y', divided by how many there are.
    private static Value extremum(Node n, Value dy, GradientBuilder g) {
        Value x = n.input(0);
        long[] axes = Arrays.stream(axes(n, g)).asLongStream().toArray();
        Value attained = g.indicator(g.equal(x, kept(n, n.output(0), g)), x);
        Value count = axes.length == 0 ? attained : g.reduceSum(attained, ReducedAxes.KEPT, axes);
        return g.mul(attained, g.div(kept(n, dy, g), count));
    }

    /// dxᵢ = dy' · Π_{j≠i} xⱼ, exact when some are zero: the products of those before and those after i,
    /// multiplied up along the reduced elements, moved to one last axis.
    private static Value product(Node n, Value dy, GradientBuilder g) {
        Value x = n.input(0);
        int rank = g.rank(x);
        long[] shape = g.shapeOf(x);
        int[] axes = axes(n, g);
        List<Long> order = new ArrayList<>();
        for (int axis = 0; axis < rank; axis++) {
            int candidate = axis;
            if (Arrays.stream(axes).noneMatch(reduced -> reduced == candidate)) {
                order.add((long) axis);
            }
        }
        long reducedSize = 1;
        for (int axis : axes) {
            order.add((long) axis);
            reducedSize *= shape[axis];
        }
        long[] permutation = order.stream().mapToLong(Long::longValue).toArray();
        long[] permuted =
                Arrays.stream(permutation).map(axis -> shape[(int) axis]).toArray();
        long rest = g.size(x) / Math.max(1, reducedSize);
        if (reducedSize > 64) {
            throw new UnsupportedFormException("a product over " + reducedSize + " elements (64 at most)");
        }
        int length = (int) reducedSize;
        Value flat = g.reshape(g.transpose(x, permutation), rest, length);
        long[] ones = Geometry.ones(length);
        List<Value> elements = length == 1 ? List.of(flat) : g.split(flat, 1, ones);
        Value one = g.constant(TensorData.ofDoubles(g.typeOf(x), new double[] {1}, 1, 1));
        Value[] before = new Value[length];
        Value[] after = new Value[length];
        before[0] = one;
        after[length - 1] = one;
        for (int i = 1; i < length; i++) {
            before[i] = g.mul(before[i - 1], elements.get(i - 1));
            after[length - 1 - i] = g.mul(after[length - i], elements.get(length - i));
        }
        List<Value> others = new ArrayList<>();
        for (int i = 0; i < length; i++) {
            others.add(length == 1 ? g.expand(one, rest, 1) : g.mul(before[i], after[i]));
        }
        Value flatDy = g.reshape(dy, rest, 1);
        Value flatDx = g.mul(flatDy, g.concat(1, others));
        long[] inverse = new long[rank];
        for (int i = 0; i < rank; i++) {
            inverse[(int) permutation[i]] = i;
        }
        return g.transpose(g.reshape(flatDx, permuted), inverse);
    }
}
