package dev.assay.cli.mesh;

import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.JsonParseException;
import com.google.gson.JsonParser;
import com.google.protobuf.Message;
import dev.assay.computation.ProblemException;
import java.util.List;
import java.util.Optional;
import java.util.function.Supplier;

/// The gateway's lists: an object with one array of messages and, where there is more, a cursor.
public final class Pages {

    private Pages() {}

    /// @param name of the array
    /// @throws ProblemException `malformed-answer`
    public static <B extends Message.Builder> List<B> elements(String json, String name, Supplier<B> empty) {
        JsonElement array = object(json).get(name);
        if (array == null || !array.isJsonArray()) {
            throw malformed("has no list '" + name + "'", null);
        }
        return array.getAsJsonArray().asList().stream()
                .map(element -> Answers.read(element.toString(), empty.get()))
                .toList();
    }

    /// A text beside the array; empty when it is absent.
    public static Optional<String> text(String json, String name) {
        JsonElement value = object(json).get(name);
        return value != null && value.isJsonPrimitive() && !value.getAsString().isEmpty()
                ? Optional.of(value.getAsString())
                : Optional.empty();
    }

    private static JsonObject object(String json) {
        try {
            JsonElement element = JsonParser.parseString(json);
            if (element.isJsonObject()) {
                return element.getAsJsonObject();
            }
        } catch (JsonParseException noJson) {
            throw malformed("is no JSON: " + noJson.getMessage(), noJson);
        }
        throw malformed("is no JSON object", null);
    }

    private static ProblemException malformed(String found, Exception cause) {
        return new ProblemException(
                "malformed-answer",
                "",
                "the gateway's answer " + found,
                "check that --gateway names an Assay gateway of the same version",
                cause);
    }
}
