package dev.assay.attack.service;

import static org.assertj.core.api.Assertions.assertThat;

import dev.assay.attack.Samples;
import dev.assay.attack.v1.EvaluateRequest;
import dev.assay.attack.v1.EvaluateResult;
import dev.assay.data.LabelledImages;
import dev.assay.job.v1.Job;
import dev.assay.job.v1.Job.State;
import dev.assay.job.v1.JobEvent;
import dev.assay.local.EmbeddedBroker;
import dev.assay.onnx.Graph;
import dev.assay.onnx.OnnxFile;
import dev.assay.runtime.Npz;
import dev.assay.runtime.Programs;
import dev.assay.runtime.Tensor;
import dev.assay.worker.FeatureCache;
import dev.assay.worker.FileArtifactStore;
import dev.assay.worker.JobConsumer;
import dev.assay.worker.JobEventLog;
import dev.assay.worker.JobStates;
import dev.assay.worker.KafkaConnection;
import dev.assay.worker.Mesh;
import dev.assay.worker.WorkerConfiguration;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.opentelemetry.api.OpenTelemetry;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.function.Predicate;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/// An evaluation whose worker is stopped in the middle goes on at another one, over a real broker.
class EvaluateResumeTest {

    private static final int COUNT = 30;
    private static final Duration PATIENCE = Duration.ofSeconds(90);

    @TempDir
    Path folder;

    @Test
    @Timeout(240)
    void anEvaluationWhoseWorkerStopsGoesOnAtAnotherToTheSameOutcomes() throws Exception {
        try (EmbeddedBroker broker = EmbeddedBroker.temporary();
                Mesh gateway = connect(broker, "gateway");
                JobEventLog events = gateway.openEventLog()) {
            EvaluateRequest request = request();
            String id = gateway.submitter().submit(request).getId();
            try (Mesh mesh = connect(broker, "first");
                    JobConsumer first = worker(mesh, "first")) {
                await(gateway, id, Job::hasCheckpoint); // there is none before a threat has ended
            }
            Job waiting = await(gateway, id, job -> job.getState() == State.QUEUED && job.getAttempt() == 1);

            try (Mesh mesh = connect(broker, "second");
                    JobConsumer second = worker(mesh, "second")) {
                Job resumed = await(gateway, id, job -> job.getState() == State.SUCCEEDED);
                String again = gateway.submitter().submit(request).getId();
                Job undisturbed = await(gateway, again, job -> job.getState() == State.SUCCEEDED);

                EvaluateResult result = resumed.getResult().unpack(EvaluateResult.class);
                EvaluateResult expected = undisturbed.getResult().unpack(EvaluateResult.class);
                assertThat(resumed.getAttempt()).isEqualTo(2);
                assertThat(result.getRobustAccuracyList()).isEqualTo(expected.getRobustAccuracyList());
                assertThat(result.getCleanAccuracy()).isEqualTo(expected.getCleanAccuracy());
                for (String file : List.of("outcomes.npy", "adversarial.npz")) {
                    assertThat(resumed.getArtifactsOrThrow(file)).isEqualTo(undisturbed.getArtifactsOrThrow(file));
                }
                assertThat(result.getProvenance().getAttempt()).isEqualTo(2);
            }
            JobEvent start = events.history(id, -1).stream()
                    .map(JobEventLog.Entry::event)
                    .filter(JobEvent::hasStarted)
                    .toList()
                    .getLast();
            assertThat(start.getStarted().getCheckpoint()).isEqualTo(waiting.getCheckpoint());
            assertThat(start.getStarted().getCheckpoint().getPosition()).matches("[1-7] of 8 threats.*");
            assertThat(start.getStarted().getResumedBecause()).isEqualTo("attempt 1 was handed back by first");
        }
    }

    private static Mesh connect(EmbeddedBroker broker, String name) {
        return Mesh.connect(
                KafkaConnection.to(broker.bootstrapServers()),
                name,
                JobStates.Detail.WHOLE,
                OpenTelemetry.noop(),
                PATIENCE);
    }

    private JobConsumer worker(Mesh mesh, String name) {
        return JobConsumer.start(
                mesh,
                WorkerConfiguration.named(name).withGrace(Duration.ZERO),
                List.of(new EvaluateHandler(Programs.compiledAnew())),
                new FileArtifactStore(folder.resolve("artifacts")),
                FeatureCache.NONE,
                new SimpleMeterRegistry());
    }

    private static Job await(Mesh gateway, String id, Predicate<Job> condition) throws InterruptedException {
        long deadline = System.nanoTime() + PATIENCE.toNanos();
        while (System.nanoTime() < deadline) {
            Job job = gateway.states().find(id).orElseThrow();
            if (condition.test(job)) {
                return job;
            }
            Thread.sleep(10);
        }
        throw new AssertionError(
                "waited " + PATIENCE + " for " + gateway.states().find(id));
    }

    /// Eight threats under which nearly all images stand, so that each costs all its steps.
    private EvaluateRequest request() throws IOException {
        FileArtifactStore artifacts = new FileArtifactStore(folder.resolve("artifacts"));
        Graph model = Samples.model(7);
        Path file = folder.resolve("images.npz");
        try (LabelledImages images = Samples.imagesFor(model, 7, COUNT);
                Tensor pixels = images.images(IntStream.range(0, COUNT).toArray());
                Tensor classes = Tensor.ofLongs(
                        IntStream.of(images.labels()).asLongStream().toArray(), COUNT)) {
            Npz.write(file, Map.of("images", pixels, "labels", classes));
        }
        EvaluateRequest.Builder request = EvaluateRequest.newBuilder()
                .setModel(artifacts
                        .put(OnnxFile.toBytes(model), "application/octet-stream")
                        .getDigest())
                .setData(artifacts.put(file, "application/octet-stream").getDigest())
                .setSteps(400)
                .setRestarts(40);
        for (int i = 1; i <= 4; i++) {
            request.addThreat("linf:0.00" + i).addThreat("l2:0.00" + i);
        }
        return request.build();
    }
}
