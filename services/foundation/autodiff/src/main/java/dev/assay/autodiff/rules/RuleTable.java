package dev.assay.autodiff.rules;

import dev.assay.onnx.Value;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/// Where the families of rules write theirs down.
final class RuleTable {

    private final Map<String, Rule> rules = new HashMap<>();

    /// A rule that looks at the cotangents of all outputs.
    RuleTable put(String operator, Rule rule) {
        if (rules.put(operator, rule) != null) {
            throw new IllegalStateException("two rules for " + operator);
        }
        return this;
    }

    /// A rule for the first output, which is the only one that carries a gradient.
    RuleTable one(String operator, Rule.OneOutput rule) {
        return put(operator, (node, cotangents, g) -> {
            Value dy = cotangents.getFirst();
            return dy.isPresent() ? rule.apply(node, dy, g) : List.of();
        });
    }

    /// A rule for the first output and the first input.
    RuleTable unary(String operator, Rule.Unary rule) {
        return one(operator, (node, dy, g) -> List.of(rule.apply(node, dy, g)));
    }

    Map<String, Rule> rules() {
        return Map.copyOf(rules);
    }
}
