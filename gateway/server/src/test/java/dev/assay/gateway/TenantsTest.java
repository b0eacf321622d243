package dev.assay.gateway;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.gson.JsonElement;
import com.google.gson.JsonParser;
import dev.assay.artifact.v1.Artifact;
import dev.assay.artifact.v1.Model;
import dev.assay.contract.AccessKey;
import dev.assay.contract.JobId;
import dev.assay.contract.Scope;
import dev.assay.gateway.openapi.OpenApiDocument;
import dev.assay.job.v1.Job;
import dev.assay.job.v1.Priority;
import io.quarkus.test.common.QuarkusTestResource;
import io.quarkus.test.common.http.TestHTTPResource;
import io.quarkus.test.junit.QuarkusTest;
import io.quarkus.test.junit.QuarkusTestProfile;
import io.quarkus.test.junit.TestProfile;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.http.HttpRequest.BodyPublishers;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributeView;
import java.nio.file.attribute.FileTime;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.BooleanSupplier;
import java.util.stream.Stream;
import org.eclipse.microprofile.config.ConfigProvider;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/// Two tenants and the one without a name at one gateway. The keys have every scope, so that nothing but the tenant
/// keeps them apart.
@QuarkusTest
@QuarkusTestResource(MeshForTests.class)
@TestProfile(TenantsTest.WithTenants.class)
class TenantsTest {

    public static final class WithTenants implements QuarkusTestProfile {

        @Override
        public Map<String, String> getConfigOverrides() {
            try {
                Path file = Files.createTempFile("assay-keys", "");
                file.toFile().deleteOnExit();
                Files.write(
                        file,
                        Stream.of(
                                        entry("alice", "acme"),
                                        entry("bob", "acme"),
                                        entry("alice", "globex"),
                                        entry("carol", ""),
                                        AccessKey.of("dave", "globex", Set.of(Scope.READ), key("dave", "globex")))
                                .map(AccessKey::line)
                                .toList());
                return Map.of(
                        "assay.security.mode", "keys",
                        "assay.security.keys-file", file.toString(),
                        "assay.security.requests-per-second", "10000",
                        "assay.security.burst", "10000",
                        "assay.gateway.tenant-queue-limit", "4");
            } catch (IOException unwritable) {
                throw new UncheckedIOException(unwritable);
            }
        }

        private static AccessKey entry(String name, String tenant) {
            return AccessKey.of(name, tenant, EnumSet.allOf(Scope.class), key(name, tenant));
        }
    }

    /// What is asked with the id of a job.
    private static final List<String> OF_A_JOB = List.of(
            "GET /v1/jobs/{id}",
            "GET /v1/jobs/{id}/events",
            "GET /v1/jobs/{id}/result",
            "GET /v1/jobs/{id}/report",
            "GET /v1/jobs/{id}/artifacts/{name}",
            "POST /v1/jobs/{id}/cancel",
            "POST /v1/jobs/{id}/retry");

    private static final List<String> OF_AN_ARTIFACT =
            List.of("POST /v1/artifacts", "GET /v1/artifacts/{digest}", "HEAD /v1/artifacts/{digest}");

    private static final List<String> OF_A_COLLECTION = List.of("POST /v1/artifacts/collect");

    private static final List<String> OF_A_LIST = List.of("GET /v1/jobs", "GET /v1/models", "GET /v1/datasets");

    private static final List<String> OF_A_NAME = List.of(
            "GET /v1/models/{name}", "PUT /v1/models/{name}", "GET /v1/datasets/{name}", "PUT /v1/datasets/{name}");

    /// The operations, and a request of each that names REF wherever it can name something.
    private static final Map<String, String> OPERATIONS = Map.of(
            "POST /v1/loading/import", "{\"source\": \"REF\"}",
            "POST /v1/training/train", "{\"data\": \"REF\"}",
            "POST /v1/attack/evaluate", "{\"model\": \"REF\", \"data\": \"REF\", \"threat\": [\"linf:0.1\"]}",
            "POST /v1/pipeline/run",
                    "{\"steps\": [{\"name\": \"s\", \"capability\": \"loading\", \"operation\": \"import\", "
                            + "\"request\": {\"source\": \"REF\"}}]}");

    /// The same for everybody; a worker works for all tenants.
    private static final List<String> OF_NOBODY =
            List.of("GET /openapi", "GET /asyncapi", "POST /v1/workers/{name}/drain");

    /// Counts that all make together.
    private static final List<String> OF_ALL = List.of("GET /v1/mesh");

