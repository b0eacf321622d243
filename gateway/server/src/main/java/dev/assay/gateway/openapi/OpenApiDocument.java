package dev.assay.gateway.openapi;

import static dev.assay.gateway.openapi.Endpoint.Place.HEADER;

import com.google.gson.Gson;
import com.google.gson.GsonBuilder;
import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import dev.assay.contract.Comments;
import dev.assay.contract.Operation;
import dev.assay.contract.Operations;
import dev.assay.job.v1.Job;
import dev.assay.job.v1.Problem;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;

/// The OpenAPI 3.1 description of the HTTP door. Operations, their fields, comments, defaults, bounds and
/// examples are
/// read from the contracts; only the doors that no contract knows (artifacts, names, jobs) are written down, in
/// {@link StandingEndpoints}.
public final class OpenApiDocument {

    private static final Gson GSON =
            new GsonBuilder().setPrettyPrinting().disableHtmlEscaping().create();

    private final JsonSchemas schemas = new JsonSchemas();

    private OpenApiDocument() {}

    /// The document as JSON text.
    ///
    /// @param version of the product
    public static String generate(String version) {
        return GSON.toJson(new OpenApiDocument().document(version));
    }

    private JsonObject document(String version) {
        JsonObject document = new JsonObject();
        document.addProperty("openapi", "3.1.0");
        document.add("info", info(version));
        document.add("paths", paths());
        JsonObject components = new JsonObject();
        JsonObject named = new JsonObject();
        new TreeMap<>(schemas.all()).forEach(named::add);
        components.add("schemas", named);
        JsonObject responses = new JsonObject();
        responses.add("Problem", problem());
        components.add("responses", responses);
        components.add("securitySchemes", JsonParser.parseString("""
                {"key": {"type": "http", "scheme": "bearer",
                 "description": "Needed unless the gateway listens on loopback only."}}"""));
        document.add("components", components);
        document.add("security", JsonParser.parseString("[{}, {\"key\": []}]"));
        return document;
    }

    private static JsonObject info(String version) {
        JsonObject info = new JsonObject();
        info.addProperty("title", "Assay");
        info.addProperty("version", version);
        info.addProperty("description", """
                Tells whether a machine-learning model can be trusted, and why.

                A question to a capability is a job: POST it, follow its events, read its result. Every refusal is an
                `application/problem+json` with a stable `type`, what was found, and what would be right.""");
        JsonObject license = new JsonObject();
        license.addProperty("name", "Apache-2.0");
        license.addProperty("identifier", "Apache-2.0");
        info.add("license", license);
        return info;
    }

    private JsonObject paths() {
        Map<String, JsonObject> paths = new LinkedHashMap<>();
        Stream.concat(operations().stream(), new StandingEndpoints(schemas).all().stream())
                .forEach(endpoint -> paths.computeIfAbsent(endpoint.path(), path -> new JsonObject())
                        .add(endpoint.method().toLowerCase(Locale.ROOT), endpoint.json(problemReference())));
        JsonObject json = new JsonObject();
        paths.forEach(json::add);
        return json;
    }

    private List<Endpoint> operations() {
        return Operations.all().stream().map(this::endpoint).toList();
    }

    private Endpoint endpoint(Operation operation) {
        String comment = Comments.of(operation.request());
        schemas.of(operation.result());
        Map<String, JsonObject> job = Map.of("application/json", schemas.of(Job.getDescriptor()));
        return Endpoint.of(
                        "POST",
                        "/v1/" + operation.capability() + "/" + operation.name(),
                        operation.capability(),
                        firstSentence(comment))
                .describedAs(comment + "\n\nAnswers with the job; its result is a `"
                        + operation.result().getName() + "`, read at `/v1/jobs/{id}/result`.")
                .with(
                        new Endpoint.Parameter(
                                HEADER,
                                "Idempotency-Key",
                                "The same key with the same request gives the same job, however often it is sent.",
                                StandingEndpoints.text()),
                        new Endpoint.Parameter(
                                HEADER,
                                "Assay-Priority",
                                "`interactive` (which is usual) or `batch`: runs when no interactive job waits.",
                                StandingEndpoints.text("^(interactive|batch)$")),
                        new Endpoint.Parameter(
                                HEADER,
                                "Assay-Callback",
                                "The address that is told of the job's end.",
                                StandingEndpoints.text()))
                .taking(content(schemas.of(operation.request())), JsonSchemas.example(operation.request()))
                .answering("202", "Accepted; `Location` is the job's address.", job);
    }

    private static Map<String, JsonObject> content(JsonObject schema) {
        Map<String, JsonObject> content = new LinkedHashMap<>();
        content.put("application/json", schema);
        content.put("application/protobuf", StandingEndpoints.bytes());
        return content;
    }

    private JsonObject problem() {
        return new Endpoint.Answer(
                        "Refused or failed; `type` names the problem (docs/problems.md), `remedy` says what to do.",
                        Map.of("application/problem+json", schemas.of(Problem.getDescriptor())))
                .json();
    }

    private static JsonObject problemReference() {
        JsonObject reference = new JsonObject();
        reference.addProperty("$ref", "#/components/responses/Problem");
        return reference;
    }

    private static String firstSentence(String comment) {
        int end = comment.indexOf(". ");
        return (end < 0 ? comment : comment.substring(0, end)).replaceAll("\\.$", "");
    }
}
