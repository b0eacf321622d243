package dev.assay.worker;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.assay.artifact.v1.ModelRegistration;
import dev.assay.attack.v1.EvaluateRequest;
import dev.assay.attack.v1.EvaluateResult;
import dev.assay.computation.ProblemException;
import dev.assay.contract.Problems;
import dev.assay.job.v1.Job.State;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.Size;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// What a job of one tenant may name, and who finds what it made.
class TenantsTest {

    /// Opens the model that the request names and answers with its size.
    static final class Opening implements JobHandler<EvaluateRequest, EvaluateResult> {

        @Override
        public EvaluateResult run(Job<EvaluateRequest> job) {
            JobInput model = job.model(job.request().getModel());
            job.attach("made.txt", "text/plain", ("made by " + job.id()).getBytes(StandardCharsets.UTF_8));
            job.checkpoint("there", ("checkpoint of " + job.id()).getBytes(StandardCharsets.UTF_8));
            assertThat(job.artifacts().size(model.digest())).hasValue(model.size());
            return EvaluateResult.newBuilder().setSamples((int) model.size()).build();
        }
    }

    private static final byte[] SECRET = "the weights of acme".getBytes(StandardCharsets.UTF_8);

    private static TestMesh mesh;
    private static Mesh process;
    private static JobConsumer worker;
    private static ArtifactStore store;
    private static String secret;

    @TempDir
    static Path folder;

    @BeforeAll
    static void start() {
        mesh = new TestMesh();
        process = mesh.connect("tenants");
        worker = mesh.worker(process, WorkerConfiguration.named("tenants"), folder, new Opening());
        store = new FileArtifactStore(folder);
        secret = store.of("acme").put(SECRET, "").getDigest();
        register("acme", "resnet", secret);
    }

    @AfterAll
    static void stop() {
        worker.close();
        process.close();
        mesh.close();
    }

    @Test
    void anEventCanNameNoArtifactAndNoNameOfAnotherTenant() throws Exception {
        for (String tenant : List.of("globex", "")) {
            assertThat(problem(run(tenant, secret))).as(tenant).isEqualTo("artifact-not-found");
            assertThat(problem(run(tenant, "resnet"))).as(tenant).isEqualTo("model-not-found");
        }
        assertThat(samples(run("acme", secret))).isEqualTo(SECRET.length);
        assertThat(samples(run("acme", "resnet"))).isEqualTo(SECRET.length);
    }

    @Test
    void oneNameMeansToEachTenantWhatItHasRegistered() throws Exception {
        String other = store.of("globex")
                .put("short".getBytes(StandardCharsets.UTF_8), "")
                .getDigest();
        register("globex", "shared-name", other);
        register("acme", "shared-name", secret);

        assertThat(samples(run("globex", "shared-name"))).isEqualTo(5);
        assertThat(samples(run("acme", "shared-name"))).isEqualTo(SECRET.length);
        assertThat(mesh.gateway
                        .registry()
                        .of("globex")
                        .model("shared-name")
                        .orElseThrow()
                        .getVersion())
                .isEqualTo(1);
        assertThat(mesh.gateway.registry().of("").models()).isEmpty();
    }

    @Test
    void whatAJobMakesBelongsToItsTenantAlone() throws Exception {
        var done = run("acme", secret);

        for (String made : List.of(
                done.getArtifactsOrThrow("made.txt").getDigest(),
                Digests.of(("checkpoint of " + done.getId()).getBytes(StandardCharsets.UTF_8)))) {
            assertThat(store.of("acme").size(made)).isPresent();
            assertThat(store.of("globex").size(made)).isEmpty();
            assertThat(store.size(made)).isEmpty();
        }
    }

    @Test
    void aRequestThatCannotBeAcceptedFailsAsAJobOfItsTenant() throws Exception {
        send("broken", "acme", "{\"evaluate\": {\"model\": \"m\", \"data\": \"d\", \"steps\": 0}}");

        assertThat(mesh.awaitFinal(JobIds.ofKey("attack", "acme", "broken")).getTenant())
                .isEqualTo("acme");
    }

