package dev.assay.cli.flags;

import build.buf.validate.FieldRules;
import build.buf.validate.ValidateProto;
import com.google.protobuf.Descriptors.EnumValueDescriptor;
import com.google.protobuf.Descriptors.FieldDescriptor;
import com.google.protobuf.Descriptors.FieldDescriptor.JavaType;
import com.google.protobuf.Message;
import dev.assay.contract.Comments;
import dev.assay.contract.Defaults;
import dev.assay.contract.v1.ContractProto;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;

/// The help of a flag: the contract's comment, then its bounds, default and example, none of them written twice.
public final class FlagHelp {

    private FlagHelp() {}

    /// Lines of help; a name of an enum has a line of its own.
    public static List<String> lines(Flag flag) {
        FieldDescriptor field = flag.field();
        List<String> sentences = new ArrayList<>();
        sentences.add(Comments.of(field));
        bounds(field).ifPresent(bounds -> sentences.add(capitalised(bounds) + "."));
        if (flag.isRepeated()) {
            sentences.add(
                    Commas.separate(field)
                            ? "For more than one, repeat it or put commas between."
                            : "For more than one, repeat it.");
        }
        String contractExample =
                field.getOptions().getExtension(ContractProto.field).getExample();
        if (!contractExample.isEmpty()) {
            sentences.add("Example: " + plain(contractExample) + ".");
        }
        defaultOf(field).ifPresent(value -> sentences.add("Default: " + value + "."));
        List<String> lines = new ArrayList<>();
        lines.add(sentences.stream().filter(s -> !s.isEmpty()).collect(Collectors.joining(" ")));
        if (field.getJavaType() == JavaType.ENUM) {
            field.getEnumType().getValues().forEach(value -> lines.add(enumLine(value)));
        }
        return lines;
    }

    /// Whether the contract demands the field.
    public static boolean isRequired(Flag flag) {
        FieldRules rules = rules(flag.field());
        return rules.getRequired() || rules.getRepeated().getMinItems() > 0;
    }

    private static Optional<String> defaultOf(FieldDescriptor field) {
        return Defaults.json(field)
                .map(json -> field.getJavaType() == JavaType.ENUM ? FlagText.kebab(plain(json)) : plain(json));
    }

    private static String enumLine(EnumValueDescriptor value) {
        String comment = Comments.of(value);
        return "  " + FlagText.kebab(value.getName()) + (comment.isEmpty() ? "" : ": " + comment);
    }

    /// JSON without the signs that a shell would need quoted.
    private static String plain(String json) {
        return json.replaceAll("[\\[\\]\"]", "");
    }

    private static FieldRules rules(FieldDescriptor field) {
        return field.getOptions().getExtension(ValidateProto.field);
    }

    private static Optional<String> bounds(FieldDescriptor field) {
        List<String> bounds = new ArrayList<>();
        FieldRules rules = rules(field);
        if (field.isRepeated()) {
            var repeated = rules.getRepeated();
            if (repeated.hasMinItems() && repeated.getMinItems() > 0) {
                bounds.add("at least " + repeated.getMinItems());
            }
            if (repeated.hasMaxItems()) {
                bounds.add("at most " + repeated.getMaxItems());
            }
            if (repeated.getUnique()) {
                bounds.add("no value twice");
            }
        } else {
            if (rules.getRequired()) {
                bounds.add("required");
            }
            bounds.addAll(typeBounds(rules));
        }
        return bounds.isEmpty() ? Optional.empty() : Optional.of(String.join(", ", bounds));
    }

    /// The rules of all number and text types have the same names, so they are read by name: `gte` and `gt` before
    /// `lte` and `lt`.
    private static List<String> typeBounds(FieldRules rules) {
        List<String> bounds = new ArrayList<>();
        rules.getAllFields().values().stream()
                .filter(Message.class::isInstance)
                .map(Message.class::cast)
                .flatMap(typed -> typed.getAllFields().entrySet().stream())
                .sorted(Comparator.comparing(rule -> rule.getKey().getName().startsWith("l")))
                .forEach(rule -> word(rule).ifPresent(bounds::add));
        return bounds;
    }

    private static Optional<String> word(Map.Entry<FieldDescriptor, Object> rule) {
        Object bound = rule.getValue();
        return switch (rule.getKey().getName()) {
            case "gte" -> Optional.of("at least " + number(bound));
            case "gt" -> Optional.of("more than " + number(bound));
            case "lte" -> Optional.of("at most " + number(bound));
            case "lt" -> Optional.of("less than " + number(bound));
            case "min_len" -> Optional.of("at least " + bound + " characters");
            case "max_len" -> Optional.of("at most " + bound + " characters");
            case "in" ->
                Optional.of("one of "
                        + ((List<?>) bound).stream().map(Object::toString).collect(Collectors.joining(", ")));
            default -> Optional.empty(); // patterns and CEL are told in words by the field's comment
        };
    }

    private static String number(Object bound) {
        String text = bound.toString();
        return text.endsWith(".0") ? text.substring(0, text.length() - 2) : text;
    }

    private static String capitalised(String text) {
        return Character.toUpperCase(text.charAt(0)) + text.substring(1);
    }
}
