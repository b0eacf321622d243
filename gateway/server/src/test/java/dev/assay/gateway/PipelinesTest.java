package dev.assay.gateway;

import static org.assertj.core.api.Assertions.assertThat;

import dev.assay.artifact.v1.Artifact;
import dev.assay.job.v1.Job;
import dev.assay.loading.v1.ImportResult;
import dev.assay.pipeline.v1.RunResult;
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

@QuarkusTest
@QuarkusTestResource(MeshForTests.class)
class PipelinesTest {

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
    void theOutputsOfOneStepAreTheInputsOfTheNext() throws Exception {
        Job job = run(
                step("first", "\"source\": \"" + artifact + "\""),
                step(
                        "second",
                        "\"source\": \"${first.artifacts.counts.npy}\", \"classNames\": [\"n-${first.result.data.samples}\"]"));
        assertThat(job.getState()).isEqualTo(Job.State.SUCCEEDED);
        RunResult result = job.getResult().unpack(RunResult.class);
        assertThat(result.getSteps(0)
                        .getResult()
                        .unpack(ImportResult.class)
                        .getData()
                        .getSamples())
                .isEqualTo(5);
        assertThat(result.getSteps(1)
                        .getResult()
                        .unpack(ImportResult.class)
                        .getData()
                        .getSamples())
                .isEqualTo(4);
        String second = result.getSteps(1).getJob();
        Job child = door.get("/v1/jobs/" + second).into(Job.newBuilder()).build();
        assertThat(child.getParentId()).isEqualTo(job.getId());
        assertThat(child.getTraceParent().split("-")[1])
                .isEqualTo(job.getTraceParent().split("-")[1]);
        assertThat(door.get("/v1/jobs/" + second).text()).contains("n-5");
    }

    @Test
    void aStepThatFailsFailsThePipelineAndNamesItself() {
        Job job = run(
                step("good", "\"source\": \"" + artifact + "\""),
                step("bad", "\"source\": \"${good.artifacts.counts.npy}\", \"classNames\": [\"fail\"]"),
                step("never", "\"source\": \"${bad.artifacts.counts.npy}\""));
        assertThat(job.getState()).isEqualTo(Job.State.FAILED);
        assertThat(job.getProblem().getType()).endsWith(":step-failed");
        assertThat(job.getProblem().getSubject()).isEqualTo("steps.bad");
        assertThat(job.getProblem().getDetail()).contains("'bad'", "the archive holds no images", "empty-data-set");
        assertThat(job.getProblem().getRemedy()).contains("give one with images", "/retry");
    }

    @Test
    void anOutputThatIsNotThereIsNamedTogetherWithThoseThatAre() {
        Job job = run(
                step("first", "\"source\": \"" + artifact + "\""),
                step("second", "\"source\": \"${first.artifacts.weights.npy}\""));
        assertThat(job.getProblem().getType()).endsWith(":unknown-output");
        assertThat(job.getProblem().getRemedy()).contains("counts.npy", "report.html");
    }

    @Test
    void aPipelineThatCannotRunIsRefusedAtTheDoor() {
        Door.Reply refused =
                door.postJson("/v1/pipelines", "{\"steps\": [" + step("a", "\"source\": \"${b.artifacts.x}\"") + "]}");
        assertThat(refused.status()).isEqualTo(422);
        assertThat(refused.problem()).isEqualTo("unknown-step");
    }

    @Test
    void cancellingAPipelineCancelsItsSteps() {
        Door.Reply accepted = submit(
                step("long", "\"source\": \"" + artifact + "\", \"classNames\": [\"wait\"]"),
                step("after", "\"source\": \"${long.artifacts.counts.npy}\""));
        String path = accepted.header("Location");
        String parent = accepted.into(Job.newBuilder()).getId();
        String child;
        try (EventReader stream = new EventReader(door, path + "/events")) {
            assertThat(stream.sees("event:started")).isTrue();
            child = childOf(parent);
            try (EventReader childStream = new EventReader(door, "/v1/jobs/" + child + "/events")) {
                assertThat(childStream.sees("event:started")).isTrue();
                assertThat(stream.sees("event:progress")).isTrue();
                assertThat(door.post(path + "/cancel", new byte[0]).status()).isEqualTo(202);
                assertThat(childStream.all().getLast().name()).isEqualTo("cancelled");
            }
            assertThat(stream.all().getLast().name()).isEqualTo("cancelled");
        }
    }

    private String childOf(String parent) {
        while (true) {
            for (var job :
                    door.get("/v1/jobs?capability=loading&limit=20").json().getAsJsonArray("jobs")) {
                if (job.getAsJsonObject().get("parentId").getAsString().equals(parent)) {
                    return job.getAsJsonObject().get("id").getAsString();
                }
            }
        }
    }

    private Job run(String... steps) {
        String path = submit(steps).header("Location");
        try (EventReader stream = new EventReader(door, path + "/events")) {
            stream.all();
        }
        return door.get(path).into(Job.newBuilder()).build();
    }

    private Door.Reply submit(String... steps) {
        Door.Reply accepted =
                door.postJson("/v1/pipelines", "{\"steps\": [" + String.join(", ", List.of(steps)) + "]}");
        assertThat(accepted.status()).as(accepted.text()).isEqualTo(202);
        return accepted;
    }

    private static String step(String name, String request) {
        return "{\"name\": \"" + name + "\", \"capability\": \"loading\", \"operation\": \"import\", \"request\": {"
                + request + "}}";
    }
}
