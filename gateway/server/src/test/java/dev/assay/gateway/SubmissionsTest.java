package dev.assay.gateway;

import static org.assertj.core.api.Assertions.assertThat;

import dev.assay.artifact.v1.Artifact;
import dev.assay.job.v1.Job;
import dev.assay.loading.v1.ImportRequest;
import io.quarkus.test.common.QuarkusTestResource;
import io.quarkus.test.common.http.TestHTTPResource;
import io.quarkus.test.junit.QuarkusTest;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import org.eclipse.microprofile.config.ConfigProvider;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/// What the door takes and refuses, as a client sees it.
@QuarkusTest
@QuarkusTestResource(MeshForTests.class)
class SubmissionsTest {

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
    void aJobThatInsistsOnADeviceThatNoWorkerHasIsRefusedAtOnce() {
        String training = "{\"data\": \"" + artifact + "\", \"device\": \"cuda:0\"}";
        String pipeline = "{\"steps\": [{\"name\": \"t\", \"capability\": \"training\", \"operation\": \"train\","
                + " \"request\": " + training + "}]}";

        for (Door.Reply refused :
                List.of(door.postJson("/v1/training/train", training), door.postJson("/v1/pipelines", pipeline))) {
            assertThat(refused.status()).isEqualTo(422);
            assertThat(refused.problem()).isEqualTo("device-unavailable");
            assertThat(refused.json().get("remedy").getAsString()).contains("assay.worker.devices=cuda");
        }
    }

