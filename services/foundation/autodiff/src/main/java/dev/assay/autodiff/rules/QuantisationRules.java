package dev.assay.autodiff.rules;

import dev.assay.onnx.ElementType;
import dev.assay.onnx.Node;
import dev.assay.onnx.Value;
import java.util.List;

/// Quantisation by the straight-through convention: rounding is taken as the identity inside the range of the
/// integers, bounds included, and as constant outside. The cotangent of the integers in between is carried on as
/// floats.
final class QuantisationRules {

    private QuantisationRules() {}

    static void register(RuleTable table) {
        table.unary("QuantizeLinear", QuantisationRules::quantize)
                .one("DequantizeLinear", QuantisationRules::dequantize);
    }

    /// dx = dy where min ≤ round(x/s) + z ≤ max.
    private static Value quantize(Node n, Value dy, GradientBuilder g) {
        Value x = n.input(0);
        Value scaled = g.round(g.div(x, alongAxis(n, n.input(1), x, g)));
        Value level = n.hasInput(2) ? g.add(scaled, g.cast(alongAxis(n, n.input(2), x, g), g.typeOf(x))) : scaled;
        double low = lowest(g.typeOf(n.output(0)));
        double high = highest(g.typeOf(n.output(0)));
        Value inside = g.and(g.greaterOrEqual(level, g.like(x, low)), g.lessOrEqual(level, g.like(x, high)));
        return g.masked(inside, dy, x);
    }

    /// Behind QuantizeLinear the cotangent passes as it is. Of stored integers q: ds = Σ dy·(q − z).
    private static List<Value> dequantize(Node n, Value dy, GradientBuilder g) {
        if (g.isFrom(n.input(0), "QuantizeLinear")) {
            return List.of(dy);
        }
        Value q = n.input(0);
        Value s = n.input(1);
        Value steps = g.cast(q, g.typeOf(s));
        if (n.hasInput(2)) {
            steps = g.sub(steps, g.cast(alongAxis(n, n.input(2), q, g), g.typeOf(s)));
        }
        long[] shape = g.shapeOf(q);
        Value perElement = g.mul(dy, steps);
        return List.of(Value.ABSENT, g.reshapeLike(g.unbroadcast(perElement, shape, axisShape(n, s, q, g)), s));
    }

    /// A scale or zero point per element of one axis, shaped to broadcast.
    private static Value alongAxis(Node n, Value parameter, Value x, GradientBuilder g) {
        return g.size(parameter) == 1 ? g.reshape(parameter) : g.reshape(parameter, axisShape(n, parameter, x, g));
    }

    private static long[] axisShape(Node n, Value parameter, Value x, GradientBuilder g) {
        if (n.integer("block_size", 0) != 0 || g.rank(parameter) > 1) {
            throw new UnsupportedFormException("block-wise scales");
        }
        long[] shape = Geometry.ones(g.rank(x));
        if (g.size(parameter) > 1) {
            shape[GradientBuilder.axis(n.axis(1), shape.length)] = g.size(parameter);
        }
        return shape;
    }

    private static double lowest(ElementType type) {
        return switch (type) {
            case INT8 -> -128;
            case INT16 -> -32768;
            case INT4 -> -8;
            case UINT8, UINT16, UINT4 -> 0;
            default -> throw new UnsupportedFormException("levels of type " + type);
        };
    }

    private static double highest(ElementType type) {
        return switch (type) {
            case INT8 -> 127;
            case UINT8 -> 255;
            case INT16 -> 32767;
            case UINT16 -> 65535;
            case INT4 -> 7;
            case UINT4 -> 15;
            default -> throw new UnsupportedFormException("levels of type " + type);
        };
    }
}
