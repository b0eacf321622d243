package dev.assay.autodiff.rules;

import static dev.assay.autodiff.rules.UnaryRules.oneMinus;
import static dev.assay.autodiff.rules.UnaryRules.onePlus;
import static dev.assay.autodiff.rules.UnaryRules.square;

import dev.assay.onnx.Node;
import dev.assay.onnx.Value;
import java.util.List;

/// Activation functions, element by element. At a kink the slope is PyTorch's: 0 at 0 for Relu, the slope of the
/// negative side for LeakyRelu.
final class ActivationRules {

    private static final float SELU_ALPHA = 1.67326319217681884765625f;
    private static final float SELU_GAMMA = 1.05070102214813232421875f;

    private ActivationRules() {}

    static void register(RuleTable table) {
        table
                // dx = dy where y > 0. Reads y, so that the runtime can still merge Relu into what comes before it.
                .unary("Relu", (n, dy, g) -> g.masked(g.greater(n.output(0), g.like(n.input(0), 0)), dy, n.input(0)))
                // dx = dy · (x > 0 ? 1 : α)
                .unary("LeakyRelu", (n, dy, g) -> g.mul(dy, slope(n, g, g.like(n.input(0), n.real("alpha", 0.01f)))))
                // dx = dy where x > α
                .unary(
                        "ThresholdedRelu",
                        (n, dy, g) -> g.masked(
                                g.greater(n.input(0), g.like(n.input(0), n.real("alpha", 1f))), dy, n.input(0)))
                .one("PRelu", ActivationRules::parametricRelu)
                // dx = dy · (x > 0 ? 1 : y + α)
                .unary(
                        "Elu",
                        (n, dy, g) ->
                                g.mul(dy, slope(n, g, g.add(n.output(0), g.like(n.input(0), n.real("alpha", 1f))))))
                // dx = dy · (x > 0 ? 1 : exp(x / α)); the minimum keeps the unused side finite
                .unary("Celu", (n, dy, g) -> {
                    Value negative = g.min(n.input(0), g.like(n.input(0), 0));
                    Value decay = g.exp(g.div(negative, g.like(n.input(0), n.real("alpha", 1f))));
                    return g.mul(dy, slope(n, g, decay));
                })
                // dx = dy · (x > 0 ? γ : y + αγ)
                .unary("Selu", (n, dy, g) -> {
                    float gamma = n.real("gamma", SELU_GAMMA);
                    float alpha = n.real("alpha", SELU_ALPHA);
                    Value x = n.input(0);
                    Value falling = g.add(n.output(0), g.like(x, (double) alpha * gamma));
                    return g.mul(dy, g.where(g.greater(x, g.like(x, 0)), g.like(x, gamma), falling));
                })
                // dx = dy · (1 − y²)
                .unary("Tanh", (n, dy, g) -> g.mul(dy, oneMinus(square(n.output(0), g), n.input(0), g)))
                // dx = dy · y · (1 − y)
                .unary("Sigmoid", (n, dy, g) -> g.mul(dy, g.mul(n.output(0), oneMinus(n.output(0), n.input(0), g))))
                // dx = dy · sigmoid(x)
                .unary("Softplus", (n, dy, g) -> g.mul(dy, g.sigmoid(n.input(0))))
                // dx = dy / (1 + |x|)²
                .unary("Softsign", (n, dy, g) -> g.div(dy, square(onePlus(g.abs(n.input(0)), n.input(0), g), g)))
                .unary("Gelu", ActivationRules::gelu)
                // dx = dy · α where 0 < αx + β < 1
                .unary(
                        "HardSigmoid",
                        (n, dy, g) ->
                                g.mul(dy, hardSigmoidSlope(n.input(0), n.real("alpha", 0.2f), n.real("beta", 0.5f), g)))
                // y = x · h(x), h = hardsigmoid(1/6, 1/2): dx = dy · (h + x · h')
                .unary("HardSwish", (n, dy, g) -> {
                    Value x = n.input(0);
                    Value h = g.clip(g.add(g.mul(x, g.like(x, 1 / 6.0)), g.like(x, 0.5)), g.like(x, 0), g.like(x, 1));
                    return g.mul(dy, g.add(h, g.mul(x, hardSigmoidSlope(x, 1 / 6f, 0.5f, g))));
                })
                // y = x · t, t = tanh(softplus(x)): dx = dy · (t + x · sigmoid(x) · (1 − t²))
                .unary("Mish", (n, dy, g) -> {
                    Value x = n.input(0);
                    Value t = g.tanh(g.softplus(x));
                    return g.mul(dy, g.add(t, g.mul(g.mul(x, g.sigmoid(x)), oneMinus(square(t, g), x, g))));
                })
                // y = x · s, s = sigmoid(αx): dx = dy · (s + αx · s · (1 − s))
                .unary("Swish", (n, dy, g) -> {
                    Value x = n.input(0);
                    Value scaled = g.mul(x, g.like(x, n.real("alpha", 1f)));
                    Value s = g.sigmoid(scaled);
                    return g.mul(dy, g.add(s, g.mul(scaled, g.mul(s, oneMinus(s, x, g)))));
                })
                // dx = dy where |x| > λ
                .unary(
                        "Shrink",
                        (n, dy, g) -> g.masked(
                                g.greater(g.abs(n.input(0)), g.like(n.input(0), n.real("lambd", 0.5f))),
                                dy,
                                n.input(0)));
    }