    @Test
    void aFullQueueIsRefusedWithTheTimeToTryAgainAndTakesJobsWhenItHasDrained() {
        Job blocker = submitted(importing("wait"));
        follow(blocker, "event:started");
        int limit = ConfigProvider.getConfig().getValue("assay.gateway.queue-limit", Integer.class);
        Job last = blocker;
        for (int i = 0; i < limit; i++) {
            last = submitted(importing());
        }

        Door.Reply refused = door.postJson("/v1/loading/import", importing());

        assertThat(refused.status()).isEqualTo(429);
        assertThat(refused.problem()).isEqualTo("too-many-jobs");
        assertThat(refused.header("Retry-After")).isEqualTo("5");
        assertThat(refused.json().get("detail").getAsString()).contains(limit + " jobs of loading wait");
        assertThat(refused.json().get("remedy").getAsString()).contains("assay.gateway.queue-limit");

        door.post("/v1/jobs/" + blocker.getId() + "/cancel", new byte[0]);
        follow(last, "event:succeeded");
        follow(submitted(importing()), "event:succeeded");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "application/protobuf",
                "application/x-protobuf",
                "application/protobuf; proto=assay.loading.v1.ImportRequest"
            })
    void aProtobufBodyIsTakenLikeJson(String mediaType) {
        ImportRequest request = ImportRequest.newBuilder().setSource(artifact).build();

        Door.Reply accepted = door.post("/v1/loading/import", request.toByteArray(), "Content-Type", mediaType);

        assertThat(accepted.status()).as(accepted.text()).isEqualTo(202);
        Job job = accepted.into(Job.newBuilder()).build();
        assertThat(job.getRequest()).isEqualTo(submitted(importing()).getRequest());
        follow(job, "event:succeeded");
    }

    @ParameterizedTest
    @ValueSource(strings = {"text/plain", "application/x-www-form-urlencoded", "application/xml"})
    void anotherMediaTypeIsToldWhatToSend(String mediaType) {
        Door.Reply refused = door.post("/v1/loading/import", importing().getBytes(), "Content-Type", mediaType);

        assertThat(refused.status()).isEqualTo(415);
        assertThat(refused.problem()).isEqualTo("unsupported-media-type");
        assertThat(refused.json().get("remedy").getAsString()).contains("application/json");
    }

    @ParameterizedTest(name = "{0} {2}")
    @CsvSource(
            delimiter = '|',
            value = {
                "/v1/loadin/import   | application/json     | {}                     | 404 | unknown-capability | did you mean loading?",
                "/v1/loading/imports | application/json     | {}                     | 404 | unknown-operation  | did you mean import?",
                "/v1/loading/import  | application/json     | {\"source\"            | 400 | malformed-json     | valid JSON",
                "/v1/loading/import  | application/json     | [1]                    | 400 | malformed-json     | {\"field\": value",
                "/v1/loading/import  | application/json     | {\"sorce\": \"x\"}     | 400 | unknown-field      | did you mean source?",
                "/v1/loading/import  | application/json     | {\"source\": {}}       | 400 | malformed-field    | types of ImportRequest",
                "/v1/loading/import  | application/json     | {}                     | 422 | invalid-request    | source",
                "/v1/loading/import  | application/protobuf | no protobuf            | 400 | malformed-protobuf | assay.loading.v1.ImportRequest",
                "/v1/loading/import  | application/json     | {\"source\": \"digits\"} | 422 | artifact-not-found | register a name",
                "/v1/attack/evaluate | application/json     | {\"model\": \"nobody\", \"data\": \"d\", \"threat\": [\"linf:0.1\"]} | 422 | model-not-found | PUT /v1/models",
            })
    void whatCannotBeDoneIsToldWithItsCure(
            String path, String mediaType, String body, int status, String problem, String cure) {
        Door.Reply refused = door.post(path, body.getBytes(StandardCharsets.UTF_8), "Content-Type", mediaType);

        assertThat(refused.status()).as(refused.text()).isEqualTo(status);
        assertThat(refused.problem()).isEqualTo(problem);
        assertThat(refused.text()).doesNotContain("Exception").doesNotContain("\tat ");
        assertThat(refused.json().get("remedy").getAsString() + refused.json().get("violations"))
                .contains(cure);
    }

    @ParameterizedTest
    @CsvSource({"Content-Type, /", "Accept, /", "Content-Type, a//b"})
    void aMediaTypeThatCannotBeReadIsRefusedByName(String header, String value) {
        Door.Reply refused = door.get("/v1/jobs/nobody/events", header, value);

        assertThat(refused.status()).isEqualTo(400);
        assertThat(refused.problem()).isEqualTo("malformed-request");
        assertThat(refused.json().get("subject").getAsString()).isEqualTo(header);
    }

    @Test
    void aDigestThatIsNotStoredIsNamedWithItsField() {
        String digest = "sha256:" + "0".repeat(64);

        Door.Reply refused = door.postJson("/v1/loading/import", "{\"source\": \"" + digest + "\"}");

        assertThat(refused.status()).isEqualTo(422);
        assertThat(refused.problem()).isEqualTo("artifact-not-found");
        assertThat(refused.json().get("subject").getAsString()).isEqualTo("source");
        assertThat(refused.json().get("detail").getAsString()).contains(digest);
        assertThat(refused.json().get("remedy").getAsString()).contains("POST /v1/artifacts");
    }

    @Test
    void aRequestOverTheLimitIsRefused() {
        String body = "{\"source\": \"" + "x".repeat(64 << 10) + "\"}";

        Door.Reply refused = door.postJson("/v1/loading/import", body);

        assertThat(refused.status()).isEqualTo(413);
        assertThat(refused.problem()).isEqualTo("too-large");
        assertThat(refused.json().get("remedy").getAsString()).contains("assay.gateway.request-limit");
    }

    private String importing(String... mode) {
        String names = mode.length == 0 ? "" : ", \"classNames\": [\"" + mode[0] + "\"]";
        return "{\"source\": \"" + artifact + "\"" + names + "}";
    }

    private Job submitted(String body) {
        Door.Reply reply = door.postJson("/v1/loading/import", body);
        assertThat(reply.status()).as(reply.text()).isEqualTo(202);
        return reply.into(Job.newBuilder()).build();
    }

    private void follow(Job job, String until) {
        try (EventReader stream = new EventReader(door, "/v1/jobs/" + job.getId() + "/events")) {
            assertThat(stream.sees(until)).as(until).isTrue();
        }
    }
}
