package dev.assay.autodiff.rules;

import static dev.assay.autodiff.rules.GradientBuilder.axis;
import static dev.assay.autodiff.rules.GradientBuilder.product;
import static dev.assay.autodiff.rules.GradientBuilder.range;

import dev.assay.onnx.ElementType;
import dev.assay.onnx.Node;
import dev.assay.onnx.Operators.ReducedAxes;
import dev.assay.onnx.TensorData;
import dev.assay.onnx.Value;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/// Reading and writing by index. ScatterND with addition is never emitted: ONNX Runtime adds wrongly there when
/// an index occurs twice and several threads run.
final class IndexingRules {

    /// Up to so many rows, adding rows up is fastest as a product with a one-hot matrix.
    private static final long FEW_ROWS = 100;

    private IndexingRules() {}

    static void register(RuleTable table) {
        table.unary("Gather", IndexingRules::gather)
                // dx[i] += dy
                .unary(
                        "GatherElements",
                        (n, dy, g) -> g.scatterElementsAdd(g.zerosLike(n.input(0)), n.input(1), dy, n.axis(0)))
                .unary("GatherND", IndexingRules::gatherNd)
                .one("ScatterElements", IndexingRules::scatterElements)
                .one("ScatterND", IndexingRules::scatterNd)
                .unary(
                        "TopK",
                        (n, dy, g) -> g.scatterElements(g.zerosLike(n.input(0)), g.extraOutput(n, 1), dy, n.axis(-1)))
                .one("OneHot", IndexingRules::oneHot);
    }

    /// Rows of x along one axis: dx[i] += dy.
    private static Value gather(Node n, Value dy, GradientBuilder g) {
        Value x = n.input(0);
        Value indices = n.input(1);
        long[] shape = g.shapeOf(x);
        int axis = axis(n.axis(0), shape.length);
        Optional<TensorData> constant = g.constantOf(indices).filter(tensor -> tensor.elementCount() == 1);
        if (constant.isPresent()) {
            long at = constant.get().toLongs()[0];
            long[] one = shape.clone();
            one[axis] = 1;
            long[] pads = new long[2 * shape.length];
            pads[axis] = at < 0 ? at + shape[axis] : at;
            pads[shape.length + axis] = shape[axis] - 1 - pads[axis];
            return g.pad(g.reshape(dy, one), pads);
        }
        long[] outer = Arrays.copyOf(shape, axis);
        long[] inner = Arrays.copyOfRange(shape, axis + 1, shape.length);
        long count = g.size(indices);
        // [outer, indices, inner] with the indices brought to the front: [indices, outer · inner].
        Value split = g.reshape(dy, product(outer), count, product(inner));
        Value rows = g.reshape(axis == 0 ? split : g.transpose(split, 1, 0, 2), count, product(outer) * product(inner));
        long width = product(outer) * product(inner);
        Value wide = g.typeOf(indices) == ElementType.INT64 ? indices : g.cast(indices, ElementType.INT64);
        Value sums = addedRows(g.reshape(wide, count), rows, shape[axis], count, width, x, g);
        if (axis == 0) {
            return g.reshape(sums, shape);
        }
        Value back = g.transpose(g.reshape(sums, shape[axis], product(outer), product(inner)), 1, 0, 2);
        return g.reshape(back, shape);
    }

    /// Adds row r of `rows` [count, width] to row `indices[r]` of a matrix [height, width] of zeros.
    private static Value addedRows(
            Value indices, Value rows, long height, long count, long width, Value like, GradientBuilder g) {
        if (height <= FEW_ROWS) {
            Value onOff = g.constant(TensorData.ofDoubles(g.typeOf(like), new double[] {0, 1}, 2));
            Value hot = g.oneHot(indices, g.longs(height), onOff, 0);
            return g.matMul(hot, rows);
        }
        Value places = g.expand(g.reshape(indices, count, 1), count, width);
        return g.scatterElementsAdd(g.zeros(g.typeOf(like), height, width), places, rows, 0);
    }

    /// The tuples of indices become flat ones into the first axes, and the rest is as Gather.
    private static Value gatherNd(Node n, Value dy, GradientBuilder g) {
        Value x = n.input(0);
        long[] shape = g.shapeOf(x);
        FlatIndex flat = FlatIndex.of(shape, n.input(1), Math.toIntExact(n.integer("batch_dims", 0)), g);
        Value rows = g.reshape(dy, flat.count(), flat.width());
        return g.reshape(addedRows(flat.indices(), rows, flat.height(), flat.count(), flat.width(), x, g), shape);
    }

    /// Tuples of indices as flat indices into x seen as a matrix [height, width].
    private record FlatIndex(Value indices, long height, long width, long count) {

