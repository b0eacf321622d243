package dev.assay.onnx;

import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/// The operators of ONNX as methods, in the form of operator set 18 (reductions take their axes as an input): a
/// table of what {@link GraphBuilder} can append. Each method appends one node and answers its (first) output.
public abstract class Operators {

    /// The operator set that the methods here speak; later ones understand it too.
    public static final int OPSET = 18;

    /// Whether a reduced axis stays with length 1.
    public enum ReducedAxes {
        KEPT,
        DROPPED
    }

    Operators() {}

    /// Appends a node of a standard operator with as many fresh outputs as asked for.
    public abstract List<Value> node(
            String operator, List<Value> inputs, int outputs, Map<String, Attribute> attributes);

    /// A constant tensor; equal small ones are stored once.
    public abstract Value constant(TensorData tensor);

    public final Value node(String operator, List<Value> inputs, Map<String, Attribute> attributes) {
        return node(operator, inputs, 1, attributes).getFirst();
    }

    public final Value node(String operator, Value... inputs) {
        return node(operator, Arrays.asList(inputs), Map.of());
    }

    /// A float scalar.
    public final Value scalar(float value) {
        return constant(TensorData.ofFloats(new float[] {value}));
    }

    /// A scalar of any numeric type.
    public final Value scalar(ElementType type, double value) {
        return constant(TensorData.ofDoubles(type, new double[] {value}));
    }

    /// A 1-d int64 tensor: axes, shapes, pads.
    public final Value longs(long... values) {
        return constant(TensorData.ofLongVector(values));
    }

    // Arithmetic; all broadcast.

    public final Value add(Value a, Value b) {
        return node("Add", a, b);
    }

    public final Value sub(Value a, Value b) {
        return node("Sub", a, b);
    }

    public final Value mul(Value a, Value b) {
        return node("Mul", a, b);
    }

    public final Value div(Value a, Value b) {
        return node("Div", a, b);
    }

    public final Value pow(Value base, Value exponent) {
        return node("Pow", base, exponent);
    }

    public final Value max(Value a, Value b) {
        return node("Max", a, b);
    }

    public final Value min(Value a, Value b) {
        return node("Min", a, b);
    }

    public final Value sum(List<Value> terms) {
        return terms.size() == 1 ? terms.getFirst() : node("Sum", terms, Map.of());
    }

    // Elementwise functions.

    public final Value neg(Value x) {
        return node("Neg", x);
    }

    public final Value abs(Value x) {
        return node("Abs", x);
    }

    public final Value sign(Value x) {
        return node("Sign", x);
    }

    public final Value sqrt(Value x) {
        return node("Sqrt", x);
    }

    public final Value reciprocal(Value x) {
        return node("Reciprocal", x);
    }

    public final Value exp(Value x) {
        return node("Exp", x);
    }

    public final Value log(Value x) {
        return node("Log", x);
    }

    public final Value erf(Value x) {
        return node("Erf", x);
    }

    public final Value tanh(Value x) {
        return node("Tanh", x);
    }

    public final Value sigmoid(Value x) {
        return node("Sigmoid", x);
    }

    public final Value softplus(Value x) {
        return node("Softplus", x);
    }

    public final Value sin(Value x) {
        return node("Sin", x);
    }

    public final Value cos(Value x) {
        return node("Cos", x);
    }

    public final Value floor(Value x) {
        return node("Floor", x);
    }

    public final Value round(Value x) {
        return node("Round", x);
    }

    public final Value relu(Value x) {
        return node("Relu", x);
    }

    public final Value clip(Value x, Value low, Value high) {
        return node("Clip", x, low, high);
    }

    public final Value identity(Value x) {
        return node("Identity", x);
    }

    public final Value cast(Value x, ElementType to) {
        return node("Cast", List.of(x), Map.of("to", Attribute.of((long) to.code())));
    }

    // Comparison and choice.

    public final Value equal(Value a, Value b) {
        return node("Equal", a, b);
    }

    public final Value greater(Value a, Value b) {
        return node("Greater", a, b);
    }

    public final Value greaterOrEqual(Value a, Value b) {
        return node("GreaterOrEqual", a, b);
    }

    public final Value less(Value a, Value b) {
        return node("Less", a, b);
    }

    public final Value lessOrEqual(Value a, Value b) {
        return node("LessOrEqual", a, b);
    }

    public final Value and(Value a, Value b) {
        return node("And", a, b);
    }

    public final Value or(Value a, Value b) {
        return node("Or", a, b);
    }

    public final Value not(Value a) {
        return node("Not", a);
    }