    @Test
    void theSameBytesBelongToWhoeverBroughtThem(@TempDir Path own) {
        ArtifactStore all = new FileArtifactStore(own);
        String digest = all.of("acme").put(SECRET, "").getDigest();
        assertThat(all.of("globex").size(digest)).isEmpty();
        assertThatThrownBy(() -> all.of("globex").verified(digest))
                .isInstanceOfSatisfying(
                        ProblemException.class,
                        problem -> assertThat(problem.type()).isEqualTo("artifact-not-found"));

        assertThat(all.of("globex").put(SECRET, "").getDigest()).isEqualTo(digest);
        assertThat(all.of("globex").verified(digest))
                .isNotEqualTo(all.of("acme").verified(digest));
        assertThat(all.size(digest)).isEmpty();
        assertThat(all.of("acme").of("").size(digest)).isEmpty();
    }

    @Test
    void aTenantCannotBeCalledAsAPath(@TempDir Path own) {
        ArtifactStore all = new FileArtifactStore(own);
        for (String name : List.of("..", "a/b", "/etc", "Acme", "-a", "a".repeat(64), "a\u0000", " ")) {
            assertThatThrownBy(() -> all.of(name)).as(name).isInstanceOf(ProblemException.class);
        }
        assertThat(own.resolve("tenants")).doesNotExist();
    }

    @Property(tries = 100)
    void thePagesOfATenantHoldItsJobsAndNoOthers(
            @ForAll @Size(max = 40) List<@IntRange(min = 0, max = 2) Integer> owners,
            @ForAll @IntRange(min = 1, max = 7) int limit) {
        List<String> names = List.of("", "acme", "globex");
        JobStates states = new JobStates(JobStates.Detail.WHOLE);
        for (int i = 0; i < owners.size(); i++) {
            states.accept(dev.assay.job.v1.Job.newBuilder()
                    .setId("job-" + i)
                    .setTenant(names.get(owners.get(i)))
                    .setState(State.QUEUED)
                    .setCreatedAt(JobLife.timestamp(Instant.ofEpochSecond(i)))
                    .build());
        }
        for (int owner = 0; owner < names.size(); owner++) {
            List<String> expected = new ArrayList<>();
            for (int i = 0; i < owners.size(); i++) {
                if (owners.get(i) == owner) {
                    expected.add("job-" + i);
                }
            }
            Collections.reverse(expected);
            var filter = new JobStates.Filter("", List.of(), List.of(names.get(owner)));
            List<String> found = new ArrayList<>();
            String cursor = "";
            do {
                var page = states.list(filter, cursor, limit);
                assertThat(page.jobs()).hasSizeLessThanOrEqualTo(limit);
                page.jobs().forEach(job -> found.add(job.getId()));
                cursor = page.next();
            } while (!cursor.isEmpty());
            assertThat(found).isEqualTo(expected);
        }
    }

    private static void register(String tenant, String name, String digest) {
        var registration = ModelRegistration.newBuilder().setArtifact(digest).build();
        mesh.gateway.registry().of(tenant).register(name, registration, List.of(), List.of());
    }

    /// A job asked for by an event, when it is over.
    private static dev.assay.job.v1.Job run(String tenant, String model) throws Exception {
        String id = tenant + " " + model + " " + System.nanoTime();
        send(
                id,
                tenant,
                "{\"evaluate\": {\"model\": \"" + model + "\", \"data\": \"d\", \"threat\": [\"linf:8/255\"]}}");
        var job = mesh.awaitFinal(JobIds.ofKey("attack", tenant, id));
        assertThat(job.getTenant()).isEqualTo(tenant);
        return job;
    }

    private static void send(String id, String tenant, String data) throws Exception {
        var record = new ProducerRecord<String, byte[]>(
                WorkQueue.of("attack").topic(), id, data.getBytes(StandardCharsets.UTF_8));
        header(record, "ce_specversion", "1.0");
        header(record, "ce_id", id);
        header(record, "ce_source", "/test");
        header(record, "ce_type", "dev.assay.attack.requested.v1");
        header(record, "content-type", "application/json");
        if (!tenant.isEmpty()) {
            header(record, "ce_assaytenant", tenant);
        }
        try (var producer = mesh.kafka.producer()) {
            producer.send(record).get();
        }
    }

    private static void header(ProducerRecord<?, ?> record, String name, String value) {
        record.headers().add(name, value.getBytes(StandardCharsets.UTF_8));
    }

    private static String problem(dev.assay.job.v1.Job job) {
        assertThat(job.getState()).isEqualTo(State.FAILED);
        return job.getProblem().getType().replace(Problems.PREFIX, "");
    }

    private static int samples(dev.assay.job.v1.Job job) throws Exception {
        assertThat(job.getState()).as(job.toString()).isEqualTo(State.SUCCEEDED);
        return job.getResult().unpack(EvaluateResult.class).getSamples();
    }
}
