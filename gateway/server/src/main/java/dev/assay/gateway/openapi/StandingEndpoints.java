package dev.assay.gateway.openapi;

import static dev.assay.gateway.openapi.Endpoint.Place.HEADER;
import static dev.assay.gateway.openapi.Endpoint.Place.PATH;
import static dev.assay.gateway.openapi.Endpoint.Place.QUERY;

import com.google.gson.JsonArray;
import com.google.gson.JsonObject;
import com.google.protobuf.Descriptors.Descriptor;
import dev.assay.artifact.v1.Artifact;
import dev.assay.artifact.v1.DataSet;
import dev.assay.artifact.v1.DataSetRegistration;
import dev.assay.artifact.v1.Model;
import dev.assay.artifact.v1.ModelRegistration;
import dev.assay.gateway.openapi.Endpoint.Parameter;
import dev.assay.job.v1.Job;
import dev.assay.job.v1.JobEvent;
import dev.assay.job.v1.MeshOverview;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/// The doors that are the same whatever the mesh can do: artifacts, names, jobs. A table.
final class StandingEndpoints {

    private static final String JSON = "application/json";
    private static final String DIGEST = "^sha256:[0-9a-f]{64}$";
    private static final String NAME = "^[a-z0-9][a-z0-9._-]{0,127}$";

    private final JsonSchemas schemas;

    StandingEndpoints(JsonSchemas schemas) {
        this.schemas = schemas;
    }

    List<Endpoint> all() {
        return Stream.of(
                        artifacts(),
                        registry(
                                "model",
                                "models",
                                "An ONNX file; it is opened, and refused when it is none.",
                                ModelRegistration.getDescriptor(),
                                Model.getDescriptor()),
                        registry(
                                "data set",
                                "datasets",
                                "A .beton or .npz file.",
                                DataSetRegistration.getDescriptor(),
                                DataSet.getDescriptor()),
                        jobs(),
                        mesh(),
                        descriptions())
                .flatMap(List::stream)
                .toList();
    }

    private List<Endpoint> artifacts() {
        String tag = "artifacts";
        Map<String, JsonObject> artifact = json(schemas.of(Artifact.getDescriptor()));
        Parameter digest = new Parameter(PATH, "digest", "`sha256:` and 64 hex digits.", text(DIGEST));
        return List.of(
                Endpoint.of("POST", "/v1/artifacts", tag, "Store bytes under their SHA-256")
                        .describedAs("The body is streamed into the store. Say its hash (in one of the places below) "
                                + "to have it verified: bytes that do not match are not stored.")
                        .with(
                                new Parameter(
                                        QUERY, "sha256", "Expected SHA-256 as 64 hex digits.", text("^[0-9a-f]{64}$")),
                                new Parameter(HEADER, "X-Assay-Sha256", "The same.", text("^[0-9a-f]{64}$")),
                                new Parameter(HEADER, "Content-Digest", "RFC 9530: `sha-256=:<base64>:`.", text()))
                        .taking(Map.of("application/octet-stream", bytes()), new JsonObject())
                        .answering("201", "Stored; `Location` is its address.", artifact)
                        .answering("200", "It was there already.", artifact),
                Endpoint.of("GET", "/v1/artifacts/{digest}", tag, "Read the bytes of an artifact")
                        .describedAs("`Range: bytes=from-to` is honoured.")
                        .with(digest)
                        .answering("200", "The bytes.", Map.of("application/octet-stream", bytes()))
                        .answering("206", "The bytes of the range.", Map.of("application/octet-stream", bytes())),
                Endpoint.of("HEAD", "/v1/artifacts/{digest}", tag, "Ask whether an artifact is there, and its size")
                        .with(digest)
                        .answering("200", "It is there.", Map.of()),
                Endpoint.of("POST", "/v1/artifacts/collect", tag, "Remove artifacts that nothing names any more")
                        .describedAs("Registered models and data sets name artifacts, and so does every job. What was "
                                + "stored or asked for recently stays, and so does what came after the oldest job "
                                + "that is not over (`heldBackBy`).")
                        .with(
                                new Parameter(
                                        QUERY,
                                        "olderThan",
                                        "The time for which nobody has used them, such as `P7D` (which is usual); at "
                                                + "least `PT1H`.",
                                        text()),
                                new Parameter(
                                        QUERY,
                                        "dryRun",
                                        "`true` (which is usual): only say what would go; `false`: remove it.",
                                        text("^(true|false)$")))
                        .answering("200", "How many, how large, and the first thousand.", json(object())));
    }

    private List<Endpoint> registry(
            String noun, String path, String artifact, Descriptor registration, Descriptor registered) {
        Parameter name = new Parameter(PATH, "name", "The name of the " + noun + ".", text(NAME));
        Map<String, JsonObject> one = json(schemas.of(registered));
        return List.of(
                Endpoint.of("PUT", "/v1/" + path + "/{name}", path, "Give an artifact a name as a " + noun)
                        .describedAs(artifact + " The same name again makes a new version.")
                        .with(name)
                        .taking(json(schemas.of(registration)), new JsonObject())
                        .answering("200", "Registered.", one),
                Endpoint.of("GET", "/v1/" + path + "/{name}", path, "Read the card of a " + noun)
                        .with(name)
                        .answering("200", "The latest version.", one),
                Endpoint.of("GET", "/v1/" + path, path, "List every " + noun)
                        .answering("200", "In alphabetical order.", json(list(path, schemas.of(registered)))));
    }

