package dev.assay.gateway.pipeline;

import com.google.gson.JsonArray;
import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.JsonPrimitive;
import dev.assay.computation.ProblemException;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;
import java.util.regex.MatchResult;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// A place in a step's request that stands for an output of another step: `${train.artifacts.model.onnx}` for the
/// digest of a file, `${train.result.testAccuracy.estimate}` for a value of the result.
///
/// @param step whose output it is
/// @param output which of its outputs
/// @param text as it stands in the request
record Binding(String step, Output output, String text) {

    sealed interface Output {}

    /// @param name of the file among the job's artifacts
    record File(String name) implements Output {}

    /// @param path of the value in the result's JSON, names and positions separated by dots
    record Value(List<String> path) implements Output {
        public Value {
            path = List.copyOf(path);
        }
    }

    private static final Pattern PLACE = Pattern.compile("\\$\\{([^}]*)}");
    private static final Pattern FORM = Pattern.compile("([a-z0-9][a-z0-9_-]*)\\.(artifacts|result)\\.(.+)");

    /// All bindings of a request.
    ///
    /// @throws ProblemException `malformed-binding`
    static List<Binding> in(JsonElement request) {
        List<Binding> bindings = new ArrayList<>();
        bound(request, binding -> {
            bindings.add(binding);
            return new JsonPrimitive("");
        });
        return bindings;
    }

    /// The request with every binding replaced. A string that is nothing but a binding becomes the value itself,
    /// of whatever type; inside a longer string the value is written out.
    ///
    /// @throws ProblemException `malformed-binding`, or what `values` throws
    static JsonElement bound(JsonElement request, Function<Binding, JsonElement> values) {
        return switch (request) {
            case JsonObject object -> {
                JsonObject copy = new JsonObject();
                object.entrySet().forEach(entry -> copy.add(entry.getKey(), bound(entry.getValue(), values)));
                yield copy;
            }
            case JsonArray array -> {
                JsonArray copy = new JsonArray();
                array.forEach(element -> copy.add(bound(element, values)));
                yield copy;
            }
            case JsonPrimitive text when text.isString() -> bound(text.getAsString(), values);
            default -> request;
        };
    }

    private static JsonElement bound(String text, Function<Binding, JsonElement> values) {
        Matcher places = PLACE.matcher(text);
        if (places.matches()) {
            return values.apply(read(places.toMatchResult()));
        }
        places.reset();
        return new JsonPrimitive(
                places.replaceAll(place -> Matcher.quoteReplacement(written(values.apply(read(place))))));
    }

    private static String written(JsonElement value) {
        return value.isJsonPrimitive() ? value.getAsString() : value.toString();
    }

    private static Binding read(MatchResult place) {
        Matcher form = FORM.matcher(place.group(1));
        if (!form.matches()) {
            throw new ProblemException(
                    "malformed-binding",
                    place.group(),
                    "'" + place.group() + "' names no output of a step",
                    "write ${step.artifacts.file} or ${step.result.field}");
        }
        String rest = form.group(3);
        Output output = form.group(2).equals("artifacts") ? new File(rest) : new Value(List.of(rest.split("\\.")));
        return new Binding(form.group(1), output, place.group());
    }
}