    public final Value where(Value condition, Value whenTrue, Value whenFalse) {
        return node("Where", condition, whenTrue, whenFalse);
    }

    // Linear algebra and convolution.

    public final Value matMul(Value a, Value b) {
        return node("MatMul", a, b);
    }

    /// `A·B + C` with A [M,K], B [K,N] and C broadcast.
    public final Value gemm(Value a, Value b, Value c) {
        return node("Gemm", a, b, c);
    }

    /// `A·Bᵀ + C` with B [N,K], the layout in which linear layers store their weight.
    public final Value linear(Value x, Value weight, Value bias) {
        return node("Gemm", List.of(x, weight, bias), Map.of("transB", Attribute.of(1L)));
    }

    /// @param weight [output channels, input channels / group, kernel…]
    public final Value conv(Value x, Value weight, Window window) {
        return node("Conv", List.of(x, weight), window.attributes());
    }

    public final Value conv(Value x, Value weight, Value bias, Window window) {
        return node("Conv", List.of(x, weight, bias), window.attributes());
    }

    /// @param weight [input channels, output channels / group, kernel…]
    /// @param outputPadding rows added at the end of each axis
    public final Value convTranspose(Value x, Value weight, Window window, long... outputPadding) {
        Map<String, Attribute> attributes = new LinkedHashMap<>(window.attributes());
        if (Arrays.stream(outputPadding).anyMatch(rows -> rows != 0)) {
            attributes.put("output_padding", Attribute.of(outputPadding));
        }
        return node("ConvTranspose", List.of(x, weight), attributes);
    }

    // Pooling and normalisation.

    public final Value maxPool(Value x, Window window, long... kernel) {
        return node("MaxPool", List.of(x), pooling(window, kernel));
    }

    /// Padding does not count in the averages.
    public final Value averagePool(Value x, Window window, long... kernel) {
        return node("AveragePool", List.of(x), pooling(window, kernel));
    }

    public final Value globalAveragePool(Value x) {
        return node("GlobalAveragePool", x);
    }

    private static Map<String, Attribute> pooling(Window window, long[] kernel) {
        Map<String, Attribute> attributes = new LinkedHashMap<>(window.attributes());
        attributes.put("kernel_shape", Attribute.of(kernel));
        return attributes;
    }

    /// With running statistics, as at inference.
    public final Value batchNormalization(Value x, Value scale, Value bias, Value mean, Value variance, float epsilon) {
        return node(
                "BatchNormalization",
                List.of(x, scale, bias, mean, variance),
                Map.of("epsilon", Attribute.of(epsilon)));
    }

    /// With the statistics of the batch. Answers the result and the new running mean and variance
    /// `momentum · old + (1 − momentum) · batch`; the variance is the biased one.
    public final List<Value> batchNormalizationTraining(
            Value x, Value scale, Value bias, Value mean, Value variance, float epsilon, float momentum) {
        return node(
                "BatchNormalization",
                List.of(x, scale, bias, mean, variance),
                3,
                Map.of(
                        "epsilon",
                        Attribute.of(epsilon),
                        "momentum",
                        Attribute.of(momentum),
                        "training_mode",
                        Attribute.of(1L)));
    }

    public final Value layerNormalization(Value x, Value scale, Value bias, long axis, float epsilon) {
        return node(
                "LayerNormalization",
                List.of(x, scale, bias),
                Map.of("axis", Attribute.of(axis), "epsilon", Attribute.of(epsilon)));
    }

    public final Value softmax(Value x, long axis) {
        return node("Softmax", List.of(x), Map.of("axis", Attribute.of(axis)));
    }

    public final Value logSoftmax(Value x, long axis) {
        return node("LogSoftmax", List.of(x), Map.of("axis", Attribute.of(axis)));
    }

    // Reductions. No axes: over all of them.

    public final Value reduceSum(Value x, ReducedAxes reduced, long... axes) {
        return reduce("ReduceSum", x, reduced, axes);
    }

    public final Value reduceMean(Value x, ReducedAxes reduced, long... axes) {
        return reduce("ReduceMean", x, reduced, axes);
    }

    public final Value reduceMax(Value x, ReducedAxes reduced, long... axes) {
        return reduce("ReduceMax", x, reduced, axes);
    }

    public final Value reduceMin(Value x, ReducedAxes reduced, long... axes) {
        return reduce("ReduceMin", x, reduced, axes);
    }

    public final Value reduce(String operator, Value x, ReducedAxes reduced, long... axes) {
        List<Value> inputs = axes.length == 0 ? List.of(x) : List.of(x, longs(axes));
        return node(operator, inputs, Map.of("keepdims", Attribute.of(reduced == ReducedAxes.KEPT ? 1L : 0L)));
    }

