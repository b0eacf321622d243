package dev.assay.autodiff.rules;

import static dev.assay.autodiff.rules.GradientBuilder.concatenated;
import static dev.assay.autodiff.rules.GradientBuilder.range;

import dev.assay.onnx.ElementType;
import dev.assay.onnx.TensorData;
import dev.assay.onnx.Value;
import dev.assay.onnx.Window;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/// dW of a convolution in plain ONNX: for every tap of the kernel, the correlation of what that tap saw with the
/// output cotangent. ONNX has no operator for it; the forms here compute the same and differ in speed. {@link
/// #lowering} is the one table that chooses, from measurements on CPU (docs/autodiff.md).
final class ConvolutionWeightGradient {

    /// What is needed: X [N, C, input…], dY [N, K, output…], W [K, C / group, kernel…].
    private record Case(
            Value x, Value dy, long batch, long channels, long filters, ElementType type, Geometry geometry) {

        long channelsPerGroup() {
            return channels / geometry.group();
        }

        long filtersPerGroup() {
            return filters / geometry.group();
        }
    }

    private enum Lowering {
        /// A 1×1 kernel of stride 1 is a matrix product.
        MATRIX_PRODUCT,
        /// One channel per group: each tap is a shifted product and a sum.
        SHIFTED_PRODUCTS,
        /// The patches by a depthwise convolution with one-hot filters, then a batch of matrix products.
        ONE_HOT_PATCHES,
        /// The patches by a Gather in channels-last layout, then one matrix product.
        GATHERED_PATCHES
    }

    /// From this many channels on, gathering patches is faster than the one-hot convolution (16→16 at 32²: 36
    /// against 30 ms; 64→64 at 16²: 52 against 54; 128→128 at 8²: 40 against 56; N = 128, two threads).
    private static final long WIDE = 64;

    /// Taps up to which a depthwise kernel is best unrolled.
    private static final long FEW_TAPS = 9;

    private ConvolutionWeightGradient() {}

    static Value of(
            Value x,
            long[] shapeX,
            Value dy,
            long[] shapeY,
            long[] shapeW,
            ElementType type,
            Geometry geometry,
            GradientBuilder g) {
        Case c = new Case(x, dy, shapeX[0], shapeX[1], shapeY[1], type, geometry);
        Value dw = switch (lowering(c)) {
            case MATRIX_PRODUCT -> byMatrixProduct(c, g);
            case SHIFTED_PRODUCTS -> byShiftedProducts(c, g);
            case ONE_HOT_PATCHES -> byOneHotPatches(c, g);
            case GATHERED_PATCHES -> byGatheredPatches(c, g);
        };
        return g.reshape(dw, shapeW);
    }

    private static Lowering lowering(Case c) {
        Geometry geometry = c.geometry;
        if (geometry.taps() == 1 && geometry.group() == 1 && geometry.isUnitStride() && geometry.isUnpadded()) {
            return Lowering.MATRIX_PRODUCT;
        }
        if (c.channelsPerGroup() == 1 && geometry.group() > 1 && geometry.taps() <= FEW_TAPS) {
            return Lowering.SHIFTED_PRODUCTS;
        }
        return geometry.group() == 1 && c.channels >= WIDE ? Lowering.GATHERED_PATCHES : Lowering.ONE_HOT_PATCHES;
    }

    /// dW[k,c] = Σ_n dY[n,k,·] · X[n,c,·].
    private static Value byMatrixProduct(Case c, GradientBuilder g) {
        long places = c.geometry.places();
        Value y = g.reshape(c.dy, c.batch, c.filters, places);
        Value x = g.reshape(c.x, c.batch, c.channels, places);
        return g.sumOver(g.matMul(y, g.transpose(x, 0, 2, 1)), 0);
    }

    /// dW[g·m, tap] = Σ dY[·, g·m, ·] ⊙ X shifted by the tap.
    private static Value byShiftedProducts(Case c, GradientBuilder g) {
        Geometry geometry = c.geometry;
        int d = geometry.rank();
        long multiplier = c.filtersPerGroup();
        long[] pads =
                concatenated(concatenated(new long[2], geometry.begins()), concatenated(new long[2], geometry.ends()));
        Value padded = Arrays.stream(pads).allMatch(pad -> pad == 0) ? c.x : g.pad(c.x, pads);
        Value y = multiplier == 1
                ? c.dy
                : g.reshape(c.dy, concatenated(new long[] {c.batch, c.channels, multiplier}, geometry.output()));
        long[] spatial = range(2, 2 + d);
        List<Value> taps = new ArrayList<>();
        for (int tap = 0; tap < geometry.taps(); tap++) {
            long[] starts = new long[d];
            long[] ends = new long[d];
            for (int i = d - 1, rest = tap; i >= 0; i--) {
                starts[i] = rest % geometry.kernel()[i] * geometry.dilations()[i];
                ends[i] = starts[i] + (geometry.output()[i] - 1) * geometry.strides()[i] + 1;
                rest /= (int) geometry.kernel()[i];
            }
            Value seen = g.slice(padded, spatial, starts, ends, geometry.strides());
            Value shifted = multiplier == 1 ? seen : g.unsqueeze(seen, 2);
            long[] summed = concatenated(new long[] {0}, multiplier == 1 ? spatial : range(3, 3 + d));
            taps.add(g.reshape(g.sumOver(g.mul(y, shifted), summed), c.filters, 1));
        }
        return g.concat(1, taps);
    }

