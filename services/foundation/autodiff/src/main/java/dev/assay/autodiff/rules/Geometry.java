package dev.assay.autodiff.rules;

import static dev.assay.autodiff.rules.GradientBuilder.product;

import dev.assay.onnx.Node;
import dev.assay.onnx.Window;
import java.util.Arrays;

/// How a window (of a convolution or a pool) lies on its input, with all paddings spelled out.
///
/// @param input lengths of the spatial axes that the window moves over
/// @param output how many places it takes on each
record Geometry(
        long[] input,
        long[] output,
        long[] kernel,
        long[] strides,
        long[] dilations,
        long[] begins,
        long[] ends,
        long group) {

    /// Of Conv and the pools.
    static Geometry of(Node node, long[] inputShape, long[] kernel, long[] outputShape) {
        int d = kernel.length;
        long[] ones = ones(d);
        long[] strides = node.integers("strides", ones);
        long[] dilations = node.integers("dilations", ones);
        long[] pads = node.integers("pads", new long[2 * d]);
        long[] begins = Arrays.copyOf(pads, d);
        long[] ends = Arrays.copyOfRange(pads, d, 2 * d);
        long[] input = spatial(inputShape);
        long[] output = spatial(outputShape);
        String auto = node.text("auto_pad", "NOTSET");
        for (int i = 0; i < d && !auto.equals("NOTSET"); i++) {
            long total = auto.equals("VALID")
                    ? 0
                    : Math.max(0, (output[i] - 1) * strides[i] + (kernel[i] - 1) * dilations[i] + 1 - input[i]);
            begins[i] = auto.equals("SAME_LOWER") ? total - total / 2 : total / 2;
            ends[i] = total - begins[i];
        }
        return new Geometry(input, output, kernel, strides, dilations, begins, ends, node.integer("group", 1));
    }

    /// Of the convolution whose input gradient a ConvTranspose is: its window moves over the output of the
    /// ConvTranspose and takes as many places as that has inputs.
    static Geometry ofTransposed(Node node, long[] inputShape, long[] kernel, long[] outputShape) {
        int d = kernel.length;
        long[] ones = ones(d);
        long[] strides = node.integers("strides", ones);
        long[] dilations = node.integers("dilations", ones);
        long[] pads = node.integers("pads", new long[2 * d]);
        long[] extra = node.integers("output_padding", new long[d]);
        long[] begins = Arrays.copyOf(pads, d);
        long[] ends = Arrays.copyOfRange(pads, d, 2 * d);
        long[] input = spatial(outputShape);
        long[] output = spatial(inputShape);
        String auto = node.text("auto_pad", "NOTSET");
        if (node.has("output_shape") || auto.startsWith("SAME")) {
            for (int i = 0; i < d; i++) {
                long total = Math.max(
                        0, strides[i] * (output[i] - 1) + extra[i] + (kernel[i] - 1) * dilations[i] + 1 - input[i]);
                // The larger half lies at the begin unless SAME_UPPER is asked for.
                begins[i] = auto.equals("SAME_UPPER") ? total / 2 : total - total / 2;
                ends[i] = total - begins[i];
            }
        } else if (auto.equals("VALID")) {
            Arrays.fill(begins, 0);
            Arrays.fill(ends, 0);
        }
        return new Geometry(input, output, kernel, strides, dilations, begins, ends, node.integer("group", 1));
    }

    int rank() {
        return kernel.length;
    }

    long taps() {
        return product(kernel);
    }

    long places() {
        return product(output);
    }

    /// Length that the window covers on an axis.
    long reach(int axis) {
        return (kernel[axis] - 1) * dilations[axis] + 1;
    }

    boolean isUnitStride() {
        return Arrays.stream(strides).allMatch(stride -> stride == 1);
    }

    boolean isUnpadded() {
        return Arrays.stream(begins).allMatch(pad -> pad == 0)
                && Arrays.stream(ends).allMatch(pad -> pad == 0);
    }

    /// Whether every input element lies under exactly one place of the window.
    boolean isTiling() {
        if (!isUnpadded()) {
            return false;
        }
        for (int i = 0; i < rank(); i++) {
            if (strides[i] != kernel[i]
                    || (dilations[i] != 1 && kernel[i] != 1)
                    || input[i] != output[i] * strides[i]) {
                return false;
            }
        }
        return true;
    }

    /// The window as it stands, padding included.
    Window window() {
        return Window.over(rank())
                .stride(strides)
                .pad(GradientBuilder.concatenated(begins, ends))
                .dilate(dilations)
                .groups(group);
    }

    /// Rows at the end of each input axis that no place reads.
    long[] unread() {
        long[] unread = new long[rank()];
        for (int i = 0; i < unread.length; i++) {
            unread[i] = input[i] + begins[i] + ends[i] - ((output[i] - 1) * strides[i] + reach(i));
        }
        return unread;
    }

    static long[] spatial(long[] shape) {
        return Arrays.copyOfRange(shape, 2, shape.length);
    }

    static long[] ones(int count) {
        long[] ones = new long[count];
        Arrays.fill(ones, 1);
        return ones;
    }
}
