package dev.assay.drill;

import com.google.gson.JsonParser;
import com.google.protobuf.Message;
import dev.assay.artifact.v1.Artifact;
import dev.assay.contract.Json;
import dev.assay.job.v1.Job;
import dev.assay.job.v1.JobEvent;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/// A client of one gateway, as its users write one: plain HTTP. Thread-safe.
final class GatewayClient {

    private static final Duration TIMEOUT = Duration.ofSeconds(30);
    private static final HttpClient CLIENT = HttpClient.newBuilder()
            .version(HttpClient.Version.HTTP_1_1)
            .connectTimeout(Duration.ofSeconds(5))
            .build();

    private final String root;

    /// @param root such as `http://127.0.0.1:7700`
    GatewayClient(String root) {
        this.root = root;
    }

    String root() {
        return root;
    }

    boolean isReady() throws InterruptedException {
        try {
            return send(request("/q/health/ready").GET()).statusCode() == 200;
        } catch (IOException notThere) {
            return false;
        }
    }

    /// @return the digest
    String upload(Path file) throws IOException, InterruptedException {
        var answer = Artifact.newBuilder();
        Json.parse(accepted(send(request("/v1/artifacts").POST(BodyPublishers.ofFile(file)))), answer);
        return answer.getDigest();
    }

    HttpResponse<String> submit(String path, String json, String key) throws IOException, InterruptedException {
        return send(request(path)
                .header("Content-Type", "application/json")
                .header("Idempotency-Key", key)
                .POST(BodyPublishers.ofString(json)));
    }

    Job job(String id) throws IOException, InterruptedException {
        return parsed(accepted(send(request("/v1/jobs/" + id).GET())), Job.newBuilder())
                .build();
    }

    /// Waits until the job is over.
    Job awaitOver(String id, Duration patience) throws IOException, InterruptedException {
        long deadline = System.nanoTime() + patience.toNanos();
        while (true) {
            Job job = job(id);
            if (isOver(job)) {
                return job;
            }
            if (System.nanoTime() > deadline) {
                throw new IOException("job " + id + " is not over after " + patience + ": " + job.getState());
            }
            Thread.sleep(150);
        }
    }

    static boolean isOver(Job job) {
        return switch (job.getState()) {
            case SUCCEEDED, FAILED, CANCELLED -> true;
            case QUEUED, RUNNING, STATE_UNSPECIFIED, UNRECOGNIZED -> false;
        };
    }

    /// What has happened to a job so far.
    List<JobEvent> events(String id) throws IOException, InterruptedException {
        String json = accepted(send(request("/v1/jobs/" + id + "/events")
                .header("Accept", "application/json")
                .GET()));
        List<JobEvent> events = new ArrayList<>();
        JsonParser.parseString(json)
                .getAsJsonObject()
                .getAsJsonArray("events")
                .forEach(event -> events.add(
                        parsed(event.toString(), JobEvent.newBuilder()).build()));
        return events;
    }

    /// Follows a job's events to their end.
    ///
    /// @param after id of the last event seen
    /// @param most leave after so many events, as a client does whose connection breaks
    /// @return `id name` of each
    List<String> follow(String job, Optional<String> after, int most) throws IOException, InterruptedException {
        var request = request("/v1/jobs/" + job + "/events").header("Accept", "text/event-stream");
        after.ifPresent(id -> request.header("Last-Event-ID", id));
        HttpResponse<InputStream> response = CLIENT.send(request.build(), HttpResponse.BodyHandlers.ofInputStream());
        List<String> seen = new ArrayList<>();
        try (var lines = new BufferedReader(new InputStreamReader(response.body()))) {
            String id = "";
            for (String line; seen.size() < most && (line = lines.readLine()) != null; ) {
                if (line.startsWith("id:")) {
                    id = line.substring(3).strip();
                } else if (line.startsWith("event:")) {
                    seen.add(id + " " + line.substring(6).strip());
                }
            }
        }
        return seen;
    }

    HttpResponse<String> send(HttpRequest.Builder request) throws IOException, InterruptedException {
        return CLIENT.send(request.build(), HttpResponse.BodyHandlers.ofString());
    }

    HttpRequest.Builder request(String path) {
        return HttpRequest.newBuilder(URI.create(root + path)).timeout(TIMEOUT);
    }

    static String accepted(HttpResponse<String> response) throws IOException {
        if (response.statusCode() >= 300) {
            throw new IOException(response.uri() + " answered " + response.statusCode() + ": " + response.body());
        }
        return response.body();
    }

    static <B extends Message.Builder> B parsed(String json, B builder) {
        Json.parse(json, builder);
        return builder;
    }
}