    private static final String NO_DIGEST = "sha256:" + "5".repeat(64);

    private static TestWorker worker;

    @TestHTTPResource
    URI root;

    private Door door;
    private String secret;

    @BeforeAll
    static void startWorker() {
        var configuration = ConfigProvider.getConfig();
        worker = new TestWorker(
                configuration.getValue("assay.kafka.bootstrap-servers", String.class),
                configuration.getValue("assay.artifacts.folder", Path.class));
    }

    @AfterAll
    static void stopWorker() {
        worker.close();
    }

    @BeforeEach
    void open() throws InterruptedException {
        door = new Door(root).ready();
        secret = upload("acme", "the secret of acme".getBytes(StandardCharsets.UTF_8));
    }

    @Test
    void everyRouteOfTheDoorIsAskedBelow() {
        var paths = JsonParser.parseString(OpenApiDocument.generate("1"))
                .getAsJsonObject()
                .getAsJsonObject("paths");
        Set<String> routes = new HashSet<>();
        paths.keySet()
                .forEach(path -> paths.getAsJsonObject(path)
                        .keySet()
                        .forEach(method -> routes.add(method.toUpperCase() + " " + path)));
        Set<String> asked = new HashSet<>(OPERATIONS.keySet());
        Stream.of(OF_A_JOB, OF_AN_ARTIFACT, OF_A_COLLECTION, OF_A_LIST, OF_A_NAME, OF_NOBODY, OF_ALL)
                .forEach(asked::addAll);

        assertThat(asked).as("a new route needs a test of its tenants here").isEqualTo(routes);
    }

    @Test
    void aJobOfAnotherTenantIsAnsweredForAsOneThatDoesNotExist() {
        Job done = finished(submit("acme", "{\"source\": \"" + secret + "\"}"));
        Job failed = finished(submit("acme", "{\"source\": \"" + secret + "\", \"classNames\": [\"fail\"]}"));
        assertThat(done.getState()).isEqualTo(Job.State.SUCCEEDED);
        assertThat(failed.getState()).isEqualTo(Job.State.FAILED);
        Job waiting = submit("acme", "{\"source\": \"" + secret + "\", \"classNames\": [\"wait\"]}");

        for (Job job : List.of(done, failed, waiting)) {
            for (String route : OF_A_JOB) {
                for (String tenant : List.of("globex", "")) {
                    for (String accept : List.of("application/json", "*/*", "text/event-stream")) {
                        String unknown = JobId.next();
                        Door.Reply others = ask(route, job.getId(), tenant, accept);
                        Door.Reply none = ask(route, unknown, tenant, accept);

                        assertThat(others.status())
                                .as(route + " " + others.text())
                                .isEqualTo(none.status());
                        assertThat(others.text().replace(job.getId(), unknown))
                                .as(route)
                                .isEqualTo(none.text());
                        if (!accept.equals("text/event-stream") || route.endsWith("/events")) {
                            assertThat(others.problem()).as(route).isEqualTo("job-not-found");
                        }
                    }
                }
            }
        }
        assertThat(job("acme", done.getId())).isEqualTo(done);
        assertThat(job("acme", failed.getId())).isEqualTo(failed);
        assertThat(job("acme", waiting.getId()).getCancelRequested()).isFalse();
        assertThat(ask("POST /v1/jobs/{id}/cancel", waiting.getId(), "acme", "*/*")
                        .status())
                .isEqualTo(202);
        finished(waiting);
    }

    @Test
    void keysOfOneTenantSeeTheSameJobs() {
        Job done = finished(submit("acme", "{\"source\": \"" + secret + "\"}"));

        for (String route : OF_A_JOB) {
            Door.Reply reply = send(filled(route, done.getId()), key("bob", "acme"), "*/*");
            assertThat(reply.status()).as(route + " " + reply.text()).isIn(200, 409);
        }
        assertThat(done.getTenant()).isEqualTo("acme");
    }

