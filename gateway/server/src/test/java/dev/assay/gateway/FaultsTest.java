package dev.assay.gateway;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.assay.artifact.v1.Artifact;
import dev.assay.job.v1.Job;
import io.quarkus.test.common.QuarkusTestResource;
import io.quarkus.test.common.http.TestHTTPResource;
import io.quarkus.test.junit.QuarkusTest;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpRequest.BodyPublishers;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HexFormat;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/// The door while what stands behind it is away.
@QuarkusTest
@QuarkusTestResource(value = FragileMesh.class, restrictToAnnotatedClass = true)
class FaultsTest {

    @TestHTTPResource
    URI root;

    FragileMesh mesh;

    private Door door;
    private String artifact;

    @BeforeEach
    void open() throws InterruptedException {
        door = new Door(root).ready();
        artifact = store("hello".getBytes(StandardCharsets.UTF_8))
                .into(Artifact.newBuilder())
                .getDigest();
    }

    @Test
    void whileTheBrokerIsAwayJobsAreRefusedForAWhileAndKnownOnesAreToldAndNothingAcceptedIsLost() throws Exception {
        String known = submitted("before").getId();
        mesh.stopBroker();
        try {
            long asked = System.nanoTime();
            var withKey = CompletableFuture.supplyAsync(() -> submit("during"));
            var without = CompletableFuture.supplyAsync(() -> submit());

            assertThat(job(known).getState()).isEqualTo(Job.State.QUEUED);
            assertThat(door.get("/v1/jobs").text()).contains(known);
            assertThat(door.get("/v1/jobs/" + known + "/result").problem()).isEqualTo("job-not-finished");
            for (Door.Reply refused : new Door.Reply[] {withKey.join(), without.join()}) {
                assertThat(refused.status()).as(refused.text()).isEqualTo(503);
                assertThat(refused.problem()).isEqualTo("mesh-unavailable");
                assertThat(refused.header("Retry-After")).isEqualTo("5");
            }
            assertThat(Duration.ofNanos(System.nanoTime() - asked)).isLessThan(Duration.ofSeconds(30));
            assertThat(door.get("/q/health/live").status()).isEqualTo(200);
            assertThat(door.get("/q/health/ready").status()).isEqualTo(503);
        } finally {
            mesh.startBroker();
        }

        door.ready();
        Job again = submitted("during");
        assertThat(submitted("during").getId()).isEqualTo(again.getId());
        assertThat(submitted("before").getId()).isEqualTo(known);
        try (var worker = new TestWorker(mesh.bootstrapServers(), mesh.artifacts())) {
            for (String id : new String[] {known, again.getId()}) {
                try (EventReader stream = new EventReader(door, "/v1/jobs/" + id + "/events")) {
                    assertThat(stream.all().getLast().name()).isEqualTo("succeeded");
                }
            }
        }
        assertThat(job(known).getState()).isEqualTo(Job.State.SUCCEEDED);
    }

    @Test
    void aFullDiskIsToldNothingHalfStaysAndUploadsWorkAgainWhenThereIsSpace() throws IOException {
        requireSmallDisk();
        byte[] large = new byte[16 << 20];
        new Random(1).nextBytes(large);

        Door.Reply refused = door.send(door.request("/v1/artifacts")
                .POST(BodyPublishers.ofInputStream(() -> new ByteArrayInputStream(large))));

        assertFull(refused);
        assertThat(door.get("/v1/artifacts/" + digest(large)).status()).isEqualTo(404);
        try (Stream<Path> unfinished = Files.list(mesh.artifacts().resolve("unfinished"))) {
            assertThat(unfinished).isEmpty();
        }
        assertThat(store(new byte[1 << 20]).status()).isEqualTo(201);
    }

    @Test
    void whatWouldLeaveTooLittleSpaceIsRefusedBeforeItIsRead() {
        requireSmallDisk();

        Door.Reply refused = store(new byte[8 << 20]);

        assertFull(refused);
        assertThat(refused.json().get("remedy").getAsString()).contains("assay.artifacts.free-space-floor");
    }

    @Test
    void aDiskThatIsNearlyFullTakesNoJobsUntilThereIsSpace() throws IOException {
        requireSmallDisk();
        Path filler = mesh.artifacts().resolve("filler");
        long free = Files.getFileStore(mesh.artifacts()).getUsableSpace();
        Files.write(filler, new byte[Math.toIntExact(free - (512 << 10))]);
        try {
            assertFull(submit());
        } finally {
            Files.delete(filler);
        }
        assertThat(submit().status()).isEqualTo(202);
    }

    private void requireSmallDisk() {
        if (!mesh.hasSmallDisk()) {
            System.out.println("FULL DISK NOT TRIED: mounting a tmpfs needs root on Linux");
        }
        assumeTrue(mesh.hasSmallDisk(), "mounting a tmpfs needs root on Linux");
    }

    private static void assertFull(Door.Reply refused) {
        assertThat(refused.status()).as(refused.text()).isEqualTo(507);
        assertThat(refused.problem()).isEqualTo("storage-full");
        assertThat(refused.json().get("remedy").getAsString()).contains("assay.artifacts.folder");
    }

    private Door.Reply store(byte[] bytes) {
        return door.post("/v1/artifacts", bytes);
    }

    private Door.Reply submit(String... key) {
        String body = "{\"source\": \"" + artifact + "\"}";
        return key.length == 0
                ? door.postJson("/v1/loading/import", body)
                : door.postJson("/v1/loading/import", body, "Idempotency-Key", key[0]);
    }

    private Job submitted(String key) {
        Door.Reply reply = submit(key);
        assertThat(reply.status()).as(reply.text()).isEqualTo(202);
        return reply.into(Job.newBuilder()).build();
    }

    private Job job(String id) {
        Door.Reply reply = door.get("/v1/jobs/" + id);
        assertThat(reply.status()).as(reply.text()).isEqualTo(200);
        return reply.into(Job.newBuilder()).build();
    }

    private static String digest(byte[] bytes) {
        try {
            return "sha256:"
                    + HexFormat.of()
                            .formatHex(java.security.MessageDigest.getInstance("SHA-256")
                                    .digest(bytes));
        } catch (java.security.NoSuchAlgorithmException impossible) {
            throw new AssertionError(impossible);
        }
    }
}
