package dev.assay.autodiff.rules;

import dev.assay.onnx.Value;

/// Functions of one number, element by element. x is the input, y the output, dy its cotangent.
final class UnaryRules {

    private UnaryRules() {}

    static void register(RuleTable table) {
        table
                // y = x
                .unary("Identity", (n, dy, g) -> dy)
                // dx = −dy
                .unary("Neg", (n, dy, g) -> g.neg(dy))
                // dx = dy · sign(x); 0 at 0
                .unary("Abs", (n, dy, g) -> g.mul(dy, g.sign(n.input(0))))
                // dx = dy · y
                .unary("Exp", (n, dy, g) -> g.mul(dy, n.output(0)))
                // dx = dy / x
                .unary("Log", (n, dy, g) -> g.div(dy, n.input(0)))
                // dx = dy / 2y
                .unary("Sqrt", (n, dy, g) -> g.div(dy, twice(n.output(0), n.input(0), g)))
                // dx = −dy · y²
                .unary("Reciprocal", (n, dy, g) -> g.neg(g.mul(dy, square(n.output(0), g))))
                // dx = dy · 2/√π · exp(−x²)
                .unary("Erf", (n, dy, g) -> {
                    Value bell = g.exp(g.neg(square(n.input(0), g)));
                    return g.mul(dy, g.mul(bell, g.like(n.input(0), 2 / Math.sqrt(Math.PI))));
                })
                // dx = dy · cos(x)
                .unary("Sin", (n, dy, g) -> g.mul(dy, g.cos(n.input(0))))
                // dx = −dy · sin(x)
                .unary("Cos", (n, dy, g) -> g.neg(g.mul(dy, g.sin(n.input(0)))))
                // dx = dy · (1 + y²)
                .unary("Tan", (n, dy, g) -> g.mul(dy, onePlus(square(n.output(0), g), n.input(0), g)))
                // dx = dy / √(1 − x²)
                .unary("Asin", (n, dy, g) -> g.div(dy, g.sqrt(oneMinus(square(n.input(0), g), n.input(0), g))))
                // dx = −dy / √(1 − x²)
                .unary("Acos", (n, dy, g) -> g.neg(g.div(dy, g.sqrt(oneMinus(square(n.input(0), g), n.input(0), g)))))
                // dx = dy / (1 + x²)
                .unary("Atan", (n, dy, g) -> g.div(dy, onePlus(square(n.input(0), g), n.input(0), g)))
                // dx = dy · cosh(x)
                .unary("Sinh", (n, dy, g) -> g.mul(dy, g.node("Cosh", n.input(0))))
                // dx = dy · sinh(x)
                .unary("Cosh", (n, dy, g) -> g.mul(dy, g.node("Sinh", n.input(0))))
                // dx = dy / √(x² + 1)
                .unary("Asinh", (n, dy, g) -> g.div(dy, g.sqrt(onePlus(square(n.input(0), g), n.input(0), g))))
                // dx = dy / √(x² − 1)
                .unary("Acosh", (n, dy, g) -> g.div(dy, g.sqrt(g.sub(square(n.input(0), g), g.like(n.input(0), 1)))))
                // dx = dy / (1 − x²)
                .unary("Atanh", (n, dy, g) -> g.div(dy, oneMinus(square(n.input(0), g), n.input(0), g)));
    }

    static Value square(Value x, GradientBuilder g) {
        return g.mul(x, x);
    }

    /// 1 + v in the type of `like`.
    static Value onePlus(Value v, Value like, GradientBuilder g) {
        return g.add(g.like(like, 1), v);
    }

    /// 1 − v in the type of `like`.
    static Value oneMinus(Value v, Value like, GradientBuilder g) {
        return g.sub(g.like(like, 1), v);
    }

    private static Value twice(Value v, Value like, GradientBuilder g) {
        return g.mul(v, g.like(like, 2));
    }
}