    private List<Endpoint> jobs() {
        String tag = "jobs";
        Parameter id = new Parameter(PATH, "id", "The job's id.", text("^[0-9a-z]{26}$"));
        JsonObject job = schemas.of(Job.getDescriptor());
        JsonObject page = list("jobs", job);
        page.getAsJsonObject("properties").add("nextCursor", text());
        return List.of(
                Endpoint.of("GET", "/v1/jobs", tag, "List jobs, newest first")
                        .with(
                                new Parameter(QUERY, "capability", "Only jobs of this capability.", text()),
                                new Parameter(QUERY, "operation", "Only jobs of this operation.", text()),
                                new Parameter(
                                        QUERY,
                                        "state",
                                        "Only jobs in this state: QUEUED, RUNNING, SUCCEEDED, FAILED, CANCELLED.",
                                        text()),
                                new Parameter(QUERY, "limit", "Jobs on a page, 1 to 500.", number(50)),
                                new Parameter(QUERY, "cursor", "`nextCursor` of the page before.", text()))
                        .answering("200", "`nextCursor` is absent on the last page.", json(page)),
                Endpoint.of("GET", "/v1/jobs/{id}", tag, "Read a job")
                        .with(id)
                        .answering("200", "Its latest snapshot.", json(job)),
                Endpoint.of("GET", "/v1/jobs/{id}/events", tag, "Follow a job")
                        .describedAs("With `Accept: text/event-stream`, a stream that ends after the final event: "
                                + "the event's name is its kind, its data the JobEvent as JSON, its id a position to "
                                + "resume from. Otherwise the events so far as a JSON list.")
                        .with(id, new Parameter(HEADER, "Last-Event-ID", "Go on after this event.", text()))
                        .answering(
                                "200",
                                "Events in order.",
                                Map.of(
                                        "text/event-stream",
                                        schemas.of(JobEvent.getDescriptor()),
                                        JSON,
                                        list("events", schemas.of(JobEvent.getDescriptor())))),
                Endpoint.of("GET", "/v1/jobs/{id}/result", tag, "Read the result of a job that succeeded")
                        .describedAs("A job that failed answers with its own problem; one that is not finished, "
                                + "with 409 `job-not-finished`.")
                        .with(id)
                        .answering("200", "The operation's result message.", json(object())),
                Endpoint.of("GET", "/v1/jobs/{id}/report", tag, "Read the report of a job")
                        .with(id)
                        .answering("200", "One self-contained page.", Map.of("text/html", text())),
                Endpoint.of("GET", "/v1/jobs/{id}/artifacts/{name}", tag, "Read a named file of a job")
                        .with(id, new Parameter(PATH, "name", "Such as `outcomes.npy`.", text()))
                        .answering("200", "The bytes.", Map.of("application/octet-stream", bytes())),
                Endpoint.of("POST", "/v1/jobs/{id}/cancel", tag, "Cancel a job")
                        .describedAs("It stops at its next step boundary; what it finished stays readable.")
                        .with(id)
                        .answering("202", "The order is on its way.", json(job)),
                Endpoint.of("POST", "/v1/jobs/{id}/retry", tag, "Put a job back that failed or was cancelled")
                        .describedAs("It runs again with the same request, from its last checkpoint if it has one.")
                        .with(id)
                        .answering("202", "It waits again.", json(job)));
    }

    private List<Endpoint> mesh() {
        return List.of(
                Endpoint.of("GET", "/v1/mesh", "mesh", "Look at queues and workers")
                        .describedAs("It counts the jobs of all tenants and names none.")
                        .answering(
                                "200", "As they are at this moment.", json(schemas.of(MeshOverview.getDescriptor()))),
                Endpoint.of("POST", "/v1/workers/{name}/drain", "mesh", "Stop a worker")
                        .describedAs(
                                "It takes no more jobs, lets the running ones end within its grace, hands the rest "
                                        + "back and ends; whoever supervises it may start it again.")
                        .with(new Parameter(PATH, "name", "The worker's name.", text()))
                        .answering("202", "The order is on its way.", Map.of()));
    }

    private List<Endpoint> descriptions() {
        String tag = "descriptions";
        return List.of(
                Endpoint.of("GET", "/openapi", tag, "This document").answering("200", "OpenAPI 3.1.", json(object())),
                Endpoint.of("GET", "/asyncapi", tag, "The topics of the mesh and the events on them")
                        .answering("200", "AsyncAPI 3.0.", json(object())));
    }

    static JsonObject text() {
        JsonObject schema = new JsonObject();
        schema.addProperty("type", "string");
        return schema;
    }

    static JsonObject bytes() {
        JsonObject schema = text();
        schema.addProperty("contentMediaType", "application/octet-stream");
        return schema;
    }

    static JsonObject text(String pattern) {
        JsonObject schema = text();
        schema.addProperty("pattern", pattern);
        return schema;
    }

    private static JsonObject number(int defaultValue) {
        JsonObject schema = new JsonObject();
        schema.addProperty("type", "integer");
        schema.addProperty("default", defaultValue);
        return schema;
    }

    private static JsonObject object() {
        JsonObject schema = new JsonObject();
        schema.addProperty("type", "object");
        return schema;
    }

    private static JsonObject list(String name, JsonObject element) {
        JsonObject array = new JsonObject();
        array.addProperty("type", "array");
        array.add("items", element);
        JsonObject properties = new JsonObject();
        properties.add(name, array);
        JsonObject schema = object();
        schema.add("properties", properties);
        JsonArray required = new JsonArray();
        required.add(name);
        schema.add("required", required);
        return schema;
    }

    private static Map<String, JsonObject> json(JsonObject schema) {
        return Map.of(JSON, schema);
    }
}
