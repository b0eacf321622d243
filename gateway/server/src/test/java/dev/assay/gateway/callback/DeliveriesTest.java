package dev.assay.gateway.callback;

import static org.assertj.core.api.Assertions.assertThat;

import dev.assay.artifact.v1.Artifact;
import dev.assay.callback.v1.DeliverRequest;
import dev.assay.callback.v1.DeliverResult;
import dev.assay.callback.v1.DeliveryAttempt;
import dev.assay.contract.JobId;
import dev.assay.gateway.callback.Receiver.Reply;
import dev.assay.job.v1.Job;
import dev.assay.job.v1.Job.State;
import dev.assay.job.v1.JobEvent;
import dev.assay.job.v1.Priority;
import dev.assay.job.v1.Succeeded;
import dev.assay.loading.v1.ImportRequest;
import dev.assay.loading.v1.ImportResult;
import dev.assay.local.EmbeddedBroker;
import dev.assay.worker.FeatureCache;
import dev.assay.worker.FileArtifactStore;
import dev.assay.worker.JobConsumer;
import dev.assay.worker.JobHandler;
import dev.assay.worker.JobLife;
import dev.assay.worker.JobStates;
import dev.assay.worker.KafkaConnection;
import dev.assay.worker.Mesh;
import dev.assay.worker.Terms;
import dev.assay.worker.WorkerConfiguration;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.opentelemetry.api.OpenTelemetry;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Supplier;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/// Ends of real jobs, told over real HTTP by way of a real broker.
@Timeout(120)
class DeliveriesTest {

    private static final Duration PATIENCE = Duration.ofSeconds(60);
    private static final DeliverySchedule QUICK =
            new DeliverySchedule(4, Duration.ofMillis(2), Duration.ofMillis(20), Duration.ofSeconds(5));

    /// Succeeds, or fails when the source is `bad`.
    static final class Import implements JobHandler<ImportRequest, ImportResult> {
        @Override
        public ImportResult run(dev.assay.worker.Job<ImportRequest> job) {
            if (job.request().getSource().equals("bad")) {
                throw new dev.assay.computation.ProblemException("empty-data-set", "source", "no images", "give some");
            }
            return ImportResult.newBuilder().setProvenance(job.provenance()).build();
        }
    }

    @TempDir
    static Path folder;

    private static EmbeddedBroker broker;
    private static Mesh mesh;
    private static JobConsumer worker;

    @BeforeAll
    static void start() {
        broker = EmbeddedBroker.temporary();
        mesh = Mesh.connect(
                KafkaConnection.to(broker.bootstrapServers()),
                "test",
                JobStates.Detail.WHOLE,
                OpenTelemetry.noop(),
                PATIENCE);
        worker = JobConsumer.start(
                mesh,
                WorkerConfiguration.named("importer").withGrace(Duration.ZERO),
                List.of(new Import()),
                new FileArtifactStore(folder),
                FeatureCache.NONE,
                new SimpleMeterRegistry());
    }

    @AfterAll
    static void stop() {
        worker.close();
        mesh.close();
        broker.close();
    }

    @Test
    void theEndOfAJobIsToldOnceWithASignatureThatTheReceiverCanCheck() throws Exception {
        try (var receiver = Receiver.answering(204);
                var gateway = delivering("teller", QUICK)) {
            Job job = submit("good", receiver.url());

            Job delivery = awaitFinal(deliveryOf(job.getId()).getId());

            assertThat(delivery.getState()).isEqualTo(State.SUCCEEDED);
            assertThat(delivery.getTenant()).isEqualTo("acme");
            assertThat(delivery.getParentId()).isEmpty();
            assertThat(delivery.getCallback()).isEmpty();
            assertThat(log(delivery)).extracting(DeliveryAttempt::getStatus).containsExactly(204);
            var call = receiver.calls.getFirst();
            assertThat(call.method()).isEqualTo("POST");
            assertThat(call.path()).isEqualTo("/hook");
            assertThat(call.headers())
                    .containsEntry("Content-Type", "application/cloudevents+json")
                    .containsEntry("webhook-id", delivery.getId())
                    .containsEntry("Host", "127.0.0.1:" + receiver.port());
            assertThat(isSigned(call)).isTrue();
            var event = call.json();
            assertThat(event.get("type").getAsString()).isEqualTo("dev.assay.job.succeeded.v1");
            assertThat(event.get("subject").getAsString()).isEqualTo(job.getId());
            assertThat(event.get("id").getAsString()).isEqualTo(job.getId() + "-1-succeeded");
            assertThat(event.get("source").getAsString()).isEqualTo("/test");
            assertThat(event.getAsJsonObject("data")
                            .getAsJsonObject("succeeded")
                            .getAsJsonObject("result")
                            .get("@type")
                            .getAsString())
                    .endsWith("ImportResult");
            assertThat(receiver.calls).hasSize(1);
        }
    }

