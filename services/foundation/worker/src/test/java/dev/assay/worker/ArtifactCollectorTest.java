package dev.assay.worker;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.assay.artifact.v1.ModelRegistration;
import dev.assay.attack.v1.EvaluateRequest;
import dev.assay.attack.v1.EvaluateResult;
import dev.assay.computation.ProblemException;
import dev.assay.job.v1.Priority;
import dev.assay.worker.ArtifactCollector.Mode;
import dev.assay.worker.ArtifactCollector.Outcome;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributeView;
import java.nio.file.attribute.FileTime;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CyclicBarrier;
import java.util.function.Supplier;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(120)
class ArtifactCollectorTest {

    private static final Duration WEEK = Duration.ofDays(7);
    private static final Instant LONG_AGO = Instant.now().minus(Duration.ofDays(30));

    private static TestMesh mesh;

    @TempDir
    Path folder;

    private FileArtifactStore store;
    private ArtifactCollector collector;

    @BeforeAll
    static void start() {
        mesh = new TestMesh();
    }

    @AfterAll
    static void stop() {
        mesh.close();
    }

    @BeforeEach
    void open() {
        store = new FileArtifactStore(folder);
        collector = new ArtifactCollector(store, mesh.gateway.states(), mesh.gateway.registry(), Clock.systemUTC());
    }

    /// Names its model in the request, stores a file, answers with the digest of another.
    private static final class Making implements JobHandler<EvaluateRequest, EvaluateResult> {
        @Override
        public EvaluateResult run(Job<EvaluateRequest> job) {
            job.attach("file.txt", "text/plain", bytes("attached by " + job.id()));
            String digest =
                    job.artifacts().put(bytes("answered by " + job.id()), "").getDigest();
            return EvaluateResult.newBuilder()
                    .setProvenance(job.provenance().putInputs("model", digest))
                    .build();
        }
    }

    @Test
    void onlyWhatIsOldAndNamedByNothingIsFoundAndADryRunTouchesNothing() throws Exception {
        String tenant = "found";
        ArtifactStore own = store.of(tenant);
        String requested = old(tenant, "the model of a job");
        try (var process = mesh.connect("maker");
                var worker = mesh.worker(
                        process, WorkerConfiguration.named("maker").withGrace(Duration.ZERO), folder, new Making())) {
            var job = mesh.gateway
                    .submitter()
                    .submit(
                            TestHandlers.request(1).toBuilder()
                                    .setModel(requested)
                                    .build(),
                            new Terms(tenant, Priority.INTERACTIVE, ""));
            mesh.awaitFinal(job.getId());
            String attached = Digests.of(bytes("attached by " + job.getId()));
            String answered = Digests.of(bytes("answered by " + job.getId()));
            for (String digest : List.of(attached, answered)) {
                age(tenant, digest);
            }
            String registered = old(tenant, "a registered model");
            mesh.gateway
                    .registry()
                    .of(tenant)
                    .register(
                            "digits",
                            ModelRegistration.newBuilder()
                                    .setArtifact(registered)
                                    .build(),
                            List.of(),
                            List.of());
            String unnamed = old(tenant, "nobody's");
            String young = own.put(bytes("uploaded a moment ago"), "").getDigest();
            String elsewhere = old("other", "another tenant's");

            Outcome would = collector.collect(tenant, WEEK, Mode.DRY_RUN);

            assertThat(would.artifacts()).extracting(UnusedArtifact::digest).containsExactly(unnamed);
            assertThat(would.bytes()).isEqualTo(8);
            assertThat(would.named()).isEqualTo(4);
            assertThat(would.heldBackBy()).isEmpty();
            assertThat(file(tenant, unnamed)).exists();

            Outcome done = collector.collect(tenant, WEEK, Mode.DELETE);

            assertThat(done.artifacts()).isEqualTo(would.artifacts());
            assertThat(own.size(unnamed)).isEmpty();
            assertThat(List.of(requested, attached, answered, registered, young))
                    .allSatisfy(kept -> assertThat(own.verified(kept)).exists());
            assertThat(file("other", elsewhere)).exists();
        }
    }

    @Test
    void whatWasUsedSinceTheOldestUnfinishedJobCameIsKept() throws Exception {
        String tenant = "waiting";
        var waiting =
                mesh.gateway.submitter().submit(TestHandlers.request(1), new Terms(tenant, Priority.INTERACTIVE, ""));
        String meanwhile =
                store.of(tenant).put(bytes("stored by a job that runs"), "").getDigest();
        Instant inTenDays = Instant.now().plus(Duration.ofDays(10));
        var later = new ArtifactCollector(
                store, mesh.gateway.states(), mesh.gateway.registry(), Clock.fixed(inTenDays, ZoneOffset.UTC));

        Outcome held = later.collect(tenant, WEEK, Mode.DELETE);

        assertThat(held.artifacts()).isEmpty();
        assertThat(held.heldBackBy()).isEqualTo(waiting.getId());
        mesh.gateway.control().cancel(waiting.getId(), "");
        Outcome freed = later.collect(tenant, WEEK, Mode.DELETE);
        assertThat(freed.heldBackBy()).isEmpty();
        assertThat(freed.artifacts()).extracting(UnusedArtifact::digest).containsExactly(meanwhile);
    }

