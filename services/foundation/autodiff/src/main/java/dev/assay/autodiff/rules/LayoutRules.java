package dev.assay.autodiff.rules;

import static dev.assay.autodiff.rules.GradientBuilder.axis;
import static dev.assay.autodiff.rules.GradientBuilder.product;

import dev.assay.onnx.Attribute;
import dev.assay.onnx.Node;
import dev.assay.onnx.TensorData;
import dev.assay.onnx.Value;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;

/// Operators that only move, repeat or leave out elements: the cotangent goes the way back, added up where an
/// element was repeated and zero where it was left out.
final class LayoutRules {

    private LayoutRules() {}

    static void register(RuleTable table) {
        table.unary("Reshape", LayoutRules::reshapeBack)
                .unary("Flatten", LayoutRules::reshapeBack)
                .unary("Squeeze", LayoutRules::reshapeBack)
                .unary("Unsqueeze", LayoutRules::reshapeBack)
                .unary("Transpose", LayoutRules::transpose)
                .unary("Expand", (n, dy, g) -> g.unbroadcast(dy, n.output(0), n.input(0)))
                .unary("Tile", LayoutRules::tile)
                .one("Concat", LayoutRules::concat)
                .put("Split", LayoutRules::split)
                .unary("Slice", LayoutRules::slice)
                .one("Pad", PadRule::pad)
                // the same triangle again
                .unary(
                        "Trilu",
                        (n, dy, g) -> g.node(
                                "Trilu",
                                n.hasInput(1) ? List.of(dy, n.input(1)) : List.of(dy),
                                Map.of("upper", Attribute.of(n.integer("upper", 1)))))
                // its own inverse
                .unary(
                        "ReverseSequence",
                        (n, dy, g) -> g.node("ReverseSequence", List.of(dy, n.input(1)), n.attributes()))
                .unary("DepthToSpace", LayoutRules::depthToSpace)
                .unary(
                        "SpaceToDepth",
                        (n, dy, g) -> g.node(
                                "DepthToSpace",
                                List.of(dy),
                                Map.of("blocksize", Attribute.of(n.integer("blocksize", 1)))))
                .unary("CenterCropPad", LayoutRules::byPositions)
                .unary("Compress", LayoutRules::byPositions)
                .unary("Col2Im", LayoutRules::columnsToImage);
    }

    private static Value reshapeBack(Node n, Value dy, GradientBuilder g) {
        return g.reshapeLike(dy, n.input(0));
    }

    /// The inverse permutation.
    private static Value transpose(Node n, Value dy, GradientBuilder g) {
        int rank = g.rank(n.input(0));
        long[] reversed = new long[rank];
        Arrays.setAll(reversed, i -> rank - 1L - i);
        long[] permutation = n.integers("perm", reversed);
        long[] inverse = new long[rank];
        for (int i = 0; i < rank; i++) {
            inverse[(int) permutation[i]] = i;
        }
        return g.transpose(dy, inverse);
    }

    /// Copies are told apart by an axis of their own, over which they are added up.
    private static Value tile(Node n, Value dy, GradientBuilder g) {
        long[] from = g.shapeOf(n.input(0));
        long[] to = g.shapeOf(n.output(0));
        long[] split = new long[2 * from.length];
        long[] copies = new long[from.length];
        for (int i = 0; i < from.length; i++) {
            split[2 * i] = from[i] == 0 ? 1 : to[i] / from[i];
            split[2 * i + 1] = from[i];
            copies[i] = 2L * i;
        }
        return g.sumOver(g.reshape(dy, split), copies);
    }

    private static List<Value> concat(Node n, Value dy, GradientBuilder g) {
        int axis = axis(n.axis(0), g.rank(n.output(0)));
        if (n.inputs().size() == 1) {
            return List.of(dy);
        }
        long[] lengths =
                n.inputs().stream().mapToLong(part -> g.shapeOf(part)[axis]).toArray();
        return g.split(dy, axis, lengths);
    }

    private static List<Value> split(Node n, List<Value> cotangents, GradientBuilder g) {
        List<Value> parts = new ArrayList<>();
        for (int i = 0; i < n.outputs().size(); i++) {
            parts.add(g.orZeros(cotangents.get(i), n.output(i)));
        }
        return List.of(g.concat(n.axis(0), parts));
    }

