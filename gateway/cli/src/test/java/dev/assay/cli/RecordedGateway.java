package dev.assay.cli;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.google.protobuf.Any;
import com.google.protobuf.Message;
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import dev.assay.artifact.v1.Artifact;
import dev.assay.artifact.v1.DataSet;
import dev.assay.artifact.v1.DataSetRegistration;
import dev.assay.artifact.v1.Model;
import dev.assay.artifact.v1.ModelRegistration;
import dev.assay.computation.ProblemException;
import dev.assay.contract.JobId;
import dev.assay.contract.Json;
import dev.assay.contract.Operation;
import dev.assay.contract.Operations;
import dev.assay.contract.Problems;
import dev.assay.contract.Validation;
import dev.assay.job.v1.Job;
import dev.assay.job.v1.JobEvent;
import dev.assay.job.v1.MeshOverview;
import dev.assay.job.v1.Priority;
import dev.assay.job.v1.Problem;
import dev.assay.job.v1.QueueOverview;
import dev.assay.job.v1.WorkerOverview;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.security.MessageDigest;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Collectors;

/// The other end of the wire: speaks the gateway's protocol as docs/http-api.md has it, checks requests against the
/// real
/// contract, and answers jobs by a script. It stores bytes in memory and computes nothing.
final class RecordedGateway implements AutoCloseable {

    /// How a submitted job goes.
    ///
    /// @param events told in this order, with ids 0-1, 0-2, …
    /// @param last the job once all events are told
    /// @param files of the job, by name
    record Script(List<JobEvent> events, Job last, Map<String, byte[]> files) {}

    private static final MeshOverview MESH = MeshOverview.newBuilder()
            .addQueues(QueueOverview.newBuilder()
                    .setCapability("attack")
                    .setQueued(12)
                    .setRunning(1)
                    .setSlots(2)
                    .setOldestSeconds(185))
            .addQueues(QueueOverview.newBuilder().setCapability("attack").setDevice("cuda"))
            .addWorkers(WorkerOverview.newBuilder()
                    .setName("attack-1")
                    .setCapability("attack")
                    .setHost("10.0.0.7")
                    .setSlots(2)
                    .setRunning(1))
            .build();

    private static final int BREAK_NEVER = Integer.MAX_VALUE;

    private final HttpServer server;
    private final Map<String, byte[]> artifacts = new ConcurrentHashMap<>();
    private final Map<String, Job> jobs = new ConcurrentHashMap<>();
    private final Map<String, Script> scripts = new ConcurrentHashMap<>();
    private final Map<String, Script> scriptOfJob = new ConcurrentHashMap<>();
    private final Map<String, Message> cards = new ConcurrentHashMap<>();
    private final List<String> log = new CopyOnWriteArrayList<>();
    private final AtomicInteger busy = new AtomicInteger();
    private int eventsPerStream = BREAK_NEVER;
    private boolean streams = true;

    RecordedGateway() throws IOException {
        server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        server.setExecutor(Executors.newVirtualThreadPerTaskExecutor());
        server.createContext("/", this::handle);
        server.start();
    }

    String address() {
        return "http://127.0.0.1:" + server.getAddress().getPort();
    }

    /// The script of the next jobs of this operation.
    void answers(String operation, Script script) {
        scripts.put(operation, script);
    }

    /// Bytes that are there before anybody sends them.
    Artifact holds(byte[] bytes) {
        String digest = digest(bytes);
        artifacts.put(digest, bytes);
        return Artifact.newBuilder().setDigest(digest).setSize(bytes.length).build();
    }

    /// Each event stream is cut after so many events.
    void breaksStreamsAfter(int events) {
        eventsPerStream = events;
    }

    void hasNoStreams() {
        streams = false;
    }

    /// The next submissions are answered 429.
    void isBusy(int times) {
        busy.set(times);
    }

    /// Method, path and what matters of the headers of each request, in order.
    List<String> log() {
        return List.copyOf(log);
    }

    Map<String, byte[]> artifacts() {
        return artifacts;
    }

