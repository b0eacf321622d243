package dev.assay.autodiff.rules;

import dev.assay.onnx.Node;
import dev.assay.onnx.TensorData;
import dev.assay.onnx.Value;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/// Functions of several numbers, element by element, with broadcasting: what an operand was repeated for is
/// summed. Ties of Max and Min share the cotangent evenly.
final class ArithmeticRules {

    private ArithmeticRules() {}

    static void register(RuleTable table) {
        table
                // da = dy, db = dy
                .one("Add", (n, dy, g) -> reduced(n, g, dy, dy))
                // da = dy, db = −dy
                .one("Sub", (n, dy, g) -> reduced(n, g, dy, g.neg(dy)))
                // da = dy·b, db = dy·a
                .one("Mul", (n, dy, g) -> reduced(n, g, g.mul(dy, n.input(1)), g.mul(dy, n.input(0))))
                // da = dy/b, db = −dy·y/b
                .one("Div", (n, dy, g) -> {
                    Value da = g.div(dy, n.input(1));
                    return reduced(n, g, da, g.neg(g.mul(da, n.output(0))));
                })
                .one("Pow", ArithmeticRules::pow)
                // y = a − b·trunc(a/b): da = dy, db = −dy·trunc(a/b)
                .one("Mod", (n, dy, g) -> {
                    Value quotient = g.div(n.input(0), n.input(1));
                    Value truncated = g.mul(g.sign(quotient), g.floor(g.abs(quotient)));
                    return reduced(n, g, dy, g.neg(g.mul(dy, truncated)));
                })
                // dxᵢ = dy
                .one("Sum", (n, dy, g) -> each(n, g, input -> dy))
                // dxᵢ = dy / count
                .one("Mean", (n, dy, g) -> {
                    Value share = g.div(dy, g.like(n.input(0), n.inputs().size()));
                    return each(n, g, input -> share);
                })
                .one("Max", ArithmeticRules::extremum)
                .one("Min", ArithmeticRules::extremum)
                // da = dy where the condition holds, db = dy where not
                .one("Where", (n, dy, g) -> {
                    Value condition = n.input(0);
                    Value da = g.masked(condition, dy, n.output(0));
                    Value db = g.where(condition, g.like(n.output(0), 0), dy);
                    return List.of(
                            Value.ABSENT,
                            g.unbroadcast(da, n.output(0), n.input(1)),
                            g.unbroadcast(db, n.output(0), n.input(2)));
                })
                .one("Clip", ArithmeticRules::clip)
                // dx = dy in the type of x; a way through integers carries no gradient
                .unary("Cast", (n, dy, g) -> g.castBack(dy, g.typeOf(n.output(0)), g.typeOf(n.input(0))))
                .unary("CastLike", (n, dy, g) -> g.castBack(dy, g.typeOf(n.output(0)), g.typeOf(n.input(0))))
                .one("Dropout", ArithmeticRules::dropout);
    }

    private static List<Value> reduced(Node n, GradientBuilder g, Value da, Value db) {
        return List.of(g.unbroadcast(da, n.output(0), n.input(0)), g.unbroadcast(db, n.output(0), n.input(1)));
    }

    private static List<Value> each(Node n, GradientBuilder g, java.util.function.UnaryOperator<Value> cotangent) {
        List<Value> results = new ArrayList<>();
        for (Value input : n.inputs()) {
            results.add(g.unbroadcast(cotangent.apply(input), n.output(0), input));
        }
        return results;
    }

    /// y = aᵉ: da = dy·e·aᵉ⁻¹, de = dy·y·log(a), which is 0 where a ≤ 0. Never e·y/a, which is NaN at a = 0.
    private static List<Value> pow(Node n, Value dy, GradientBuilder g) {
        Value a = n.input(0);
        Value e = n.input(1);
        Value da = g.unbroadcast(powerOfBase(n, dy, g), n.output(0), a);
        if (!g.wants(e)) {
            return List.of(da);
        }
        Value positive = g.greater(a, g.like(a, 0));
        Value logarithm = g.where(positive, g.log(g.where(positive, a, g.like(a, 1))), g.like(a, 0));
        Value de = g.mul(dy, g.mul(n.output(0), logarithm));
        return List.of(da, g.unbroadcast(g.typeOf(e) == g.typeOf(a) ? de : g.cast(de, g.typeOf(e)), n.output(0), e));
    }