    @Test
    void everyWayToEndIsTold() throws Exception {
        try (var receiver = Receiver.answering(200);
                var gateway = delivering("teller", QUICK)) {
            Job failed = submit("bad", receiver.url());
            awaitFinal(deliveryOf(failed.getId()).getId());
            assertThat(receiver.calls.getFirst().json().toString())
                    .contains("dev.assay.job.failed.v1", "urn:assay:problem:empty-data-set");

            // a pipeline that nobody drives here: it waits until it is cancelled
            Job waiting = mesh.submitter().submit(pipeline(), new Terms("acme", Priority.INTERACTIVE, receiver.url()));
            mesh.control().cancel(waiting.getId(), "not needed");
            awaitFinal(deliveryOf(waiting.getId()).getId());
            assertThat(receiver.calls.getLast().json().toString()).contains("dev.assay.job.cancelled.v1", "not needed");

            // each end is one delivery: the second end of the same job is told, too
            mesh.control().retry(failed.getId(), "again");
            await("two ends", () -> receiver.calls.size() == 3);
            assertThat(receiver.calls.getLast().json().get("subject").getAsString())
                    .isEqualTo(failed.getId());
        }
    }

    @Test
    void aReceiverThatFailsIsCalledAgainWithTheSameIdAndBodyAndRedirectsAreNotFollowed() throws Exception {
        List<Reply> replies = List.of(
                Reply.of(500),
                new Reply(503, Map.of("Retry-After", "0")),
                new Reply(302, Map.of("Location", "/elsewhere")),
                Reply.of(200));
        try (var receiver = new Receiver(0, call -> replies.get(call - 1));
                var gateway = delivering("teller", QUICK)) {
            Job job = submit("good", receiver.url());
            Job delivery = awaitFinal(deliveryOf(job.getId()).getId());

            assertThat(log(delivery)).extracting(DeliveryAttempt::getStatus).containsExactly(500, 503, 302, 200);
            assertThat(receiver.calls).extracting(Receiver.Call::path).containsOnly("/hook");
            assertThat(receiver.calls)
                    .extracting(call -> call.headers().get("webhook-id"))
                    .containsOnly(delivery.getId());
            assertThat(receiver.calls)
                    .extracting(call -> new String(call.body(), StandardCharsets.UTF_8))
                    .hasSize(4)
                    .containsOnly(new String(receiver.calls.getFirst().body(), StandardCharsets.UTF_8));
            assertThat(receiver.calls).allMatch(DeliveriesTest::isSigned);
        }
    }

    @Test
    void aReceiverThatIsAwayIsGivenUpWithTheLogAndGetsTheNewsWhenTheDeliveryIsPutBack() throws Exception {
        int port;
        try (var closedSoon = Receiver.answering(200)) {
            port = closedSoon.port();
        }
        try (var gateway = delivering("teller", QUICK)) {
            Job job = submit("good", "http://127.0.0.1:" + port + "/hook");
            Job delivery = awaitFinal(deliveryOf(job.getId()).getId());

            assertThat(delivery.getState()).isEqualTo(State.FAILED);
            assertThat(delivery.getProblem().getType()).endsWith(":callback-not-delivered");
            assertThat(delivery.getProblem().getDetail()).contains("in 4 calls", "refused");
            assertThat(delivery.getArtifactsMap()).containsKey("deliveries.json");
            assertThat(mesh.states().find(job.getId()).orElseThrow().getState()).isEqualTo(State.SUCCEEDED);

            try (var receiver = new Receiver(port, call -> Reply.of(200))) {
                mesh.control().retry(delivery.getId(), "the receiver is back");
                await("the news", () -> !receiver.calls.isEmpty());
                Job told = awaitFinal(delivery.getId());
                assertThat(told.getState()).isEqualTo(State.SUCCEEDED);
                assertThat(log(told)).extracting(DeliveryAttempt::getStatus).containsExactly(0, 0, 0, 0, 200);
            }
        }
    }

