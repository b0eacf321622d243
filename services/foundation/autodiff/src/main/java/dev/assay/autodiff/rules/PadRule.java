package dev.assay.autodiff.rules;

import dev.assay.onnx.Node;
import dev.assay.onnx.TensorData;
import dev.assay.onnx.Value;
import java.util.List;
import java.util.Optional;

/// Pad. A constant border is cut off again. The other modes copy elements of x into the border; each padded axis
/// is then a small 0/1 matrix [input, output], and the cotangent is multiplied by its transpose.
final class PadRule {

    private PadRule() {}

    static List<Value> pad(Node n, Value dy, GradientBuilder g) {
        Value x = n.input(0);
        int rank = g.rank(x);
        Optional<TensorData> given = g.constantOf(n.input(1));
        if (given.isEmpty()) {
            throw new UnsupportedFormException("pads that are computed at run time");
        }
        long[] listed = given.get().toLongs();
        long[] axes = n.hasInput(3)
                ? g.constantOf(n.input(3))
                        .map(TensorData::toLongs)
                        .orElseThrow(() -> new UnsupportedFormException("axes that are computed at run time"))
                : GradientBuilder.range(0, rank);
        long[] begins = new long[rank];
        long[] ends = new long[rank];
        for (int i = 0; i < axes.length; i++) {
            begins[GradientBuilder.axis(axes[i], rank)] = listed[i];
            ends[GradientBuilder.axis(axes[i], rank)] = listed[axes.length + i];
        }
        String mode = n.text("mode", "constant");
        if (!mode.equals("constant")) {
            return List.of(folded(n, dy, begins, ends, mode, g));
        }
        long[] undo = new long[2 * rank];
        for (int i = 0; i < rank; i++) {
            undo[i] = -begins[i];
            undo[rank + i] = -ends[i];
        }
        Value dx = g.pad(dy, undo);
        if (!g.wants(n.input(2))) {
            return List.of(dx);
        }
        // The border is what the whole has beyond the part that lies inside x.
        Value inside = g.sumOver(dx, GradientBuilder.range(0, rank));
        Value whole = g.sumOver(dy, GradientBuilder.range(0, rank));
        return List.of(dx, Value.ABSENT, g.reshapeLike(g.sub(whole, inside), n.input(2)));
    }

    private static Value folded(Node n, Value dy, long[] begins, long[] ends, String mode, GradientBuilder g) {
        Value x = n.input(0);
        long[] shape = g.shapeOf(x);
        Value result = dy;
        for (int axis = 0; axis < shape.length; axis++) {
            if (begins[axis] == 0 && ends[axis] == 0) {
                continue;
            }
            long length = shape[axis];
            long padded = length + begins[axis] + ends[axis];
            double[] matrix = new double[Math.toIntExact(padded * length)];
            for (long to = 0; to < padded; to++) {
                matrix[Math.toIntExact(to * length + source(to - begins[axis], length, mode))] = 1;
            }
            Value transposed = g.constant(TensorData.ofDoubles(g.typeOf(x), matrix, padded, length));
            result = g.alongAxis(result, shape.length, axis, transposed);
        }
        return result;
    }

    /// Which element a position, possibly outside of 0 … length − 1, is copied from.
    private static long source(long position, long length, String mode) {
        return switch (mode) {
            case "edge" -> Math.clamp(position, 0, length - 1);
            case "wrap" -> Math.floorMod(position, length);
            case "reflect" -> {
                if (length == 1) {
                    yield 0;
                }
                long period = 2 * (length - 1);
                long folded = Math.floorMod(position, period);
                yield folded < length ? folded : period - folded;
            }
            default -> throw new UnsupportedFormException("mode " + mode);
        };
    }
}
