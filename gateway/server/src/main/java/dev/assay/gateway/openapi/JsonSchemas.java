package dev.assay.gateway.openapi;

import com.google.gson.JsonArray;
import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import com.google.gson.JsonPrimitive;
import com.google.protobuf.Descriptors.Descriptor;
import com.google.protobuf.Descriptors.EnumDescriptor;
import com.google.protobuf.Descriptors.EnumValueDescriptor;
import com.google.protobuf.Descriptors.FieldDescriptor;
import dev.assay.contract.Comments;
import dev.assay.contract.Defaults;
import dev.assay.contract.v1.ContractProto;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;

/// JSON schemas (2020-12) of protobuf messages in their JSON mapping, with what the contract says of each field:
/// its comment, default, example and bounds. Collects every message that is reached from those asked for.
public final class JsonSchemas {

    private static final String REFERENCE = "#/components/schemas/";

    private final Map<String, JsonObject> schemas = new TreeMap<>();

    /// A reference to the schema of a message, which is written down with all that it reaches.
    public JsonObject of(Descriptor message) {
        return wellKnown(message) ? wellKnownSchema(message) : reference(message);
    }

    /// The schemas that were asked for, by name, in alphabetical order.
    public Map<String, JsonObject> all() {
        return Map.copyOf(schemas);
    }

    /// The smallest sensible request: the fields for which the contract gives an example.
    public static JsonObject example(Descriptor message) {
        JsonObject example = new JsonObject();
        for (FieldDescriptor field : message.getFields()) {
            String value = field.getOptions().getExtension(ContractProto.field).getExample();
            if (!value.isEmpty()) {
                example.add(field.getJsonName(), JsonParser.parseString(value));
            }
        }
        return example;
    }

    private JsonObject reference(Descriptor message) {
        String name = name(message);
        if (!schemas.containsKey(name)) {
            schemas.put(name, new JsonObject()); // holds the place, so that a message that contains itself ends
            schemas.put(name, schema(message));
        }
        JsonObject reference = new JsonObject();
        reference.addProperty("$ref", REFERENCE + name);
        return reference;
    }

    private JsonObject schema(Descriptor message) {
        JsonObject schema = new JsonObject();
        schema.addProperty("type", "object");
        describe(schema, Comments.of(message), Constraints.rulesOf(message));
        JsonObject properties = new JsonObject();
        JsonArray required = new JsonArray();
        for (FieldDescriptor field : message.getFields()) {
            properties.add(field.getJsonName(), property(field));
            if (Constraints.isRequired(field)) {
                required.add(field.getJsonName());
            }
        }
        schema.add("properties", properties);
        if (!required.isEmpty()) {
            schema.add("required", required);
        }
        schema.addProperty("additionalProperties", false);
        return schema;
    }

    private JsonObject property(FieldDescriptor field) {
        JsonObject schema = field.isMapField() ? map(field) : field.isRepeated() ? array(field) : single(field);
        Constraints constraints = Constraints.of(field);
        constraints.keywords().asMap().forEach(schema::add);
        constraints
                .items()
                .asMap()
                .forEach((key, value) -> schema.getAsJsonObject("items").add(key, value));
        describe(schema, comment(field), constraints.rules());
        Defaults.json(field).ifPresent(value -> schema.add("default", JsonParser.parseString(value)));
        String example = field.getOptions().getExtension(ContractProto.field).getExample();
        if (!example.isEmpty()) {
            JsonArray examples = new JsonArray();
            examples.add(JsonParser.parseString(example));
            schema.add("examples", examples);
        }
        return schema;
    }

    private JsonObject map(FieldDescriptor field) {
        JsonObject schema = new JsonObject();
        schema.addProperty("type", "object");
        schema.add("additionalProperties", single(field.getMessageType().findFieldByName("value")));
        return schema;
    }

    private JsonObject array(FieldDescriptor field) {
        JsonObject schema = new JsonObject();
        schema.addProperty("type", "array");
        schema.add("items", single(field));
        return schema;
    }