    @Test
    void aReceiverThatWantsNothingMoreOrMayNotBeCalledIsNotCalledAgain() throws Exception {
        try (var receiver = Receiver.answering(410);
                var gateway = delivering("teller", QUICK)) {
            Job gone = awaitFinal(
                    deliveryOf(submit("good", receiver.url()).getId()).getId());
            assertThat(gone.getProblem().getDetail()).contains("in 1 calls", "410");
            assertThat(receiver.calls).hasSize(1);

            String elsewhere = receiver.url().replace("127.0.0.1", "localhost");
            Job refused =
                    awaitFinal(deliveryOf(submit("good", elsewhere).getId()).getId());
            assertThat(refused.getState()).isEqualTo(State.FAILED);
            assertThat(refused.getProblem().getDetail()).contains("host-not-allowed");
            assertThat(receiver.calls).hasSize(1);
        }
    }

    @Test
    void aDeliveryThatWaitsCanBeCancelled() throws Exception {
        var slow = new DeliverySchedule(4, Duration.ofHours(1), Duration.ofHours(1), Duration.ofSeconds(5));
        try (var receiver = Receiver.answering(500);
                var gateway = delivering("slow", slow)) {
            Job delivery = deliveryOf(submit("good", receiver.url()).getId());
            await("the first call", () -> receiver.calls.size() == 1);
            mesh.control().cancel(delivery.getId(), "let it be");
            assertThat(awaitFinal(delivery.getId()).getState()).isEqualTo(State.CANCELLED);
        }
    }

    @Test
    void anEndThatDoesNotCountIsNotTold() throws Exception {
        try (var receiver = Receiver.answering(200);
                var gateway = delivering("teller", QUICK)) {
            Job job = mesh.submitter().submit(source("good"));
            awaitFinal(job.getId());
            JobEvent ghost = JobEvent.newBuilder()
                    .setJobId(job.getId())
                    .setAttempt(0)
                    .setSucceeded(Succeeded.getDefaultInstance())
                    .build();
            Job delivery = mesh.submitter()
                    .submit(DeliverRequest.newBuilder()
                            .setUrl(receiver.url())
                            .setEvent(ghost)
                            .build());
            assertThat(awaitFinal(delivery.getId()).getState()).isEqualTo(State.CANCELLED);
            assertThat(receiver.calls).isEmpty();
        }
    }

    @Test
    void aDeliveryWhoseGatewayIsKilledGoesOnCountingInAnother() throws Exception {
        try (var receiver = Receiver.answering(500, 500, 200)) {
            Process victim = DeliveryProcess.start(broker.bootstrapServers(), "victim", folder, Duration.ofMillis(400));
            Job delivery = deliveryOf(submit("good", receiver.url()).getId());
            try {
                await(
                        "a kept call",
                        () -> mesh.states()
                                .find(delivery.getId())
                                .filter(Job::hasCheckpoint)
                                .isPresent());
            } finally {
                victim.destroyForcibly().waitFor();
            }
            try (var heir = delivering("heir", QUICK)) {
                Job told = awaitFinal(delivery.getId());
                assertThat(told.getState()).isEqualTo(State.SUCCEEDED);
                assertThat(told.getAttempt()).isEqualTo(2);
                assertThat(told.getWorker()).isEqualTo("heir");
                // a call that was made and not kept is made again: the receiver tells by the id
                assertThat(log(told).size()).isBetween(2, 3);
                assertThat(log(told).getFirst().getStatus()).isEqualTo(500);
                assertThat(log(told).getLast().getStatus()).isEqualTo(200);
                assertThat(receiver.calls).hasSize(3);
            }
        }
    }

