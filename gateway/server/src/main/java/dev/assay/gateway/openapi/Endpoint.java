package dev.assay.gateway.openapi;

import com.google.gson.JsonArray;
import com.google.gson.JsonObject;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/// One method of one path, on its way into the OpenAPI document.
///
/// @param tag the heading it stands under
/// @param summary one line
/// @param description what a caller must know beyond that; may be empty
/// @param parameters in path, query and headers
/// @param body content of the request by media type; empty when there is none
/// @param example of a JSON body; an empty object when there is none
/// @param responses by status; problems are added to each
record Endpoint(
        String method,
        String path,
        String tag,
        String summary,
        String description,
        List<Parameter> parameters,
        Map<String, JsonObject> body,
        JsonObject example,
        Map<String, Answer> responses) {

    enum Place {
        PATH,
        QUERY,
        HEADER
    }

    /// @param schema of its value
    record Parameter(Place place, String name, String description, JsonObject schema) {

        JsonObject json() {
            JsonObject json = new JsonObject();
            json.addProperty("in", place.name().toLowerCase(Locale.ROOT));
            json.addProperty("name", name);
            json.addProperty("required", place == Place.PATH);
            json.addProperty("description", description);
            json.add("schema", schema);
            return json;
        }
    }

    /// @param content schema by media type
    record Answer(String description, Map<String, JsonObject> content) {

        JsonObject json() {
            JsonObject json = new JsonObject();
            json.addProperty("description", description);
            if (!content.isEmpty()) {
                json.add("content", contentOf(content, new JsonObject()));
            }
            return json;
        }
    }

    static Endpoint of(String method, String path, String tag, String summary) {
        return new Endpoint(method, path, tag, summary, "", List.of(), Map.of(), new JsonObject(), Map.of());
    }

    Endpoint describedAs(String text) {
        return new Endpoint(method, path, tag, summary, text, parameters, body, example, responses);
    }

    Endpoint with(Parameter... more) {
        return new Endpoint(method, path, tag, summary, description, List.of(more), body, example, responses);
    }

    Endpoint taking(Map<String, JsonObject> content, JsonObject exampleBody) {
        return new Endpoint(method, path, tag, summary, description, parameters, content, exampleBody, responses);
    }

    Endpoint answering(String status, String text, Map<String, JsonObject> content) {
        Map<String, Answer> all = new LinkedHashMap<>(responses);
        all.put(status, new Answer(text, content));
        return new Endpoint(method, path, tag, summary, description, parameters, body, example, all);
    }

    JsonObject json(JsonObject problem) {
        JsonObject json = new JsonObject();
        JsonArray tags = new JsonArray();
        tags.add(tag);
        json.add("tags", tags);
        json.addProperty("operationId", operationId());
        json.addProperty("summary", summary);
        if (!description.isEmpty()) {
            json.addProperty("description", description);
        }
        if (!parameters.isEmpty()) {
            JsonArray array = new JsonArray();
            parameters.forEach(parameter -> array.add(parameter.json()));
            json.add("parameters", array);
        }
        if (!body.isEmpty()) {
            JsonObject request = new JsonObject();
            request.addProperty("required", true);
            request.add("content", contentOf(body, example));
            json.add("requestBody", request);
        }
        JsonObject answers = new JsonObject();
        responses.forEach((status, answer) -> answers.add(status, answer.json()));
        answers.add("default", problem);
        json.add("responses", answers);
        return json;
    }

    /// `get_v1_jobs_id_events`: unique because method and path are.
    private String operationId() {
        return (method.toLowerCase(Locale.ROOT) + path)
                .replaceAll("[^A-Za-z0-9]+", "_")
                .replaceAll("_$", "");
    }

    private static JsonObject contentOf(Map<String, JsonObject> schemas, JsonObject example) {
        JsonObject content = new JsonObject();
        schemas.forEach((mediaType, schema) -> {
            JsonObject entry = new JsonObject();
            entry.add("schema", schema);
            if (mediaType.equals("application/json") && !example.isEmpty()) {
                entry.add("example", example);
            }
            content.add(mediaType, entry);
        });
        return content;
    }
}