    /// The types of protobuf's JSON mapping; 64-bit integers are strings there.
    private JsonObject single(FieldDescriptor field) {
        return switch (field.getJavaType()) {
            case INT -> integer(field);
            case LONG -> typed("string", unsigned(field) ? "uint64" : "int64");
            case FLOAT -> typed("number", "float");
            case DOUBLE -> typed("number", "double");
            case BOOLEAN -> typed("boolean", "");
            case STRING -> typed("string", "");
            case BYTE_STRING -> typed("string", "byte");
            case ENUM -> enumeration(field.getEnumType());
            case MESSAGE -> of(field.getMessageType());
        };
    }

    private static JsonObject integer(FieldDescriptor field) {
        JsonObject schema = typed("integer", unsigned(field) ? "uint32" : "int32");
        if (unsigned(field)) {
            schema.addProperty("minimum", 0);
        }
        return schema;
    }

    private static JsonObject enumeration(EnumDescriptor type) {
        JsonObject schema = typed("string", "");
        JsonArray names = new JsonArray();
        type.getValues().forEach(value -> names.add(value.getName()));
        schema.add("enum", names);
        return schema;
    }

    /// The field's comment; the values of an enum are told with theirs.
    private static String comment(FieldDescriptor field) {
        String comment = Comments.of(field);
        if (field.getJavaType() != FieldDescriptor.JavaType.ENUM) {
            return comment;
        }
        String values = field.getEnumType().getValues().stream()
                .filter(value -> !Comments.of(value).isEmpty())
                .map(JsonSchemas::valueLine)
                .collect(Collectors.joining("\n"));
        return values.isEmpty() ? comment : (comment + "\n\n" + values).strip();
    }

    private static String valueLine(EnumValueDescriptor value) {
        return "- `" + value.getName() + "`: " + Comments.of(value);
    }

    private static void describe(JsonObject schema, String comment, List<String> rules) {
        List<String> paragraphs = new ArrayList<>();
        if (!comment.isEmpty()) {
            paragraphs.add(comment);
        }
        rules.forEach(rule -> paragraphs.add("Rule: " + rule + "."));
        if (!paragraphs.isEmpty()) {
            schema.addProperty("description", String.join("\n\n", paragraphs));
        }
    }

    private static boolean unsigned(FieldDescriptor field) {
        return switch (field.getType()) {
            case UINT32, UINT64, FIXED32, FIXED64 -> true;
            default -> false;
        };
    }

    private static boolean wellKnown(Descriptor message) {
        return message.getFullName().startsWith("google.protobuf.");
    }

    private static JsonObject wellKnownSchema(Descriptor message) {
        return switch (message.getFullName()) {
            case "google.protobuf.Timestamp" -> typed("string", "date-time");
            case "google.protobuf.Any" -> any();
            default -> typed("object", "");
        };
    }

    private static JsonObject any() {
        JsonObject schema = typed("object", "");
        JsonObject type = typed("string", "");
        type.addProperty(
                "description", "`type.googleapis.com/` and the full name of the message whose fields stand beside it.");
        JsonObject properties = new JsonObject();
        properties.add("@type", type);
        schema.add("properties", properties);
        schema.add("additionalProperties", new JsonPrimitive(true));
        return schema;
    }

    private static JsonObject typed(String type, String format) {
        JsonObject schema = new JsonObject();
        schema.addProperty("type", type);
        if (!format.isEmpty()) {
            schema.addProperty("format", format);
        }
        return schema;
    }

    /// `assay.attack.v1.EvaluateRequest` becomes `attack.EvaluateRequest`.
    private static String name(Descriptor message) {
        String capability = message.getFile().getPackage().replaceAll("^assay\\.|\\.v\\d+$", "");
        String path =
                message.getFullName().substring(message.getFile().getPackage().length() + 1);
        return capability + "." + path;
    }
}