    public final Value argMax(Value x, long axis, ReducedAxes reduced) {
        return node(
                "ArgMax",
                List.of(x),
                Map.of("axis", Attribute.of(axis), "keepdims", Attribute.of(reduced == ReducedAxes.KEPT ? 1L : 0L)));
    }

    // Shape and layout.

    /// Zero lengths are taken as zero, not copied from the input.
    public final Value reshape(Value x, long... shape) {
        boolean zero = Arrays.stream(shape).anyMatch(length -> length == 0);
        return node("Reshape", List.of(x, longs(shape)), zero ? Map.of("allowzero", Attribute.of(1L)) : Map.of());
    }

    public final Value flatten(Value x, long axis) {
        return node("Flatten", List.of(x), Map.of("axis", Attribute.of(axis)));
    }

    public final Value transpose(Value x, long... permutation) {
        return node("Transpose", List.of(x), Map.of("perm", Attribute.of(permutation)));
    }

    public final Value squeeze(Value x, long... axes) {
        return node("Squeeze", x, longs(axes));
    }

    public final Value unsqueeze(Value x, long... axes) {
        return node("Unsqueeze", x, longs(axes));
    }

    public final Value expand(Value x, long... shape) {
        return node("Expand", x, longs(shape));
    }

    public final Value tile(Value x, long... repeats) {
        return node("Tile", x, longs(repeats));
    }

    public final Value shape(Value x) {
        return node("Shape", x);
    }

    public final Value concat(long axis, List<Value> parts) {
        return parts.size() == 1 ? parts.getFirst() : node("Concat", parts, Map.of("axis", Attribute.of(axis)));
    }

    public final List<Value> split(Value x, long axis, long... lengths) {
        return node("Split", List.of(x, longs(lengths)), lengths.length, Map.of("axis", Attribute.of(axis)));
    }

    /// @param ends may lie beyond the axis: `Long.MAX_VALUE` is its end
    public final Value slice(Value x, long[] axes, long[] starts, long[] ends, long[] steps) {
        return node("Slice", x, longs(starts), longs(ends), longs(axes), longs(steps));
    }

    /// Elements `start` to before `end` of one axis.
    public final Value slice(Value x, long axis, long start, long end) {
        return slice(x, new long[] {axis}, new long[] {start}, new long[] {end}, new long[] {1});
    }

    /// Pads with zeros: begins of all axes, then ends. Negative pads crop.
    public final Value pad(Value x, long... pads) {
        return node("Pad", x, longs(pads));
    }

    // Indexing.

    public final Value gather(Value x, Value indices, long axis) {
        return node("Gather", List.of(x, indices), Map.of("axis", Attribute.of(axis)));
    }

    public final Value gatherElements(Value x, Value indices, long axis) {
        return node("GatherElements", List.of(x, indices), Map.of("axis", Attribute.of(axis)));
    }

    /// `onOff` holds the off value, then the on value, and gives the type.
    public final Value oneHot(Value indices, Value depth, Value onOff, long axis) {
        return node("OneHot", List.of(indices, depth, onOff), Map.of("axis", Attribute.of(axis)));
    }

    /// Equal indices add up.
    public final Value scatterElementsAdd(Value x, Value indices, Value updates, long axis) {
        return node(
                "ScatterElements",
                List.of(x, indices, updates),
                Map.of("axis", Attribute.of(axis), "reduction", Attribute.of("add")));
    }

    /// Indices must be unique along the axis.
    public final Value scatterElements(Value x, Value indices, Value updates, long axis) {
        return node("ScatterElements", List.of(x, indices, updates), Map.of("axis", Attribute.of(axis)));
    }

    /// Nearest-neighbour enlargement by whole factors, one per axis.
    public final Value resizeNearest(Value x, long... factors) {
        float[] scales = new float[factors.length];
        for (int i = 0; i < scales.length; i++) {
            scales[i] = factors[i];
        }
        return node(
                "Resize",
                List.of(x, Value.ABSENT, constant(TensorData.ofFloats(scales, scales.length))),
                Map.of(
                        "mode",
                        Attribute.of("nearest"),
                        "coordinate_transformation_mode",
                        Attribute.of("asymmetric"),
                        "nearest_mode",
                        Attribute.of("floor")));
    }

    /// Zeros of a float shape, without storing them.
    public final Value zeros(ElementType type, long... shape) {
        return node(
                "ConstantOfShape",
                List.of(longs(shape)),
                Map.of("value", Attribute.of(TensorData.ofDoubles(type, new double[] {0}, 1))));
    }
}