    /// Patches [N, C·taps, places] as a depthwise convolution whose filters each copy one tap, then
    /// dW[k, c·tap] = Σ_n dY[n,k,·] · patches[n, c·tap, ·].
    private static Value byOneHotPatches(Case c, GradientBuilder g) {
        Geometry geometry = c.geometry;
        int taps = Math.toIntExact(geometry.taps());
        long group = geometry.group();
        long places = geometry.places();
        double[] oneHot = new double[Math.toIntExact(c.channels * taps * taps)];
        for (int row = 0; row < c.channels * taps; row++) {
            oneHot[row * taps + row % taps] = 1;
        }
        Value filters = g.constant(TensorData.ofDoubles(
                c.type, oneHot, concatenated(new long[] {c.channels * taps, 1}, geometry.kernel())));
        Window window = geometry.window().groups(c.channels);
        Value patches = g.conv(c.x, filters, window);
        long[] made = new long[geometry.rank()];
        for (int i = 0; i < made.length; i++) {
            made[i] = geometry.output()[i] + Math.max(0, geometry.unread()[i] / geometry.strides()[i]);
        }
        if (!Arrays.equals(made, geometry.output())) {
            patches = g.slice(
                    patches,
                    range(2, 2 + geometry.rank()),
                    new long[geometry.rank()],
                    geometry.output(),
                    Geometry.ones(geometry.rank()));
        }
        if (group == 1) {
            Value columns = g.reshape(patches, c.batch, c.channels * taps, places);
            Value y = g.reshape(c.dy, c.batch, c.filters, places);
            return g.sumOver(g.matMul(y, g.transpose(columns, 0, 2, 1)), 0);
        }
        Value columns = g.reshape(patches, c.batch, group, c.channelsPerGroup() * taps, places);
        Value y = g.reshape(c.dy, c.batch, group, c.filtersPerGroup(), places);
        return g.sumOver(g.matMul(y, g.transpose(columns, 0, 1, 3, 2)), 0);
    }

    /// Patches [N, places·taps, C] gathered from channels-last X by constant indices, then one product
    /// [K, N·places] · [N·places, taps·C].
    private static Value byGatheredPatches(Case c, GradientBuilder g) {
        Geometry geometry = c.geometry;
        int d = geometry.rank();
        long taps = geometry.taps();
        long places = geometry.places();
        long[] pads =
                concatenated(concatenated(new long[2], geometry.begins()), concatenated(new long[2], geometry.ends()));
        Value padded = Arrays.stream(pads).allMatch(pad -> pad == 0) ? c.x : g.pad(c.x, pads);
        long[] paddedLengths = new long[d];
        for (int i = 0; i < d; i++) {
            paddedLengths[i] = geometry.input()[i] + geometry.begins()[i] + geometry.ends()[i];
        }
        long positions = GradientBuilder.product(paddedLengths);
        Value channelsLast = g.transpose(g.reshape(padded, c.batch, c.channels, positions), 0, 2, 1);
        Value index = g.constant(TensorData.ofLongs(patchIndex(geometry, paddedLengths), places * taps));
        Value patches = g.reshape(g.gather(channelsLast, index, 1), c.batch * places, taps * c.channels);
        Value y = g.reshape(
                g.transpose(g.reshape(c.dy, c.batch, c.filters, places), 1, 0, 2), c.filters, c.batch * places);
        Value product = g.reshape(g.matMul(y, patches), c.filters, taps, c.channels);
        return g.transpose(product, 0, 2, 1);
    }

    /// Flat position, in the padded input, of every tap of every place.
    private static long[] patchIndex(Geometry geometry, long[] lengths) {
        int d = geometry.rank();
        int taps = Math.toIntExact(geometry.taps());
        int places = Math.toIntExact(geometry.places());
        long[] index = new long[Math.multiplyExact(places, taps)];
        for (int place = 0; place < places; place++) {
            for (int tap = 0; tap < taps; tap++) {
                long flat = 0;
                long scale = 1;
                for (int i = d - 1, p = place, t = tap; i >= 0; i--) {
                    long at = p % geometry.output()[i] * geometry.strides()[i]
                            + t % geometry.kernel()[i] * geometry.dilations()[i];
                    flat += at * scale;
                    scale *= lengths[i];
                    p /= (int) geometry.output()[i];
                    t /= (int) geometry.kernel()[i];
                }
                index[place * taps + tap] = flat;
            }
        }
        return index;
    }
}
