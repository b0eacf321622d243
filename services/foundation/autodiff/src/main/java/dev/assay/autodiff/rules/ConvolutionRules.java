package dev.assay.autodiff.rules;

import static dev.assay.autodiff.rules.GradientBuilder.concatenated;
import static dev.assay.autodiff.rules.GradientBuilder.range;

import dev.assay.onnx.Node;
import dev.assay.onnx.Value;
import dev.assay.onnx.Window;
import java.util.Arrays;
import java.util.List;

/// Convolutions over one to three axes, with groups, strides, dilations and any padding.
final class ConvolutionRules {

    /// Below so many channels per group ConvTranspose beats the flipped convolution as the input gradient:
    /// measured on the first layer of a network on colour images (7 % on ONNX Runtime 1.30, CPU).
    private static final long NARROW = 8;

    private ConvolutionRules() {}

    static void register(RuleTable table) {
        table.one("Conv", ConvolutionRules::conv).one("ConvTranspose", ConvolutionRules::convTranspose);
    }

    /// Y = X ⋆ W + b: dX = dY ⋆ᵀ W, dW = X ⋆ dY (see {@link ConvolutionWeightGradient}), db = Σ dY.
    private static List<Value> conv(Node n, Value dy, GradientBuilder g) {
        Value x = n.input(0);
        Value w = n.input(1);
        Geometry geometry = Geometry.of(n, g.shapeOf(x), Geometry.spatial(g.shapeOf(w)), g.shapeOf(n.output(0)));
        Value dx = g.wants(x) ? inputGradient(dy, w, g.shapeOf(w), geometry, g) : Value.ABSENT;
        Value dw = g.wants(w)
                ? ConvolutionWeightGradient.of(
                        x, g.shapeOf(x), dy, g.shapeOf(n.output(0)), g.shapeOf(w), g.typeOf(w), geometry, g)
                : Value.ABSENT;
        return n.hasInput(2) ? List.of(dx, dw, biasGradient(dy, g.rank(x), g)) : List.of(dx, dw);
    }

    /// Y = X ⋆ᵀ W + b: dX = dY ⋆ W, and dW is that of the convolution whose input gradient this is, with input
    /// and output cotangent exchanged.
    private static List<Value> convTranspose(Node n, Value dy, GradientBuilder g) {
        Value x = n.input(0);
        Value w = n.input(1);
        Geometry geometry =
                Geometry.ofTransposed(n, g.shapeOf(x), Geometry.spatial(g.shapeOf(w)), g.shapeOf(n.output(0)));
        Value dx = Value.ABSENT;
        if (g.wants(x)) {
            dx = g.conv(dy, w, geometry.window());
            // Output padding of a whole stride or more (possible with dilations) makes places that X has not.
            long[] places = new long[geometry.rank()];
            for (int i = 0; i < places.length; i++) {
                places[i] = geometry.output()[i] + Math.max(0, geometry.unread()[i] / geometry.strides()[i]);
            }
            if (!Arrays.equals(places, geometry.output())) {
                dx = g.slice(
                        dx,
                        range(2, 2 + geometry.rank()),
                        new long[geometry.rank()],
                        geometry.output(),
                        Geometry.ones(geometry.rank()));
            }
        }
        Value dw = g.wants(w)
                ? ConvolutionWeightGradient.of(
                        dy, g.shapeOf(n.output(0)), x, g.shapeOf(x), g.shapeOf(w), g.typeOf(w), geometry, g)
                : Value.ABSENT;
        return n.hasInput(2) ? List.of(dx, dw, biasGradient(dy, g.rank(x), g)) : List.of(dx, dw);
    }

    private static Value biasGradient(Value dy, int rank, GradientBuilder g) {
        return g.sumOver(dy, concatenated(new long[] {0}, range(2, rank)));
    }

    private static Value inputGradient(Value dy, Value w, long[] shapeW, Geometry geometry, GradientBuilder g) {
        boolean padsFit = true;
        for (int i = 0; i < geometry.rank(); i++) {
            padsFit &= geometry.begins()[i] < geometry.reach(i) && geometry.ends()[i] < geometry.reach(i);
        }
        if (geometry.isUnitStride() && padsFit && shapeW[1] >= NARROW) {
            return byFlippedConvolution(dy, w, shapeW, geometry, g);
        }
        return g.convTranspose(dy, w, geometry.window(), geometry.unread());
    }

    /// With stride 1 the transposed convolution is a convolution with the kernel flipped and input and output
    /// channels exchanged inside each group; convolutions have the faster kernels. Of a constant weight all this
    /// is folded.
    private static Value byFlippedConvolution(Value dy, Value w, long[] shapeW, Geometry geometry, GradientBuilder g) {
        int d = geometry.rank();
        long group = geometry.group();
        long[] kernel = geometry.kernel();
        Value flipped = w;
        if (geometry.taps() > 1) {
            long[] last = new long[d];
            long[] beforeFirst = new long[d];
            long[] backwards = new long[d];
            Arrays.fill(last, -1);
            Arrays.fill(beforeFirst, Integer.MIN_VALUE);
            Arrays.fill(backwards, -1);
            flipped = g.slice(w, range(2, 2 + d), last, beforeFirst, backwards);
        }
        long[] spatial = range(3, 3 + d);
        Value exchanged = group == 1
                ? g.transpose(flipped, concatenated(new long[] {1, 0}, range(2, 2 + d)))
                : g.reshape(
                        g.transpose(
                                g.reshape(
                                        flipped,
                                        concatenated(new long[] {group, shapeW[0] / group, shapeW[1]}, kernel)),
                                concatenated(new long[] {0, 2, 1}, spatial)),
                        concatenated(new long[] {shapeW[1] * group, shapeW[0] / group}, kernel));
        long[] pads = new long[2 * d];
        for (int i = 0; i < d; i++) {
            pads[i] = geometry.reach(i) - 1 - geometry.begins()[i];
            pads[d + i] = geometry.reach(i) - 1 - geometry.ends()[i];
        }
        return g.conv(
                dy,
                exchanged,
                Window.over(d).pad(pads).dilate(geometry.dilations()).groups(group));
    }
}
