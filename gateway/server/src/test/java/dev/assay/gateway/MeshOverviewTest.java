package dev.assay.gateway;

import static org.assertj.core.api.Assertions.assertThat;

import dev.assay.artifact.v1.Artifact;
import dev.assay.job.v1.MeshOverview;
import dev.assay.job.v1.QueueOverview;
import io.quarkus.test.common.QuarkusTestResource;
import io.quarkus.test.common.http.TestHTTPResource;
import io.quarkus.test.junit.QuarkusTest;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import org.eclipse.microprofile.config.ConfigProvider;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

@QuarkusTest
@QuarkusTestResource(MeshForTests.class)
class MeshOverviewTest {

    private static TestWorker worker;

    @TestHTTPResource
    URI root;

    private Door door;

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
    }

    @Test
    void onlyAWorkerThatIsThereCanBeToldToStop() {
        Door.Reply unknown = door.post("/v1/workers/nobody/drain", new byte[0]);
        assertThat(unknown.status()).isEqualTo(404);
        assertThat(unknown.problem()).isEqualTo("worker-not-found");
        assertThat(unknown.text()).contains("test-worker");
        assertThat(door.post("/v1/workers/test-worker/drain", new byte[0]).status())
                .isEqualTo(202);
    }

    @Test
    void queuesAndWorkersAreToldAsTheyAre() {
        String artifact = door.post("/v1/artifacts", "hello".getBytes(StandardCharsets.UTF_8))
                .into(Artifact.newBuilder())
                .getDigest();
        String request = "{\"source\": \"" + artifact + "\", \"classNames\": [\"wait\"]}";
        String path = door.postJson("/v1/loading/import", request).header("Location");
        try (EventReader stream = new EventReader(door, path + "/events")) {
            assertThat(stream.sees("event:started")).isTrue();
            String behind = door.postJson("/v1/loading/import", request).header("Location");

            MeshOverview mesh =
                    door.get("/v1/mesh").into(MeshOverview.newBuilder()).build();

            assertThat(mesh.getWorkersList())
                    .filteredOn(one -> one.getName().equals("test-worker"))
                    .singleElement()
                    .satisfies(one -> {
                        assertThat(one.getCapability()).isEqualTo("loading");
                        assertThat(one.getSlots()).isEqualTo(1);
                        assertThat(one.getRunning()).isEqualTo(1);
                    });
            assertThat(mesh.getQueuesList())
                    .extracting(QueueOverview::getCapability)
                    .contains("loading", "training", "attack", "pipeline");
            QueueOverview loading = mesh.getQueuesList().stream()
                    .filter(queue -> queue.getCapability().equals("loading"))
                    .findFirst()
                    .orElseThrow();
            assertThat(loading.getQueued()).isEqualTo(1);
            assertThat(loading.getRunning()).isEqualTo(1);
            assertThat(loading.getOldestSeconds()).isPositive();
            door.post(behind + "/cancel", new byte[0]);
            door.post(path + "/cancel", new byte[0]);
            assertThat(stream.sees("event:cancelled")).isTrue();
        }
    }
}