    /// The request that a job was submitted with.
    Optional<Job> job(String id) {
        return Optional.ofNullable(jobs.get(id));
    }

    List<Job> submitted() {
        return jobs.values().stream()
                .sorted((a, b) -> a.getId().compareTo(b.getId()))
                .toList();
    }

    @Override
    public void close() {
        server.stop(0);
    }

    private void handle(HttpExchange exchange) throws IOException {
        String lastEvent = exchange.getRequestHeaders().getFirst("Last-Event-ID");
        log.add(exchange.getRequestMethod() + " " + exchange.getRequestURI()
                + (lastEvent == null ? "" : " after " + lastEvent));
        try (exchange) {
            try {
                route(exchange, exchange.getRequestURI().getPath().substring(1).split("/"));
            } catch (ProblemException problem) {
                problem(exchange, Problems.of(problem));
            }
        }
    }

    private void route(HttpExchange exchange, String[] path) throws IOException {
        String method = exchange.getRequestMethod();
        switch (method + " " + path[1] + " " + path.length) {
            case "POST artifacts 2" -> store(exchange);
            case "POST artifacts 3" ->
                json(
                        exchange,
                        200,
                        "{\"heldBackBy\": \"01kb\", \"unnamed\": 1, \"bytes\": 8, \"artifacts\": [{\"digest\": "
                                + "\"sha256:ab\", \"size\": 8, \"lastUsed\": \"2026-11-01T00:00:00Z\"}]}");
            case "HEAD artifacts 3" -> exchange.sendResponseHeaders(artifacts.containsKey(path[2]) ? 200 : 404, -1);
            case "GET artifacts 3" -> bytes(exchange, 200, found(artifacts.get(path[2]), path[2]));
            case "PUT models 3", "PUT datasets 3" -> register(exchange, path[1], path[2]);
            case "GET models 3", "GET datasets 3" ->
                json(exchange, 200, Json.print(found(cards.get(path[1] + path[2]), path[2])));
            case "GET models 2", "GET datasets 2" ->
                json(
                        exchange,
                        200,
                        list(
                                path[1],
                                cards.entrySet().stream()
                                        .filter(card -> card.getKey().startsWith(path[1]))
                                        .map(Map.Entry::getValue)
                                        .toList()));
            case "POST workers 4" -> exchange.sendResponseHeaders(202, -1);
            case "GET mesh 2" -> json(exchange, 200, Json.print(MESH));
            case "GET jobs 2" -> json(exchange, 200, list("jobs", List.copyOf(jobs.values())));
            case "GET jobs 3" -> json(exchange, 200, Json.print(known(path[2])));
            case "GET jobs 4" -> ofJob(exchange, known(path[2]), path[3]);
            case "GET jobs 5" ->
                bytes(exchange, 200, found(scriptOfJob.get(path[2]).files().get(path[4]), path[4]));
            case "POST jobs 4" -> {
                boolean cancelled = path[3].equals("cancel");
                Job ordered = known(path[2]).toBuilder()
                        .setState(cancelled ? Job.State.CANCELLED : Job.State.QUEUED)
                        .setCancelRequested(cancelled)
                        .build();
                jobs.put(path[2], ordered);
                json(exchange, 202, Json.print(ordered));
            }
            case "POST loading 3", "POST training 3", "POST attack 3", "POST pipeline 3" ->
                submit(exchange, path[1], path[2]);
            default -> throw new ProblemException("not-found", "", "there is no such place", "see /openapi");
        }
    }

    private void store(HttpExchange exchange) throws IOException {
        byte[] body = exchange.getRequestBody().readAllBytes();
        String digest = digest(body);
        String expected = exchange.getRequestHeaders().getFirst("X-Assay-Sha256");
        if (expected != null && !digest.endsWith(expected)) {
            throw new ProblemException("hash-mismatch", "", "the bytes are " + digest, "send the bytes named");
        }
        Artifact stored = holds(body).toBuilder()
                .setMediaType(exchange.getRequestHeaders().getFirst("Content-Type"))
                .build();
        json(exchange, 201, Json.print(stored));
    }