    @Test
    void listsHoldTheOwnAndNoMoreThroughAllTheirPages() {
        List<String> own = new ArrayList<>();
        for (int i = 0; i < 3; i++) {
            own.addFirst(finished(submit("globex", "{\"source\": \"" + upload("globex", new byte[] {7}) + "\"}"))
                    .getId());
            finished(submit("acme", "{\"source\": \"" + secret + "\"}"));
        }
        List<String> told = new ArrayList<>();
        String cursor = "";
        do {
            var page = get("/v1/jobs?limit=2" + (cursor.isEmpty() ? "" : "&cursor=" + cursor), "globex")
                    .json();
            for (JsonElement job : page.getAsJsonArray("jobs")) {
                assertThat(job.getAsJsonObject().get("tenant").getAsString()).isEqualTo("globex");
                told.add(job.getAsJsonObject().get("id").getAsString());
            }
            cursor = page.has("nextCursor") ? page.get("nextCursor").getAsString() : "";
        } while (!cursor.isEmpty());
        assertThat(told.subList(0, 3)).isEqualTo(own);
        assertThat(get("/v1/jobs", "").json().getAsJsonArray("jobs")).isEmpty();

        String acmes = get("/v1/jobs?limit=1", "acme").json().get("nextCursor").getAsString();
        Door.Reply refused = get("/v1/jobs?cursor=" + acmes, "globex");
        assertThat(refused.status()).isEqualTo(400);
        String unknown = JobId.next();
        assertThat(refused.text().replace(acmes, unknown))
                .isEqualTo(get("/v1/jobs?cursor=" + unknown, "globex").text());
    }

    @Test
    void aTenantCollectsItsOwnArtifactsAndIsToldOfNoOthers() throws IOException {
        byte[] content = "wanted by nobody".getBytes(StandardCharsets.UTF_8);
        String digest = upload("acme", content);
        upload("globex", content);
        Path folder = ConfigProvider.getConfig().getValue("assay.artifacts.folder", Path.class);
        for (String tenant : List.of("acme", "globex")) {
            FileTime past = FileTime.from(Instant.now().minus(Duration.ofDays(30)));
            Path file = folder.resolve("tenants")
                    .resolve(tenant)
                    .resolve("sha256")
                    .resolve(digest.substring(7, 9))
                    .resolve(digest.substring(9));
            Files.getFileAttributeView(file, BasicFileAttributeView.class).setTimes(past, past, null);
        }
        String route = OF_A_COLLECTION.getFirst();
        var nobodys = send(route, key(""), "*/*").json();
        assertThat(nobodys.get("unnamed").getAsInt()).isZero();
        var would = send(route, key("globex"), "*/*").json();
        assertThat(would.get("dryRun").getAsBoolean()).isTrue();
        assertThat(would.toString()).contains(digest).doesNotContain(secret);

        var done = send(route + "?dryRun=false", key("globex"), "*/*").json();

        assertThat(done.get("unnamed").getAsInt()).isEqualTo(1);
        assertThat(get("/v1/artifacts/" + digest, "globex").status()).isEqualTo(404);
        assertThat(get("/v1/artifacts/" + digest, "acme").status()).isEqualTo(200);
    }

    @Test
    void whatIsCountedOfAllNamesNobodyAndNoJob() {
        Job waiting = submit("acme", "{\"source\": \"" + secret + "\", \"classNames\": [\"wait\"]}");
        await(() -> job("acme", waiting.getId()).getState() == Job.State.RUNNING);

        for (String route : OF_ALL) {
            Door.Reply counted = send(route, key("globex"), "application/json");
            assertThat(counted.status()).isEqualTo(200);
            assertThat(counted.text()).doesNotContain("acme", waiting.getId(), secret);
        }
        ask("POST /v1/jobs/{id}/cancel", waiting.getId(), "acme", "*/*");
        finished(waiting);
    }

    @Test
    void anArtifactIsThereForThoseWhoBroughtIt() {
        byte[] content = "known to two".getBytes(StandardCharsets.UTF_8);
        String digest = upload("acme", content);
        String path = "/v1/artifacts/" + digest;
        for (String tenant : List.of("globex", "")) {
            assertThat(get(path, tenant).status()).isEqualTo(404);
            assertThat(get(path, tenant).text().replace(digest, NO_DIGEST))
                    .isEqualTo(get("/v1/artifacts/" + NO_DIGEST, tenant).text());
            assertThat(send("HEAD " + path, key(tenant), "*/*").status()).isEqualTo(404);
        }

        // a digest is no proof of having the bytes, and to bring them tells nothing about others
        Door.Reply stored = door.post(
                "/v1/artifacts", content, "Authorization", bearer("globex"), "X-Assay-Sha256", digest.substring(7));
        assertThat(stored.status()).isEqualTo(201);
        assertThat(get(path, "globex").bytes()).isEqualTo(content);
        assertThat(get(path, "").status()).isEqualTo(404);
    }

