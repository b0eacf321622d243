package dev.assay.autodiff.rules;

import dev.assay.onnx.Node;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/// All rules: from the standard operator to its vector-Jacobian product. To add one, write it into the family
/// that it belongs to and give it a recorded case (docs/autodiff.md).
public final class Rules {

    private static final Map<String, Rule> RULES = table();

    /// Operators whose result does not change with small changes of its inputs, or is no number at all: a
    /// gradient ends there. Stated, not guessed; whatever is in neither table is an error.
    private static final Set<String> WITHOUT_GRADIENT = Set.of(
            "And",
            "ArgMax",
            "ArgMin",
            "BitShift",
            "BitwiseAnd",
            "BitwiseNot",
            "BitwiseOr",
            "BitwiseXor",
            "Bernoulli",
            "Ceil",
            "Constant",
            "ConstantOfShape",
            "Equal",
            "EyeLike",
            "Floor",
            "Greater",
            "GreaterOrEqual",
            "Hardmax",
            "IsInf",
            "IsNaN",
            "Less",
            "LessOrEqual",
            "Multinomial",
            "NonZero",
            "NonMaxSuppression",
            "Not",
            "Or",
            "RandomNormal",
            "RandomNormalLike",
            "RandomUniform",
            "RandomUniformLike",
            "Range",
            "Round",
            "Shape",
            "Sign",
            "Size",
            "Unique",
            "Xor");

    private Rules() {}

    private static Map<String, Rule> table() {
        RuleTable table = new RuleTable();
        UnaryRules.register(table);
        ActivationRules.register(table);
        ArithmeticRules.register(table);
        LinearAlgebraRules.register(table);
        ConvolutionRules.register(table);
        PoolingRules.register(table);
        NormalisationRules.register(table);
        ReductionRules.register(table);
        LayoutRules.register(table);
        IndexingRules.register(table);
        ResizeRules.register(table);
        LossRules.register(table);
        QuantisationRules.register(table);
        return table.rules();
    }

    /// The rule of a node's operator.
    public static Optional<Rule> of(Node node) {
        return node.domain().isEmpty() ? Optional.ofNullable(RULES.get(node.operator())) : Optional.empty();
    }

    /// Whether gradients end at this node by the nature of its operator.
    public static boolean endsGradients(Node node) {
        return node.domain().isEmpty() && WITHOUT_GRADIENT.contains(node.operator());
    }

    /// Names of the operators with a rule.
    public static Set<String> operators() {
        return RULES.keySet();
    }

    /// Names of the operators that end gradients.
    public static Set<String> withoutGradient() {
        return WITHOUT_GRADIENT;
    }
}