    /// Steps of 1: padded back. Otherwise one position of x after the other is looked up in dy, to which a zero
    /// is appended for those that the slice left out.
    private static Value slice(Node n, Value dy, GradientBuilder g) {
        Value x = n.input(0);
        int rank = g.rank(x);
        long[] shape = g.shapeOf(x);
        long[] sliced = g.shapeOf(n.output(0));
        long[][] bounds = new long[4][];
        for (int i = 1; i <= 4; i++) {
            if (n.hasInput(i)) {
                if (g.constantOf(n.input(i)).isEmpty()) {
                    return byPositions(n, dy, g);
                }
                bounds[i - 1] = g.constantOf(n.input(i)).get().toLongs();
            }
        }
        int count = bounds[0].length;
        long[] axes = bounds[2] == null ? GradientBuilder.range(0, count) : bounds[2];
        long[] steps = bounds[3] == null ? Geometry.ones(count) : bounds[3];
        long[] pads = new long[2 * rank];
        boolean padded = false;
        Value result = dy;
        for (int i = 0; i < count; i++) {
            int axis = axis(axes[i], rank);
            long start = clampedStart(bounds[0][i], shape[axis], steps[i]);
            if (steps[i] == 1) {
                pads[axis] = start;
                pads[rank + axis] = shape[axis] - start - sliced[axis];
                padded |= sliced[axis] != shape[axis];
            } else {
                result = placed(result, axis, start, steps[i], shape[axis], sliced[axis], rank, g);
            }
        }
        return padded ? g.pad(result, pads) : result;
    }

    private static long clampedStart(long start, long length, long step) {
        long absolute = start < 0 ? start + length : start;
        return Math.clamp(absolute, 0, step < 0 ? length - 1 : length);
    }

    private static Value placed(
            Value v, int axis, long start, long step, long length, long taken, int rank, GradientBuilder g) {
        long[] source = new long[Math.toIntExact(length)];
        Arrays.fill(source, taken);
        for (long i = 0; i < taken; i++) {
            source[Math.toIntExact(start + i * step)] = i;
        }
        long[] pads = new long[2 * rank];
        pads[rank + axis] = 1;
        return g.gather(g.pad(v, pads), g.longs(source), axis);
    }

    /// For operators that choose elements at run time: the same operator applied to the positions of x tells
    /// where each element of y came from. Position 0 stands for "from nowhere".
    private static Value byPositions(Node n, Value dy, GradientBuilder g) {
        Value x = n.input(0);
        int size = Math.toIntExact(g.size(x));
        long[] counted = GradientBuilder.range(1, size + 1L);
        Value positions = g.constant(TensorData.ofLongs(counted, g.shapeOf(x)));
        List<Value> inputs = new ArrayList<>(n.inputs());
        inputs.set(0, positions);
        Value origins = g.reshape(g.node(n.operator(), inputs, n.attributes()), -1);
        Value sums = g.scatterElementsAdd(g.zeros(g.typeOf(x), size + 1L), origins, g.reshape(dy, -1), 0);
        return g.reshapeLike(g.slice(sums, 0, 1, size + 1L), x);
    }

    /// DCR is undone by SpaceToDepth; CRD keeps the channels outermost and needs its own permutation.
    private static Value depthToSpace(Node n, Value dy, GradientBuilder g) {
        long block = n.integer("blocksize", 1);
        if (n.text("mode", "DCR").equals("DCR")) {
            return g.node("SpaceToDepth", List.of(dy), Map.of("blocksize", Attribute.of(block)));
        }
        long[] shape = g.shapeOf(n.input(0));
        Value split = g.reshape(dy, shape[0], shape[1] / (block * block), shape[2], block, shape[3], block);
        return g.reshapeLike(g.transpose(split, 0, 1, 3, 5, 2, 4), n.input(0));
    }

    /// Each column entry receives the cotangent of the pixel that it was added to: the patches of dy.
    private static Value columnsToImage(Node n, Value dy, GradientBuilder g) {
        long[] block = g.constantOf(n.input(2))
                .map(TensorData::toLongs)
                .orElseThrow(() -> new UnsupportedFormException("a block shape that is computed at run time"));
        int d = block.length;
        long[] image = g.shapeOf(n.output(0));
        long[] dilations = n.integers("dilations", Geometry.ones(d));
        long[] strides = n.integers("strides", Geometry.ones(d));
        long[] pads = n.integers("pads", new long[2 * d]);
        int taps = Math.toIntExact(product(block));
        long channels = image[1];
        double[] oneHot = new double[Math.toIntExact(channels * taps * taps)];
        for (int row = 0; row < channels * taps; row++) {
            oneHot[row * taps + row % taps] = 1;
        }
        Value filters = g.constant(TensorData.ofDoubles(
                g.typeOf(n.input(0)), oneHot, GradientBuilder.concatenated(new long[] {channels * taps, 1}, block)));
        Value patches = g.conv(
                dy,
                filters,
                dev.assay.onnx.Window.over(d)
                        .stride(strides)
                        .pad(pads)
                        .dilate(dilations)
                        .groups(channels));
        return g.reshapeLike(patches, n.input(0));
    }
}