    @Test
    void aNameMeansToEachTenantItsOwnThing() throws IOException {
        for (String kind : List.of("models", "datasets")) {
            byte[] acmes = kind.equals("models") ? Models.flatten() : DataSets.npz(20, 2);
            byte[] globexs = kind.equals("models") ? Models.weighted(new float[64]) : DataSets.npz(30, 2);
            String digest = upload("acme", acmes);
            String path = "/v1/" + kind + "/common";
            assertThat(put(path, digest, "acme").status()).isEqualTo(200);

            assertThat(get("/v1/" + kind, "globex").text()).doesNotContain("common");
            assertThat(get(path, "globex").status()).isEqualTo(404);
            assertThat(get(path, "globex").text().replace("common", "absent"))
                    .isEqualTo(get("/v1/" + kind + "/absent", "globex").text());
            assertThat(put(path, digest, "globex").text().replace(digest, NO_DIGEST))
                    .isEqualTo(put(path, NO_DIGEST, "globex").text());

            assertThat(put(path, upload("globex", globexs), "globex")
                            .json()
                            .get("version")
                            .getAsInt())
                    .isEqualTo(1);
            assertThat(get(path, "acme").text()).contains(digest);
            assertThat(get(path, "globex").text()).doesNotContain(digest);
            assertThat(get(path, "").status()).isEqualTo(404);
        }
        assertThat(get("/v1/models/common", "acme").into(Model.newBuilder()).getName())
                .isEqualTo("common");
    }

    @Test
    void noOperationTakesWhatBelongsToAnotherTenant() throws IOException {
        assertThat(put("/v1/models/hidden", upload("acme", Models.flatten()), "acme")
                        .status())
                .isEqualTo(200);
        assertThat(put("/v1/datasets/hidden", upload("acme", DataSets.npz(20, 2)), "acme")
                        .status())
                .isEqualTo(200);

        Map<String, String> requests = new HashMap<>(OPERATIONS);
        requests.put("POST /v1/pipelines", OPERATIONS.get("POST /v1/pipeline/run")); // by its short address
        requests.forEach((route, request) -> {
            for (Map.Entry<String, String> named :
                    Map.of(secret, NO_DIGEST, "hidden", "absent").entrySet()) {
                Door.Reply others = outcome(route, request.replace("REF", named.getKey()));
                Door.Reply none = outcome(route, request.replace("REF", named.getValue()));

                assertThat(others.status()).as(route + " " + others.text()).isGreaterThanOrEqualTo(400);
                assertThat(others.problem()).as(route).isEqualTo(none.problem());
                assertThat(others.status()).isEqualTo(none.status());
                if (!route.contains("pipeline")) {
                    assertThat(others.text().replace(named.getKey(), named.getValue()))
                            .isEqualTo(none.text());
                }
            }
        });
    }

    @Test
    void theSameIdempotencyKeyOfTwoTenantsMakesTwoJobs() {
        String theirs = upload("globex", new byte[] {1, 2});
        Job first = submit("acme", "{\"source\": \"" + secret + "\"}", "Idempotency-Key", "monday");
        Job second = submit("globex", "{\"source\": \"" + theirs + "\"}", "Idempotency-Key", "monday");
        Job again = submit("acme", "{\"source\": \"" + secret + "\"}", "Idempotency-Key", "monday");

        assertThat(second.getId()).isNotEqualTo(first.getId());
        assertThat(again.getId()).isEqualTo(first.getId());
        finished(first);
        finished(second);
    }

    @Test
    void oneTenantCannotFillTheQueueOfAll() {
        // no worker takes jobs of training here, so that what is submitted waits
        String data = upload("acme", new byte[] {1});
        String request = "{\"data\": \"" + data + "\"}";
        List<String> waiting = new ArrayList<>();
        for (int i = 0; i < 4; i++) {
            Door.Reply accepted = post("/v1/training/train", request, "acme");
            assertThat(accepted.status()).as(accepted.text()).isEqualTo(202);
            waiting.add(accepted.into(Job.newBuilder()).getId());
        }

        Door.Reply refused = post("/v1/training/train", request, "acme");
        assertThat(refused.status()).isEqualTo(429);
        assertThat(refused.problem()).isEqualTo("too-many-jobs");
        assertThat(refused.header("Retry-After")).isNotEmpty();
        assertThat(refused.json().get("remedy").getAsString()).contains("assay.gateway.tenant-queue-limit");
        String theirs = upload("globex", new byte[] {1});
        Door.Reply other = post("/v1/training/train", "{\"data\": \"" + theirs + "\"}", "globex");
        assertThat(other.status()).isEqualTo(202);

        String first = waiting.getFirst();
        assertThat(ask("POST /v1/jobs/{id}/cancel", first, "acme", "*/*").status())
                .isEqualTo(202);
        finished(job("acme", first));
        Door.Reply room = post("/v1/training/train", request, "acme");
        assertThat(room.status()).as(room.text()).isEqualTo(202);
        waiting.add(room.into(Job.newBuilder()).getId());
        waiting.forEach(id -> ask("POST /v1/jobs/{id}/cancel", id, "acme", "*/*"));
    }