    @Test
    void lessThanAnHourIsRefused() {
        assertThatThrownBy(() -> collector.collect("", Duration.ofMinutes(59), Mode.DRY_RUN))
                .isInstanceOfSatisfying(
                        ProblemException.class,
                        problem -> assertThat(problem.subject()).contains("olderThan"));
    }

    @Test
    void storingOpeningOrAskingForAnOldArtifactMakesItYoungWithoutHavingItHashedAgain() throws Exception {
        String digest = old("", "wanted again");
        FileTime modified = Files.getLastModifiedTime(file("", digest));
        Instant hourAgo = Instant.now().minus(Duration.ofHours(1));
        List<Runnable> uses = List.of(
                () -> store.put(bytes("wanted again"), ""), () -> store.verified(digest), () -> store.size(digest));
        for (Runnable use : uses) {
            age("", digest);
            assertThat(store.unused(hourAgo)).hasSize(1);
            use.run();
            assertThat(store.unused(hourAgo)).isEmpty();
            assertThat(store.remove(digest, hourAgo)).isFalse();
            assertThat(file("", digest)).exists();
        }
        assertThat(Files.getLastModifiedTime(file("", digest))).isEqualTo(modified);
    }

    @Test
    void whatIsStoredAtTheMomentOfItsRemovalIsThereAfterwards() throws Exception {
        var other = new FileArtifactStore(folder); // as another process has it
        Instant hourAgo = Instant.now().minus(Duration.ofHours(1));
        String digest = old("", "wanted and removed");
        int removed = 0;
        for (int i = 0; i < 400; i++) {
            store.put(bytes("wanted and removed"), "");
            age("", digest);
            var barrier = new CyclicBarrier(3);
            var removing = together(barrier, () -> store.remove(digest, hourAgo));
            var putting = together(barrier, () -> other.put(bytes("wanted and removed"), ""));
            var asking = together(barrier, () -> other.size(digest).isPresent());
            removed += removing.join() ? 1 : 0;
            putting.join();
            asking.join();
            assertThat(store.verified(digest)).hasContent("wanted and removed");
        }
        System.out.println("removed under a writer's hands: " + removed + " of 400");
    }

    @Test
    void whatARemoverThatDiedHasMovedAsideIsFoundAgain() throws Exception {
        String digest = old("", "moved aside");
        Path aside = folder.resolve("unfinished").resolve("collecting-" + digest.substring(7));
        Files.move(file("", digest), aside);
        assertThat(store.verified(digest)).hasContent("moved aside");
        assertThat(aside).doesNotExist();

        age("", digest);
        Files.move(file("", digest), aside);
        Path half = Files.write(folder.resolve("unfinished").resolve("half"), bytes("half"));
        setTimes(half, LONG_AGO);
        Path fresh = Files.write(folder.resolve("unfinished").resolve("fresh"), bytes("fresh"));
        assertThat(store.removeUnfinished(Instant.now().minus(WEEK))).isEqualTo(2);
        assertThat(half).doesNotExist();
        assertThat(fresh).exists();
        assertThat(store.size(digest)).isEmpty();
    }

    private static <T> CompletableFuture<T> together(CyclicBarrier barrier, Supplier<T> work) {
        return CompletableFuture.supplyAsync(
                () -> {
                    try {
                        barrier.await();
                    } catch (Exception broken) {
                        throw new IllegalStateException(broken);
                    }
                    return work.get();
                },
                task -> Thread.ofPlatform().start(task));
    }

    private String old(String tenant, String text) throws IOException {
        String digest = store.of(tenant).put(bytes(text), "").getDigest();
        age(tenant, digest);
        return digest;
    }

    private void age(String tenant, String digest) throws IOException {
        setTimes(file(tenant, digest), LONG_AGO);
    }

    private static void setTimes(Path file, Instant time) throws IOException {
        FileTime past = FileTime.from(time);
        Files.getFileAttributeView(file, BasicFileAttributeView.class).setTimes(past, past, null);
    }

    private Path file(String tenant, String digest) {
        Path root = tenant.isEmpty() ? folder : folder.resolve("tenants").resolve(tenant);
        return root.resolve("sha256").resolve(digest.substring(7, 9)).resolve(digest.substring(9));
    }

    private static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }
}
