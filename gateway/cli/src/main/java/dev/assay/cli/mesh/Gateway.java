package dev.assay.cli.mesh;

import static java.net.URLEncoder.encode;
import static java.nio.charset.StandardCharsets.UTF_8;

import com.google.protobuf.Message;
import dev.assay.artifact.v1.Artifact;
import dev.assay.artifact.v1.DataSet;
import dev.assay.artifact.v1.DataSetRegistration;
import dev.assay.artifact.v1.Model;
import dev.assay.artifact.v1.ModelRegistration;
import dev.assay.computation.ProblemException;
import dev.assay.contract.Json;
import dev.assay.contract.Operation;
import dev.assay.job.v1.Job;
import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublisher;
import java.net.http.HttpRequest.BodyPublishers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.stream.Collectors;

/// The gateway's HTTP interface, one method per question. Every method throws [RefusedException] when the gateway
/// says
/// no and [UnreachableException] when it says nothing.
public final class Gateway {

    private static final int FOUND = 200;

    private final Http http;

    public Gateway(URI address) {
        this(address, Optional.empty());
    }

    /// @param key sent with every request
    public Gateway(URI address, Optional<String> key) {
        this.http = new Http(address, key);
    }

    public URI address() {
        return http.gateway();
    }

    /// Whether the gateway stores the bytes of this name already.
    public boolean hasArtifact(String digest) {
        int status = http.status(http.request("/v1/artifacts/" + digest)
                .method("HEAD", BodyPublishers.noBody())
                .build());
        return status == FOUND;
    }

    /// Stores bytes, which the gateway verifies against their name.
    public Artifact upload(BodyPublisher bytes, String digest, String mediaType) {
        HttpRequest request = http.request("/v1/artifacts")
                .header("Content-Type", mediaType)
                .header("X-Assay-Sha256", digest.substring("sha256:".length()))
                .POST(bytes)
                .build();
        return Answers.read(http.text(request), Artifact.newBuilder()).build();
    }

    /// Submits a job. The same key again gives the same job, so a lost answer may be asked for again.
    ///
    /// @return the job's id
    public String submit(Operation operation, Message request, JobTerms terms) {
        HttpRequest.Builder post = http.request("/v1/" + operation.capability() + "/" + operation.name())
                .header("Content-Type", "application/json")
                .POST(BodyPublishers.ofString(Json.printCompact(request)));
        terms.headers().forEach(post::header);
        return Answers.read(http.text(post.build()), Job.newBuilder()).getId();
    }

    public Job job(String id) {
        return Answers.read(jobJson(id), Job.newBuilder()).build();
    }

    /// The latest snapshot of a job as the gateway's JSON.
    public String jobJson(String id) {
        return get("/v1/jobs/" + segment(id));
    }

    /// The events of a job from the start, or after the one that `lastEventId` names.
    EventStream events(String id, Optional<String> lastEventId) {
        HttpRequest.Builder request = http.request(eventsPath(id)).header("Accept", "text/event-stream");
        lastEventId.ifPresent(last -> request.header("Last-Event-ID", last));
        return new EventStream(http.stream(request.build()).body());
    }

    /// The events of a job so far, as the gateway's JSON: `{"events": […]}`.
    public String eventsSoFar(String id) {
        return http.text(http.request(eventsPath(id))
                .header("Accept", "application/json")
                .build());
    }

    /// The result as the gateway's JSON.
    public String result(String id) {
        return get("/v1/jobs/" + segment(id) + "/result");
    }

    /// A page of jobs, newest first, as the gateway's JSON: `{"jobs": […], "nextCursor": "…"}`.
    ///
    /// @param filter `capability`, `operation`, `state`, `limit`, `cursor`
    public String jobs(Map<String, String> filter) {
        String query = new TreeMap<>(filter)
                .entrySet().stream()
                        .map(entry -> entry.getKey() + "=" + encode(entry.getValue(), UTF_8))
                        .collect(Collectors.joining("&"));
        return get("/v1/jobs" + (query.isEmpty() ? "" : "?" + query));
    }

