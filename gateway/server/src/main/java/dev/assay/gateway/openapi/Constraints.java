package dev.assay.gateway.openapi;

import build.buf.validate.FieldRules;
import build.buf.validate.Rule;
import build.buf.validate.ValidateProto;
import com.google.gson.JsonArray;
import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.JsonPrimitive;
import com.google.protobuf.Descriptors.Descriptor;
import com.google.protobuf.Descriptors.FieldDescriptor;
import com.google.protobuf.Message;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/// The protovalidate rules of a field, said in the words of JSON Schema.
///
/// @param keywords such as `minimum` or `pattern`
/// @param items the same for the elements of a repeated field; empty when there are none
/// @param rules messages of the rules that JSON Schema has no word for
record Constraints(JsonObject keywords, JsonObject items, List<String> rules) {

    /// The words for rules that all types of their kind share.
    private static final Map<String, String> KEYWORDS = Map.ofEntries(
            Map.entry("gt", "exclusiveMinimum"),
            Map.entry("gte", "minimum"),
            Map.entry("lt", "exclusiveMaximum"),
            Map.entry("lte", "maximum"),
            Map.entry("const", "const"),
            Map.entry("in", "enum"),
            Map.entry("pattern", "pattern"),
            Map.entry("min_len", "minLength"),
            Map.entry("max_len", "maxLength"),
            Map.entry("min_items", "minItems"),
            Map.entry("max_items", "maxItems"),
            Map.entry("unique", "uniqueItems"),
            Map.entry("min_pairs", "minProperties"),
            Map.entry("max_pairs", "maxProperties"));

    static Constraints of(FieldDescriptor field) {
        FieldRules rules = field.getOptions().getExtension(ValidateProto.field);
        FieldRules items = rules.getRepeated().getItems();
        List<String> messages = Stream.concat(messages(rules), messages(items)).toList();
        return new Constraints(keywords(rules), keywords(items), messages);
    }

    static boolean isRequired(FieldDescriptor field) {
        FieldRules rules = field.getOptions().getExtension(ValidateProto.field);
        return rules.getRequired() || rules.getRepeated().getMinItems() > 0;
    }

    /// What a message demands of its fields taken together.
    static List<String> rulesOf(Descriptor message) {
        return message.getOptions().getExtension(ValidateProto.message).getCelList().stream()
                .map(Rule::getMessage)
                .filter(text -> !text.isEmpty())
                .toList();
    }

    private static Stream<String> messages(FieldRules rules) {
        return rules.getCelList().stream().map(Rule::getMessage).filter(text -> !text.isEmpty());
    }

    private static JsonObject keywords(FieldRules rules) {
        JsonObject keywords = new JsonObject();
        FieldDescriptor kind = rules.getOneofFieldDescriptor(
                FieldRules.getDescriptor().getOneofs().getFirst());
        if (kind != null) {
            ((Message) rules.getField(kind)).getAllFields().forEach((rule, value) -> {
                String keyword = KEYWORDS.get(rule.getName());
                if (keyword != null) {
                    keywords.add(keyword, json(value));
                }
            });
        }
        return keywords;
    }

    private static JsonElement json(Object value) {
        return switch (value) {
            case List<?> list -> {
                JsonArray array = new JsonArray();
                list.forEach(element -> array.add(json(element)));
                yield array;
            }
            case Number number -> new JsonPrimitive(number);
            case Boolean flag -> new JsonPrimitive(flag);
            default -> new JsonPrimitive(value.toString());
        };
    }
}
