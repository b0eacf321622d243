package dev.assay.gateway;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import dev.assay.artifact.v1.Artifact;
import dev.assay.gateway.EventReader.Received;
import dev.assay.job.v1.Job;
import dev.assay.loading.v1.ImportResult;
import io.quarkus.test.common.QuarkusTestResource;
import io.quarkus.test.common.http.TestHTTPResource;
import io.quarkus.test.junit.QuarkusTest;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.eclipse.microprofile.config.ConfigProvider;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.RepeatedTest;
import org.junit.jupiter.api.Test;

@QuarkusTest
@QuarkusTestResource(MeshForTests.class)
class JobsTest {

    private static TestWorker worker;

    @TestHTTPResource
    URI root;

    private Door door;
    private String artifact;

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
        artifact = door.post("/v1/artifacts", "hello".getBytes(StandardCharsets.UTF_8))
                .into(Artifact.newBuilder())
                .getDigest();
    }

    @Test
    void aRequestBecomesAJobWithEventsAResultAReportAndFiles() {
        Door.Reply accepted = submit("");
        assertThat(accepted.status()).isEqualTo(202);
        Job queued = job(accepted);
        assertThat(queued.getState()).isEqualTo(Job.State.QUEUED);
        String path = URI.create(accepted.header("Location")).getPath();
        assertThat(path).isEqualTo("/v1/jobs/" + queued.getId());

        List<Received> events = follow(path);
        assertThat(events)
                .extracting(Received::name)
                .startsWith("queued", "started")
                .endsWith("succeeded");
        assertThat(events).extracting(e -> e.event().getJobId()).containsOnly(queued.getId());

        Job done = job(door.get(path));
        assertThat(done.getState()).isEqualTo(Job.State.SUCCEEDED);
        ImportResult result =
                door.get(path + "/result").into(ImportResult.newBuilder()).build();
        assertThat(result.getData().getSamples()).isEqualTo(5);

        Door.Reply report = door.get(path + "/report");
        assertThat(report.header("Content-Type")).startsWith("text/html");
        assertThat(report.header("Content-Security-Policy")).startsWith("sandbox allow-scripts; default-src 'none'");
        assertThat(report.text()).contains("<title>r</title>");
        Door.Reply file = door.get(path + "/artifacts/counts.npy");
        assertThat(file.header("Content-Type")).isEqualTo("application/x-npy");
        assertThat(file.bytes()).containsExactly(1, 2, 3, 4);
        Door.Reply missing = door.get(path + "/artifacts/other.npy");
        assertThat(missing.status()).isEqualTo(404);
        assertThat(missing.json().get("remedy").getAsString()).contains("counts.npy");
    }

    @RepeatedTest(20)
    void theResultIsThereAsSoonAsTheLastEventIsRead() {
        String path = path(submit(""));
        follow(path);
        assertThat(door.get(path + "/result").status()).isEqualTo(200);
    }

    @Test
    void aStreamGoesOnAfterTheLastEventSeen() {
        String path = path(submit(""));
        List<Received> all = follow(path);
        assertThat(all).hasSizeGreaterThanOrEqualTo(3);

        List<Received> rest = follow(path, "Last-Event-ID", all.get(1).id());

        assertThat(rest).isEqualTo(all.subList(2, all.size()));
        assertThat(follow(path, "Last-Event-ID", all.getLast().id())).isEmpty();
        assertThat(door.get(path + "/events", "Accept", "text/event-stream", "Last-Event-ID", "soon")
                        .problem())
                .isEqualTo("malformed-field");
    }

    @Test
    void clientsThatDoNotStreamGetAList() {
        String path = path(submit(""));
        List<Received> all = follow(path);

        Door.Reply list = door.get(path + "/events");

        assertThat(list.header("Content-Type")).startsWith("application/json");
        assertThat(list.json().getAsJsonArray("events")).hasSameSizeAs(all);
        assertThat(door.get(path + "/events", "Last-Event-ID", all.getFirst().id())
                        .json()
                        .getAsJsonArray("events"))
                .hasSize(all.size() - 1);
    }

    @Test
    void aFailedJobAnswersWithItsProblem() {
        String path = path(submit("fail"));
        assertThat(follow(path).getLast().name()).isEqualTo("failed");

        Door.Reply result = door.get(path + "/result");

        assertThat(result.status()).isEqualTo(422);
        assertThat(result.problem()).isEqualTo("empty-data-set");
        assertThat(result.json().get("remedy").getAsString()).isEqualTo("give one with images");
    }

    @Test
    void anUnforeseenFailureTellsNoSecrets() {
        String path = path(submit("break"));
        follow(path);

        Door.Reply result = door.get(path + "/result");

        assertThat(result.status()).isEqualTo(500);
        assertThat(result.problem()).isEqualTo("internal-error");
        assertThat(result.text() + door.get(path).text())
                .doesNotContain("secret")
                .doesNotContain("Exception");
    }

    @Test
    void aRunningJobIsCancelled() {
        Door.Reply accepted = submit("wait");
        String path = path(accepted);
        try (EventReader stream = new EventReader(door, path + "/events")) {
            assertThat(stream.contentType()).startsWith("text/event-stream");
            assertThat(stream.sees("event:started")).isTrue();
            assertThat(door.get(path + "/result").status()).isEqualTo(409);
            assertThat(door.get(path + "/result").problem()).isEqualTo("job-not-finished");

            assertThat(door.post(path + "/cancel", new byte[0]).status()).isEqualTo(202);

            assertThat(stream.all().getLast().name()).isEqualTo("cancelled");
        }
        assertThat(job(door.get(path)).getState()).isEqualTo(Job.State.CANCELLED);
        assertThat(door.post(path + "/cancel", new byte[0]).problem()).isEqualTo("job-already-final");
        assertThat(door.get(path + "/result").status()).isEqualTo(409);
        assertThat(door.get(path + "/result").problem()).isEqualTo("job-cancelled");
    }

    @Test
    void aStreamWithoutEventsSaysThatItIsAlive() {
        String blocker = path(submit("wait"));
        String waiting = path(submit(""));
        try (EventReader stream = new EventReader(door, waiting + "/events")) {
            assertThat(stream.sees(":")).isTrue();
        }
        door.post(blocker + "/cancel", new byte[0]);
        follow(waiting);
    }

    @Test
    void theSameKeyGivesTheSameJob() {
        String key = "key-" + System.nanoTime();

        String first = job(submit("", key)).getId();

        assertThat(job(submit("", key)).getId()).isEqualTo(first);
        Door.Reply other = submit("fail", key);
        assertThat(other.status()).isEqualTo(409);
        assertThat(other.problem()).isEqualTo("idempotency-conflict");
    }

    @Test
    void jobsAreListedInPagesNewestFirst() {
        List<String> submitted = new ArrayList<>();
        for (int i = 0; i < 5; i++) {
            submitted.add(job(submit("fail")).getId());
        }
        submitted.forEach(id -> follow("/v1/jobs/" + id));

        List<String> listed = new ArrayList<>();
        String cursor = "";
        int pages = 0;
        while (listed.size() < 5) {
            JsonObject page = door.get("/v1/jobs?capability=loading&operation=import&state=failed&limit=2" + cursor)
                    .json();
            for (JsonElement job : page.getAsJsonArray("jobs")) {
                listed.add(job.getAsJsonObject().get("id").getAsString());
                assertThat(job.getAsJsonObject().get("state").getAsString()).isEqualTo("FAILED");
            }
            pages++;
            cursor =
                    page.has("nextCursor") ? "&cursor=" + page.get("nextCursor").getAsString() : "&cursor=none";
        }

        assertThat(pages).isEqualTo(3);
        assertThat(listed.subList(0, 5)).isEqualTo(submitted.reversed());
    }

    @Test
    void aListIsToldWhatItCannotAnswer() {
        assertThat(door.get("/v1/jobs?state=resting").problem()).isEqualTo("malformed-field");
        assertThat(door.get("/v1/jobs?limit=0").problem()).isEqualTo("malformed-field");
        assertThat(door.get("/v1/jobs?limit=many").problem()).isEqualTo("malformed-field");
        assertThat(door.get("/v1/jobs?cursor=none").problem()).isEqualTo("malformed-field");
        assertThat(door.get("/v1/jobs?capability=baking").json().getAsJsonArray("jobs"))
                .isEmpty();
    }

    @Test
    void anUnknownJobIsNotFound() {
        for (String path : List.of("", "/events", "/result", "/report", "/artifacts/a.npy")) {
            Door.Reply reply = door.get("/v1/jobs/01k000000000000000000000zz" + path);
            assertThat(reply.status()).isEqualTo(404);
            assertThat(reply.problem()).isEqualTo("job-not-found");
        }
    }

    private Door.Reply submit(String mode, String... key) {
        String names = mode.isEmpty() ? "" : ", \"classNames\": [\"" + mode + "\"]";
        String body = "{\"source\": \"" + artifact + "\"" + names + "}";
        return key.length == 0
                ? door.postJson("/v1/loading/import", body)
                : door.postJson("/v1/loading/import", body, "Idempotency-Key", key[0]);
    }

    private List<Received> follow(String path, String... headers) {
        try (EventReader stream = new EventReader(door, path + "/events", headers)) {
            return stream.all();
        }
    }

    private static String path(Door.Reply accepted) {
        assertThat(accepted.status()).as(accepted.text()).isEqualTo(202);
        return URI.create(accepted.header("Location")).getPath();
    }

    private static Job job(Door.Reply reply) {
        assertThat(reply.status()).as(reply.text()).isIn(200, 202);
        return reply.into(Job.newBuilder()).build();
    }
}