    private void register(HttpExchange exchange, String kind, String name) throws IOException {
        String body = new String(exchange.getRequestBody().readAllBytes(), UTF_8);
        Message card;
        if (kind.equals("models")) {
            ModelRegistration.Builder registration = ModelRegistration.newBuilder();
            Json.parse(body, registration);
            card = Model.newBuilder()
                    .setName(name)
                    .setRegistration(Validation.accept(registration.build()))
                    .setVersion(1)
                    .build();
        } else {
            DataSetRegistration.Builder registration = DataSetRegistration.newBuilder();
            Json.parse(body, registration);
            card = DataSet.newBuilder()
                    .setName(name)
                    .setRegistration(Validation.accept(registration.build()))
                    .setVersion(1)
                    .build();
        }
        cards.put(kind + name, card);
        json(exchange, 200, Json.print(card));
    }

    private void submit(HttpExchange exchange, String capability, String name) throws IOException {
        Operation operation = Operations.find(capability, name).orElseThrow();
        Message.Builder request = operation.newRequest();
        Json.parse(new String(exchange.getRequestBody().readAllBytes(), UTF_8), request);
        Message accepted = Validation.accept(request.build());
        if (busy.getAndDecrement() > 0) {
            exchange.getResponseHeaders().set("Retry-After", "1");
            throw new ProblemException("too-many-jobs", "", "the queue is full", "ask again later");
        }
        String id = JobId.next();
        String priority = exchange.getRequestHeaders().getFirst("Assay-Priority");
        Job job = Job.newBuilder()
                .setId(id)
                .setPriority("batch".equals(priority) ? Priority.BATCH : Priority.INTERACTIVE)
                .setCapability(capability)
                .setOperation(name)
                .setState(Job.State.QUEUED)
                .setRequest(Any.pack(accepted))
                .setIdempotencyKey(exchange.getRequestHeaders().getFirst("Idempotency-Key"))
                .setCallback(
                        Objects.requireNonNullElse(exchange.getRequestHeaders().getFirst("Assay-Callback"), ""))
                .build();
        jobs.put(id, job);
        scriptOfJob.put(id, scripts.get(operation.toString()));
        exchange.getResponseHeaders().set("Location", "/v1/jobs/" + id);
        json(exchange, 202, Json.print(job));
    }

    private void ofJob(HttpExchange exchange, Job job, String what) throws IOException {
        Script script = scriptOfJob.get(job.getId());
        switch (what) {
            case "events" -> {
                String accept = exchange.getRequestHeaders().getFirst("Accept");
                if ("text/event-stream".equals(accept)) {
                    stream(exchange, job, script);
                } else {
                    json(exchange, 200, list("events", script.events()));
                }
            }
            case "result" -> {
                if (job.getState() != Job.State.SUCCEEDED) {
                    throw new ProblemException("job-not-finished", job.getId(), "it runs", "wait");
                }
                Message result = Operations.find(job.getCapability(), job.getOperation())
                        .orElseThrow()
                        .newResult()
                        .mergeFrom(job.getResult().getValue())
                        .build();
                json(exchange, 200, Json.print(result));
            }
            case "report" -> bytes(exchange, 200, found(script.files().get("report.html"), "report.html"));
            default -> throw new ProblemException("not-found", "", "there is no such place", "see /openapi");
        }
    }