    private static Value powerOfBase(Node n, Value dy, GradientBuilder g) {
        Value a = n.input(0);
        Value y = n.output(0);
        Optional<TensorData> constant = g.constantOf(n.input(1)).filter(tensor -> tensor.elementCount() == 1);
        if (constant.isPresent()) {
            double e = constant.get().toDoubles()[0];
            if (e == 0) {
                return g.zerosLike(y);
            }
            if (e == 1) {
                return dy;
            }
            if (e == 2) {
                return g.mul(dy, g.mul(a, g.like(a, 2)));
            }
            if (e == 0.5) {
                return g.div(dy, g.mul(y, g.like(a, 2)));
            }
            if (e == -1) {
                return g.neg(g.mul(dy, g.mul(y, y)));
            }
            return g.mul(dy, g.mul(g.pow(a, g.like(a, e - 1)), g.like(a, e)));
        }
        Value e = g.typeOf(n.input(1)) == g.typeOf(a) ? n.input(1) : g.cast(n.input(1), g.typeOf(a));
        return g.mul(dy, g.mul(e, g.pow(a, g.sub(e, g.like(a, 1)))));
    }

    /// dxᵢ = dy where y = xᵢ, divided by the number of operands that attain y.
    private static List<Value> extremum(Node n, Value dy, GradientBuilder g) {
        Value y = n.output(0);
        if (n.inputs().size() == 1) {
            return List.of(dy);
        }
        List<Value> attained = n.inputs().stream()
                .map(input -> g.indicator(g.equal(y, input), y))
                .toList();
        Value share = g.div(dy, g.sum(attained));
        List<Value> results = new ArrayList<>();
        for (int i = 0; i < attained.size(); i++) {
            results.add(g.unbroadcast(g.mul(share, attained.get(i)), y, n.input(i)));
        }
        return results;
    }

    /// dx = dy where low ≤ x ≤ high, bounds included; dlow = Σ dy where x < low, dhigh = Σ dy where x > high.
    private static List<Value> clip(Node n, Value dy, GradientBuilder g) {
        Value x = n.input(0);
        List<Value> results = new ArrayList<>(List.of(dy));
        Value dx = dy;
        if (n.hasInput(1)) {
            dx = g.masked(g.greaterOrEqual(x, n.input(1)), dx, x);
            results.add(g.unbroadcast(g.masked(g.less(x, n.input(1)), dy, x), x, n.input(1)));
        }
        if (n.hasInput(2)) {
            dx = g.masked(g.lessOrEqual(x, n.input(2)), dx, x);
            while (results.size() < 2) {
                results.add(Value.ABSENT);
            }
            results.add(g.unbroadcast(g.masked(g.greater(x, n.input(2)), dy, x), x, n.input(2)));
        }
        results.set(0, dx);
        return results;
    }

    /// Inference: dx = dy. Training: dx = dy · mask / (1 − ratio), with the mask that the node drew.
    private static List<Value> dropout(Node n, Value dy, GradientBuilder g) {
        if (!n.hasInput(2)) {
            return List.of(dy);
        }
        Optional<TensorData> training = g.constantOf(n.input(2));
        if (training.isPresent() && training.get().toLongs()[0] == 0) {
            return List.of(dy);
        }
        Value x = n.input(0);
        Value ratio = n.hasInput(1)
                ? g.typeOf(n.input(1)) == g.typeOf(x) ? n.input(1) : g.cast(n.input(1), g.typeOf(x))
                : g.like(x, 0.5);
        Value kept = g.masked(g.extraOutput(n, 1), dy, x);
        Value scaled = g.div(kept, g.sub(g.like(x, 1), ratio));
        return List.of(training.isPresent() ? scaled : g.where(n.input(2), scaled, dy));
    }
}