    @Test
    void aLargeResultIsLeftOutAndTheReceiverIsTold() {
        var artifacts = Succeeded.newBuilder();
        for (int i = 0; i < 4_000; i++) {
            artifacts.putArtifacts(
                    "file-" + i,
                    Artifact.newBuilder().setDigest("sha256:" + "0".repeat(64)).build());
        }
        artifacts.setResult(com.google.protobuf.Any.pack(ImportResult.getDefaultInstance()));
        JobEvent event = JobEvent.newBuilder()
                .setJobId(JobId.next())
                .setAttempt(1)
                .setSucceeded(artifacts)
                .build();
        Webhook webhook =
                Webhook.of("d", DeliverRequest.newBuilder().setEvent(event).build());
        String body = new String(webhook.body(), StandardCharsets.UTF_8);
        assertThat(body).contains("\"assayresult\":\"left-out\"").doesNotContain("ImportResult");
        Webhook small = Webhook.of(
                "d",
                DeliverRequest.newBuilder()
                        .setEvent(event.toBuilder().setSucceeded(artifacts.clearArtifacts()))
                        .build());
        assertThat(new String(small.body(), StandardCharsets.UTF_8))
                .contains("ImportResult")
                .doesNotContain("left-out");
    }

    private static DeliveryProcess delivering(String name, DeliverySchedule schedule) {
        return new DeliveryProcess(broker.bootstrapServers(), name, folder, schedule);
    }

    private static ImportRequest source(String source) {
        return ImportRequest.newBuilder().setSource(source).build();
    }

    private static dev.assay.pipeline.v1.RunRequest pipeline() {
        return dev.assay.pipeline.v1.RunRequest.newBuilder()
                .addSteps(dev.assay.pipeline.v1.Step.newBuilder()
                        .setName("a")
                        .setCapability("loading")
                        .setOperation("import"))
                .build();
    }

    private static Job submit(String source, String callback) {
        return mesh.submitter().submit(source(source), new Terms("acme", Priority.INTERACTIVE, callback));
    }

    private static Job deliveryOf(String jobId) throws IOException {
        Supplier<Optional<Job>> found =
                () -> mesh.states().list(new JobStates.Filter("callback", List.of()), "", 500).jobs().stream()
                        .filter(job -> job.getIdempotencyKey().startsWith(jobId))
                        .findFirst();
        await("the delivery of " + jobId, () -> found.get().isPresent());
        return found.get().orElseThrow();
    }

    private static Job awaitFinal(String id) {
        await(
                "the end of " + id,
                () -> mesh.states()
                        .find(id)
                        .filter(job -> JobLife.isFinal(job.getState()))
                        .isPresent());
        return mesh.states().find(id).orElseThrow();
    }

    private static List<DeliveryAttempt> log(Job delivery) throws IOException {
        assertThat(delivery.getState()).as(delivery.toString()).isEqualTo(State.SUCCEEDED);
        return delivery.getResult().unpack(DeliverResult.class).getAttemptsList();
    }

    /// As a receiver checks it, by the text of the scheme alone.
    private static boolean isSigned(Receiver.Call call) {
        try {
            String time = call.headers().get("webhook-timestamp");
            Mac mac = Mac.getInstance("HmacSHA256");
            mac.init(new SecretKeySpec(Base64.getDecoder().decode(DeliveryProcess.SECRET.substring(6)), "HmacSHA256"));
            mac.update((call.headers().get("webhook-id") + "." + time + ".").getBytes(StandardCharsets.UTF_8));
            String expected = "v1," + Base64.getEncoder().encodeToString(mac.doFinal(call.body()));
            long age = Instant.now().getEpochSecond() - Long.parseLong(time);
            return expected.equals(call.headers().get("webhook-signature")) && Math.abs(age) < 300;
        } catch (java.security.GeneralSecurityException impossible) {
            throw new AssertionError(impossible);
        }
    }

    private static void await(String what, Supplier<Boolean> condition) {
        long deadline = System.nanoTime() + PATIENCE.toNanos();
        while (!condition.get()) {
            if (System.nanoTime() > deadline) {
                throw new AssertionError("waited " + PATIENCE + " for " + what);
            }
            try {
                Thread.sleep(10);
            } catch (InterruptedException stopped) {
                throw new AssertionError(stopped);
            }
        }
    }
}
