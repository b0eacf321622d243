package dev.assay.autodiff.rules;

import dev.assay.onnx.Node;
import dev.assay.onnx.TensorData;
import dev.assay.onnx.Value;
import dev.assay.onnx.Window;
import java.util.Arrays;
import java.util.Optional;

/// Resize is linear and acts on each axis by itself: y = M·x with a matrix M [output, input] that holds the
/// interpolation weights. So dx = Mᵀ·dy, axis by axis.
final class ResizeRules {

    private ResizeRules() {}

    static void register(RuleTable table) {
        table.unary("Resize", ResizeRules::resize);
    }

    private static Value resize(Node n, Value dy, GradientBuilder g) {
        Value x = n.input(0);
        long[] from = g.shapeOf(x);
        long[] to = g.shapeOf(n.output(0));
        if (n.flag("antialias") || n.text("keep_aspect_ratio_policy", "stretch").startsWith("not")) {
            throw new UnsupportedFormException("antialias or a kept aspect ratio");
        }
        if (n.text("coordinate_transformation_mode", "half_pixel").equals("tf_crop_and_resize")) {
            throw new UnsupportedFormException("coordinate_transformation_mode tf_crop_and_resize");
        }
        double[] scales = scales(n, from, to, g);
        if (isRepetition(n, from, to, scales)) {
            return summedBlocks(dy, from, to, g);
        }
        Value result = dy;
        for (int axis = 0; axis < from.length; axis++) {
            if (from[axis] == to[axis] && scales[axis] == 1) {
                continue;
            }
            double[] matrix = new Interpolation(n, from[axis], to[axis], scales[axis]).matrix();
            Value weights = g.constant(TensorData.ofDoubles(g.typeOf(x), matrix, to[axis], from[axis]));
            result = g.alongAxis(result, from.length, axis, weights);
        }
        return result;
    }

    /// The given scales, which the coordinates use even where the rounded lengths have another ratio.
    private static double[] scales(Node n, long[] from, long[] to, GradientBuilder g) {
        double[] scales = new double[from.length];
        Arrays.setAll(scales, i -> (double) to[i] / from[i]);
        Optional<TensorData> given = n.hasInput(2) ? g.constantOf(n.input(2)) : Optional.empty();
        if (given.isPresent() && given.get().elementCount() > 0) {
            double[] values = given.get().toDoubles();
            long[] axes = n.integers("axes", GradientBuilder.range(0, from.length));
            for (int i = 0; i < axes.length; i++) {
                scales[GradientBuilder.axis(axes[i], from.length)] = values[i];
            }
        } else if (n.hasInput(2) && given.isEmpty() && !n.hasInput(3)) {
            throw new UnsupportedFormException("scales that are computed at run time");
        }
        return scales;
    }

    /// Nearest by whole factors over the spatial axes, where every element is just repeated.
    private static boolean isRepetition(Node n, long[] from, long[] to, double[] scales) {
        boolean whole = n.text("mode", "nearest").equals("nearest") && from.length > 2 && from.length < 6;
        for (int i = 0; i < from.length && whole; i++) {
            whole = scales[i] == Math.rint(scales[i]) && to[i] == from[i] * scales[i] && (i > 1 || scales[i] == 1);
        }
        String coordinates = n.text("coordinate_transformation_mode", "half_pixel");
        String rounding = n.text("nearest_mode", "round_prefer_floor");
        boolean floored = coordinates.equals("asymmetric") && rounding.equals("floor");
        boolean centred = coordinates.equals("half_pixel") && rounding.startsWith("round");
        return whole && (floored || centred);
    }

    private static Value summedBlocks(Value dy, long[] from, long[] to, GradientBuilder g) {
        long[] factors = new long[from.length - 2];
        Arrays.setAll(factors, i -> to[i + 2] / from[i + 2]);
        Window window = Window.over(factors.length).stride(factors);
        double count = GradientBuilder.product(factors);
        return g.mul(g.averagePool(dy, window, factors), g.scalar((float) count));
    }

    /// The weights with which one axis is read.
    private record Interpolation(Node node, long from, long to, double scale) {

        double[] matrix() {
            double[] matrix = new double[Math.toIntExact(to * from)];
            for (long at = 0; at < to; at++) {
                double position = position(at);
                switch (node.text("mode", "nearest")) {
                    case "nearest" -> add(matrix, at, nearest(position), 1);
                    case "linear" -> {
                        long low = (long) Math.floor(position);
                        add(matrix, at, low, 1 - (position - low));
                        add(matrix, at, low + 1, position - low);
                    }
                    case "cubic" -> addCubic(matrix, at, position);
                    default -> throw new UnsupportedFormException("mode " + node.text("mode", ""));
                }
            }
            return matrix;
        }

        private double position(long at) {
            return switch (node.text("coordinate_transformation_mode", "half_pixel")) {
                case "asymmetric" -> at / scale;
                case "align_corners" -> to == 1 ? 0 : at * (from - 1.0) / (to - 1.0);
                case "pytorch_half_pixel" -> to > 1 ? (at + 0.5) / scale - 0.5 : 0;
                case "half_pixel_symmetric" -> {
                    double adjustment = to / (scale * from);
                    double centre = from / 2.0;
                    yield centre * (1 - adjustment) + (at + 0.5) / scale - 0.5;
                }
                case "half_pixel" -> (at + 0.5) / scale - 0.5;
                default ->
                    throw new UnsupportedFormException(
                            "coordinate_transformation_mode " + node.text("coordinate_transformation_mode", ""));
            };
        }

        private long nearest(double position) {
            // In single precision, as the runtime decides ties.
            float at = (float) position;
            return (long)
                    switch (node.text("nearest_mode", "round_prefer_floor")) {
                        case "floor" -> Math.floor(at);
                        case "ceil" -> Math.ceil(at);
                        case "round_prefer_ceil" -> Math.floor(at + 0.5f);
                        default -> Math.ceil(at - 0.5f);
                    };
        }

        private void addCubic(double[] matrix, long at, double position) {
            double a = node.real("cubic_coeff_a", -0.75f);
            long base = (long) Math.floor(position);
            double t = position - base;
            double[] weights = {
                cubic(t + 1, a), cubic(t, a), cubic(1 - t, a), cubic(2 - t, a),
            };
            double total = 1;
            if (node.flag("exclude_outside")) {
                total = 0;
                for (int i = 0; i < weights.length; i++) {
                    boolean inside = base - 1 + i >= 0 && base - 1 + i < from;
                    weights[i] = inside ? weights[i] : 0;
                    total += weights[i];
                }
            }
            for (int i = 0; i < weights.length; i++) {
                add(matrix, at, base - 1 + i, weights[i] / total);
            }
        }

        /// The cubic convolution kernel (Keys, 1981) at distance t in [0, 2].
        private static double cubic(double t, double a) {
            return t <= 1 ? ((a + 2) * t - (a + 3)) * t * t + 1 : ((a * t - 5 * a) * t + 8 * a) * t - 4 * a;
        }

        /// Positions outside of the axis read its border.
        private void add(double[] matrix, long at, long source, double weight) {
            matrix[Math.toIntExact(at * from + Math.clamp(source, 0, from - 1))] += weight;
        }
    }
}