    private void stream(HttpExchange exchange, Job job, Script script) throws IOException {
        if (!streams) {
            finish(job, script);
            throw new ProblemException("not-acceptable", "Accept", "streams do not pass", "ask for JSON");
        }
        String last = exchange.getRequestHeaders().getFirst("Last-Event-ID");
        int from = last == null ? 0 : Integer.parseInt(last.substring(2));
        exchange.getResponseHeaders().set("Content-Type", "text/event-stream");
        exchange.sendResponseHeaders(200, 0);
        OutputStream out = exchange.getResponseBody();
        out.write(": alive\n\n".getBytes(UTF_8));
        List<JobEvent> events = script.events();
        for (int i = from; i < Math.min(events.size(), from + (long) eventsPerStream); i++) {
            JobEvent event = events.get(i).toBuilder().setJobId(job.getId()).build();
            if (i == events.size() - 1) {
                finish(job, script);
            }
            out.write(("id:0-" + (i + 1) + "\nevent:" + event.getDetailCase() + "\ndata:" + Json.printCompact(event)
                            + "\n\n")
                    .getBytes(UTF_8));
            out.flush();
        }
    }

    private void finish(Job job, Script script) {
        jobs.put(
                job.getId(),
                job.toBuilder().mergeFrom(script.last()).setId(job.getId()).build());
    }

    private Job known(String id) {
        Job job = jobs.get(id);
        if (job == null) {
            throw new ProblemException("job-not-found", id, "there is no job " + id, "GET /v1/jobs lists them");
        }
        return job;
    }

    private static <T> T found(T value, String name) {
        if (value == null) {
            throw new ProblemException("not-found", name, "there is no " + name, "store it first");
        }
        return value;
    }

    private static String list(String name, List<? extends Message> elements) {
        return "{\"" + name + "\":[" + elements.stream().map(Json::printCompact).collect(Collectors.joining(","))
                + "]}";
    }

    private static void problem(HttpExchange exchange, Problem problem) throws IOException {
        exchange.getResponseHeaders().set("Content-Type", "application/problem+json");
        byte[] body = Json.print(problem).getBytes(UTF_8);
        exchange.sendResponseHeaders(problem.getStatus(), body.length);
        exchange.getResponseBody().write(body);
    }

    private static void json(HttpExchange exchange, int status, String json) throws IOException {
        exchange.getResponseHeaders().set("Content-Type", "application/json");
        bytes(exchange, status, json.getBytes(UTF_8));
    }

    private static void bytes(HttpExchange exchange, int status, byte[] body) throws IOException {
        exchange.sendResponseHeaders(status, body.length == 0 ? -1 : body.length);
        exchange.getResponseBody().write(body);
    }

    private static String digest(byte[] bytes) {
        return "sha256:" + HexFormat.of().formatHex(sha256(bytes));
    }

    private static byte[] sha256(byte[] bytes) {
        try {
            return MessageDigest.getInstance("SHA-256").digest(bytes);
        } catch (java.security.NoSuchAlgorithmException absent) {
            throw new IllegalStateException(absent);
        }
    }

    /// Jobs that succeed with a result after some events.
    static Script succeeding(Message result, Map<String, byte[]> files, JobEvent... events) {
        Job.Builder last = Job.newBuilder().setState(Job.State.SUCCEEDED).setResult(Any.pack(result));
        new LinkedHashMap<>(files)
                .forEach((name, bytes) -> last.putArtifacts(
                        name,
                        Artifact.newBuilder()
                                .setDigest("sha256:" + HexFormat.of().formatHex(sha256(bytes)))
                                .setSize(bytes.length)
                                .setMediaType("application/octet-stream")
                                .build()));
        List<JobEvent> all = new ArrayList<>(List.of(events));
        all.add(JobEvent.newBuilder()
                .setSucceeded(dev.assay.job.v1.Succeeded.newBuilder())
                .build());
        return new Script(all, last.build(), files);
    }

    /// Jobs that fail with a problem.
    static Script failing(Problem problem) {
        JobEvent failed = JobEvent.newBuilder()
                .setFailed(dev.assay.job.v1.Failed.newBuilder().setProblem(problem))
                .build();
        Job last =
                Job.newBuilder().setState(Job.State.FAILED).setProblem(problem).build();
        return new Script(List.of(failed), last, Map.of());
    }

    /// Jobs that are running for ever.
    static Script endless() {
        return new Script(
                List.of(), Job.newBuilder().setState(Job.State.RUNNING).build(), Map.of());
    }
}