    @Test
    void whatHeadersSayOfAJobIsKeptAndNonsenseIsRefused() {
        String request = "{\"source\": \"" + secret + "\"}";
        Job batch = submit("acme", request, "Assay-Priority", "batch");
        assertThat(batch.getPriority()).isEqualTo(Priority.BATCH);
        assertThat(submit("acme", request).getPriority()).isEqualTo(Priority.INTERACTIVE);

        Door.Reply refused = post("/v1/loading/import", request, "acme", "Assay-Priority", "now");
        assertThat(refused.status()).isEqualTo(400);
        assertThat(refused.json().get("subject").getAsString()).isEqualTo("Assay-Priority");
        finished(batch);
    }

    /// What a tenant that owns nothing is told: at once, or by the pipeline's own job.
    private Door.Reply outcome(String route, String request) {
        Door.Reply reply = post(route.substring(5), request, "globex");
        if (!route.contains("pipeline")) {
            return reply;
        }
        Job job = finished(reply.into(Job.newBuilder()).build());
        return get("/v1/jobs/" + job.getId() + "/result", "globex");
    }

    private String upload(String tenant, byte[] content) {
        Door.Reply stored = door.post("/v1/artifacts", content, "Authorization", bearer(tenant));
        assertThat(stored.status()).as(stored.text()).isBetween(200, 201);
        return stored.into(Artifact.newBuilder()).getDigest();
    }

    private Job submit(String tenant, String request, String... headers) {
        Door.Reply accepted = post("/v1/loading/import", request, tenant, headers);
        assertThat(accepted.status()).as(accepted.text()).isEqualTo(202);
        return accepted.into(Job.newBuilder()).build();
    }

    private Job finished(Job job) {
        await(() -> switch (job(job.getTenant(), job.getId()).getState()) {
            case SUCCEEDED, FAILED, CANCELLED -> true;
            case QUEUED, RUNNING, STATE_UNSPECIFIED, UNRECOGNIZED -> false;
        });
        return job(job.getTenant(), job.getId());
    }

    private Job job(String tenant, String id) {
        return get("/v1/jobs/" + id, tenant).into(Job.newBuilder()).build();
    }

    private Door.Reply ask(String route, String id, String tenant, String accept) {
        return send(filled(route, id), key(tenant), accept);
    }

    private static String filled(String route, String id) {
        return route.replace("{id}", id).replace("{name}", "report.html");
    }

    private Door.Reply send(String route, String key, String accept) {
        String[] parts = route.split(" ");
        return door.send(door.request(parts[1], "Authorization", "Bearer " + key, "Accept", accept)
                .method(parts[0], BodyPublishers.noBody()));
    }

    private Door.Reply get(String path, String tenant) {
        return door.get(path, "Authorization", bearer(tenant));
    }

    private Door.Reply post(String path, String json, String tenant, String... headers) {
        List<String> all = new ArrayList<>(List.of("Authorization", bearer(tenant)));
        all.addAll(List.of(headers));
        return door.postJson(path, json, all.toArray(String[]::new));
    }

    private Door.Reply put(String path, String digest, String tenant) {
        return door.send(door.request(path, "Authorization", bearer(tenant), "Content-Type", "application/json")
                .PUT(BodyPublishers.ofString("{\"artifact\": \"" + digest + "\"}")));
    }

    private static String bearer(String tenant) {
        return "Bearer " + key(tenant);
    }

    private static String key(String tenant) {
        return key(tenant.isEmpty() ? "carol" : "alice", tenant);
    }

    /// Known in advance, because a profile cannot hand anything on to its test.
    static String key(String name, String tenant) {
        return AccessKey.PREFIX + "for-tests-only-" + name + "-" + tenant;
    }

    private static void await(BooleanSupplier condition) {
        long deadline = System.nanoTime() + Duration.ofSeconds(60).toNanos();
        while (!condition.getAsBoolean()) {
            assertThat(System.nanoTime()).as("in time").isLessThan(deadline);
        }
    }
}