        static FlatIndex of(long[] shape, Value tuples, int batchDims, GradientBuilder g) {
            long[] tupleShape = g.shapeOf(tuples);
            int depth = Math.toIntExact(tupleShape[tupleShape.length - 1]);
            long count = product(Arrays.copyOf(tupleShape, tupleShape.length - 1));
            int indexed = batchDims + depth;
            long[] lengths = Arrays.copyOfRange(shape, batchDims, indexed);
            long[] strides = new long[depth];
            long stride = 1;
            for (int i = depth - 1; i >= 0; i--) {
                strides[i] = stride;
                stride *= lengths[i];
            }
            Value flatTuples = g.reshape(tuples, count, depth);
            Value wrapped = g.where(g.less(flatTuples, g.longs(0)), g.add(flatTuples, g.longs(lengths)), flatTuples);
            Value index = g.reduceSum(g.mul(wrapped, g.longs(strides)), ReducedAxes.DROPPED, 1);
            if (batchDims > 0) {
                long batches = product(Arrays.copyOf(shape, batchDims));
                long[] offsets = new long[Math.toIntExact(count)];
                for (int i = 0; i < offsets.length; i++) {
                    offsets[i] = i / (count / batches) * stride;
                }
                index = g.add(index, g.constant(TensorData.ofLongVector(offsets)));
            }
            return new FlatIndex(
                    index,
                    product(Arrays.copyOf(shape, indexed)),
                    product(Arrays.copyOfRange(shape, indexed, shape.length)),
                    count);
        }
    }

    /// y = x with y[i] replaced by (or combined with) u: replaced elements of x get nothing, u gets dy[i].
    private static List<Value> scatterElements(Node n, Value dy, GradientBuilder g) {
        Value x = n.input(0);
        Value indices = n.input(1);
        Value u = n.input(2);
        int axis = n.axis(0);
        return switch (n.text("reduction", "none")) {
            case "none" ->
                List.of(
                        g.scatterElements(dy, indices, g.zerosLike(u), axis),
                        Value.ABSENT,
                        g.gatherElements(dy, indices, axis));
            case "add" -> List.of(dy, Value.ABSENT, g.gatherElements(dy, indices, axis));
            // y[i] = x[i]·u (indices unique): dx[i] = dy[i]·u, du = dy[i]·x[i]
            case "mul" -> {
                Value at = g.gatherElements(dy, indices, axis);
                yield List.of(
                        g.scatterElements(dy, indices, g.mul(at, u), axis),
                        Value.ABSENT,
                        g.mul(at, g.gatherElements(x, indices, axis)));
            }
            case "max", "min" -> {
                Value y = n.output(0);
                Value at = g.gatherElements(dy, indices, axis);
                Value fromX = g.indicator(g.equal(x, y), x);
                Value fromU = g.indicator(g.equal(u, g.gatherElements(y, indices, axis)), u);
                Value count = g.scatterElementsAdd(fromX, indices, fromU, axis);
                yield List.of(
                        g.mul(fromX, g.div(dy, count)),
                        Value.ABSENT,
                        g.mul(fromU, g.div(at, g.gatherElements(count, indices, axis))));
            }
            default -> throw new UnsupportedFormException("reduction " + n.text("reduction", ""));
        };
    }

    /// As ScatterElements, for whole rows.
    private static List<Value> scatterNd(Node n, Value dy, GradientBuilder g) {
        Value u = n.input(2);
        Value du = g.node("GatherND", dy, n.input(1));
        return switch (n.text("reduction", "none")) {
            case "none" -> List.of(g.node("ScatterND", dy, n.input(1), g.zerosLike(u)), Value.ABSENT, du);
            case "add" -> List.of(dy, Value.ABSENT, du);
            default -> throw new UnsupportedFormException("reduction " + n.text("reduction", ""));
        };
    }

    /// y = off + hot·(on − off), with values = [off, on]: doff = Σ dy·(1 − hot), don = Σ dy·hot.
    private static List<Value> oneHot(Node n, Value dy, GradientBuilder g) {
        Value values = n.input(2);
        Value onOff = g.constant(TensorData.ofDoubles(g.typeOf(values), new double[] {0, 1}, 2));
        Value hot = g.oneHot(n.input(0), n.input(1), onOff, n.axis(-1));
        long[] all = range(0, g.rank(n.output(0)));
        Value on = g.sumOver(g.mul(dy, hot), all);
        Value off = g.sub(g.sumOver(dy, all), on);
        return List.of(Value.ABSENT, Value.ABSENT, g.concat(0, List.of(g.reshape(off, 1), g.reshape(on, 1))));
    }
}