    /// Queues and workers at this moment as the gateway's JSON.
    public String mesh() {
        return get("/v1/mesh");
    }

    /// Tells a worker to stop.
    public void drain(String worker) {
        HttpRequest post = http.request("/v1/workers/" + segment(worker) + "/drain")
                .POST(BodyPublishers.noBody())
                .build();
        http.text(post);
    }

    public Job cancel(String id) {
        return order(id, "cancel");
    }

    /// Puts a job back that failed or was cancelled.
    public Job retry(String id) {
        return order(id, "retry");
    }

    private Job order(String id, String order) {
        HttpRequest request = http.request("/v1/jobs/" + segment(id) + "/" + order)
                .POST(BodyPublishers.noBody())
                .build();
        return Answers.read(http.text(request), Job.newBuilder()).build();
    }

    public void downloadReport(String id, Path file) {
        download("/v1/jobs/" + segment(id) + "/report", file);
    }

    public void downloadNamed(String id, String name, Path file) {
        download("/v1/jobs/" + segment(id) + "/artifacts/" + segment(name), file);
    }

    public void downloadArtifact(String digest, Path file) {
        download("/v1/artifacts/" + segment(digest), file);
    }

    /// Lists or removes artifacts that nothing names; the gateway's JSON.
    ///
    /// @param olderThan as an ISO 8601 duration
    /// @param dryRun `true` or `false`
    public String collectArtifacts(String olderThan, String dryRun) {
        return http.text(
                http.request("/v1/artifacts/collect?olderThan=" + encode(olderThan, UTF_8) + "&dryRun=" + dryRun)
                        .POST(BodyPublishers.noBody())
                        .build());
    }

    public Model register(String name, ModelRegistration registration) {
        return Answers.read(put("/v1/models/" + segment(name), registration), Model.newBuilder())
                .build();
    }

    public DataSet register(String name, DataSetRegistration registration) {
        return Answers.read(put("/v1/datasets/" + segment(name), registration), DataSet.newBuilder())
                .build();
    }

    public Model model(String name) {
        return Answers.read(get("/v1/models/" + segment(name)), Model.newBuilder())
                .build();
    }

    public DataSet dataSet(String name) {
        return Answers.read(get("/v1/datasets/" + segment(name)), DataSet.newBuilder())
                .build();
    }

    /// All models, as the gateway's JSON: `{"models": […]}`.
    public String models() {
        return get("/v1/models");
    }

    /// All data sets, as the gateway's JSON: `{"datasets": […]}`.
    public String dataSets() {
        return get("/v1/datasets");
    }

    private String get(String path) {
        return http.text(http.request(path).header("Accept", "application/json").build());
    }

    private String put(String path, Message body) {
        return http.text(http.request(path)
                .header("Content-Type", "application/json")
                .PUT(BodyPublishers.ofString(Json.printCompact(body)))
                .build());
    }

    /// Writes under a temporary name first, so that a broken download never looks like a whole file.
    private void download(String path, Path file) {
        try (InputStream body = http.stream(http.request(path).build()).body()) {
            Path folder = file.toAbsolutePath().getParent();
            Files.createDirectories(folder);
            Path partial = Files.createTempFile(folder, file.getFileName().toString(), ".part");
            try {
                Files.copy(body, partial, StandardCopyOption.REPLACE_EXISTING);
                Files.move(partial, file, StandardCopyOption.REPLACE_EXISTING);
            } finally {
                Files.deleteIfExists(partial);
            }
        } catch (IOException failure) {
            throw new ProblemException(
                    "download-failed",
                    file.toString(),
                    "could not be written: " + failure.getMessage(),
                    "check the folder and the space on the disk, then download it again",
                    failure);
        }
    }

    private static String eventsPath(String id) {
        return "/v1/jobs/" + segment(id) + "/events";
    }

    private static String segment(String text) {
        return encode(text, UTF_8).replace("+", "%20").replace("%3A", ":");
    }
}
