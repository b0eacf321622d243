package dev.assay.contract;

import com.google.gson.JsonArray;
import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.JsonParseException;
import com.google.gson.JsonParser;
import com.google.protobuf.Descriptors.Descriptor;
import com.google.protobuf.Descriptors.FieldDescriptor;
import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.Message;
import com.google.protobuf.util.JsonFormat;
import com.google.protobuf.util.JsonFormat.TypeRegistry;
import dev.assay.computation.ProblemException;
import dev.assay.job.v1.Job;
import java.util.ArrayList;
import java.util.List;

/// The JSON mapping of the contracts: protobuf's own, with errors that name the field.
public final class Json {

    private static final TypeRegistry TYPES = types();
    private static final JsonFormat.Printer PRINTER = JsonFormat.printer().usingTypeRegistry(TYPES);
    private static final JsonFormat.Printer COMPACT = PRINTER.omittingInsignificantWhitespace();
    private static final JsonFormat.Parser PARSER = JsonFormat.parser().usingTypeRegistry(TYPES);

    private Json() {}

    /// Readable JSON; names as in the contract's JSON mapping (lowerCamelCase). Numbers that are zero are shown.
    public static String print(Message message) {
        return print(PRINTER, message);
    }

    /// The same in one line, for streams.
    public static String printCompact(Message message) {
        return print(COMPACT, message);
    }

    private static String print(JsonFormat.Printer printer, Message message) {
        try {
            return printer.alwaysPrintFieldsWithNoPresence().print(message);
        } catch (InvalidProtocolBufferException unknownAny) {
            throw new IllegalArgumentException(
                    "a message holds a type that no contract of this version knows", unknownAny);
        }
    }

    /// Reads `text` into `builder`.
    ///
    /// @throws ProblemException `malformed-json` for text that is no JSON object, `unknown-field` naming the field
    ///     and the nearest known one, `malformed-field` for a value of the wrong type
    public static void parse(String text, Message.Builder builder) {
        JsonObject object = object(text);
        requireKnownFields(object, builder.getDescriptorForType(), "");
        try {
            PARSER.merge(text, builder);
        } catch (InvalidProtocolBufferException wrong) {
            throw new ProblemException(
                    "malformed-field",
                    "",
                    wrong.getMessage(),
                    "see the types of " + builder.getDescriptorForType().getName() + " in the API's description",
                    wrong);
        }
    }

    private static JsonObject object(String text) {
        try {
            JsonElement element = JsonParser.parseString(text.isBlank() ? "{}" : text);
            if (element.isJsonObject()) {
                return element.getAsJsonObject();
            }
            throw new ProblemException(
                    "malformed-json", "", "the body is not a JSON object", "send {\"field\": value, …}");
        } catch (JsonParseException malformed) {
            throw new ProblemException(
                    "malformed-json", "", "the body is not JSON: " + reason(malformed), "send valid JSON", malformed);
        }
    }

    /// Gson wraps what its reader says, and puts the name of a Java class before it.
    private static String reason(JsonParseException malformed) {
        return malformed.getCause() == null
                ? malformed.getMessage()
                : malformed.getCause().getMessage();
    }

    private static void requireKnownFields(JsonObject object, Descriptor descriptor, String path) {
        if (descriptor.getFullName().startsWith("google.protobuf.")) {
            return; // well-known types have a JSON form of their own
        }
        for (var entry : object.entrySet()) {
            FieldDescriptor field = descriptor.getFields().stream()
                    .filter(f -> f.getJsonName().equals(entry.getKey())
                            || f.getName().equals(entry.getKey()))
                    .findFirst()
                    .orElseThrow(() -> unknownField(descriptor, path + entry.getKey(), entry.getKey()));
            if (field.getJavaType() == FieldDescriptor.JavaType.MESSAGE && !field.isMapField()) {
                for (JsonElement element : elements(entry.getValue())) {
                    if (element.isJsonObject()) {
                        requireKnownFields(
                                element.getAsJsonObject(), field.getMessageType(), path + entry.getKey() + ".");
                    }
                }
            }
        }
    }

    private static List<JsonElement> elements(JsonElement value) {
        if (value instanceof JsonArray array) {
            return array.asList();
        }
        return List.of(value);
    }

    private static ProblemException unknownField(Descriptor descriptor, String path, String name) {
        List<String> known = descriptor.getFields().stream()
                .map(FieldDescriptor::getJsonName)
                .toList();
        String remedy = NearestName.of(name, known)
                .map(nearest -> "did you mean " + nearest + "?")
                .orElse("the fields are " + String.join(", ", known));
        return new ProblemException(
                "unknown-field", path, descriptor.getName() + " has no field '" + name + "'", remedy);
    }

    private static TypeRegistry types() {
        List<Descriptor> descriptors =
                new ArrayList<>(Job.getDescriptor().getFile().getMessageTypes());
        Operations.files().forEach(file -> descriptors.addAll(file.getMessageTypes()));
        return TypeRegistry.newBuilder().add(descriptors).build();
    }
}