    /// 1 where x > 0, `otherwise` elsewhere.
    private static Value slope(Node n, GradientBuilder g, Value otherwise) {
        Value x = n.input(0);
        return g.where(g.greater(x, g.like(x, 0)), g.like(x, 1), otherwise);
    }

    private static Value hardSigmoidSlope(Value x, float alpha, float beta, GradientBuilder g) {
        Value line = g.add(g.mul(x, g.like(x, alpha)), g.like(x, beta));
        Value inside = g.and(g.greater(line, g.like(x, 0)), g.less(line, g.like(x, 1)));
        return g.mul(g.indicator(inside, x), g.like(x, alpha));
    }

    /// y = x > 0 ? x : s·x. dx = dy · (x > 0 ? 1 : s); ds = dy · min(x, 0), summed where s was repeated.
    private static List<Value> parametricRelu(Node n, Value dy, GradientBuilder g) {
        Value x = n.input(0);
        Value s = n.input(1);
        Value dx = g.where(g.greater(x, g.like(x, 0)), dy, g.mul(dy, s));
        return List.of(dx, g.unbroadcast(g.mul(dy, g.min(x, g.like(x, 0))), x, s));
    }

    /// Exact: y = x·Φ(x), dx = dy · (Φ + x·φ). With tanh: u = √(2/π)·(x + 0.044715x³), y = x/2·(1 + tanh u).
    private static Value gelu(Node n, Value dy, GradientBuilder g) {
        Value x = n.input(0);
        if (n.text("approximate", "none").equals("none")) {
            Value cumulative = g.mul(g.like(x, 0.5), onePlus(g.erf(g.mul(x, g.like(x, Math.sqrt(0.5)))), x, g));
            Value density = g.mul(g.exp(g.mul(square(x, g), g.like(x, -0.5))), g.like(x, 1 / Math.sqrt(2 * Math.PI)));
            return g.mul(dy, g.add(cumulative, g.mul(x, density)));
        }
        double root = Math.sqrt(2 / Math.PI);
        Value squared = square(x, g);
        Value u = g.mul(g.mul(x, onePlus(g.mul(squared, g.like(x, 0.044715)), x, g)), g.like(x, root));
        Value t = g.tanh(u);
        Value steepness = g.mul(onePlus(g.mul(squared, g.like(x, 3 * 0.044715)), x, g), g.like(x, root));
        Value rising = g.mul(g.mul(x, oneMinus(square(t, g), x, g)), steepness);
        return g.mul(dy, g.mul(g.like(x, 0.5), g.add(onePlus(t, x, g), rising)));
    }
}
