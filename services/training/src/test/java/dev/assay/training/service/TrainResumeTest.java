package dev.assay.training.service;

import static org.assertj.core.api.Assertions.assertThat;

import dev.assay.data.LabelledImages;
import dev.assay.job.v1.Job;
import dev.assay.job.v1.Job.State;
import dev.assay.job.v1.JobEvent;
import dev.assay.local.EmbeddedBroker;
import dev.assay.runtime.Npz;
import dev.assay.runtime.Tensor;
import dev.assay.training.Samples;
import dev.assay.training.v1.TrainRequest;
import dev.assay.training.v1.TrainResult;
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

/// A training whose worker is stopped in the middle goes on at another one, over a real broker.
class TrainResumeTest {

    private static final Duration PATIENCE = Duration.ofSeconds(90);

    @TempDir
    Path folder;

    @Test
    @Timeout(240)
    void aTrainingWhoseWorkerStopsGoesOnAtAnotherToTheSameModel() throws Exception {
        try (EmbeddedBroker broker = EmbeddedBroker.temporary();
                Mesh gateway = connect(broker, "gateway");
                JobEventLog events = gateway.openEventLog()) {
            TrainRequest request = TrainRequest.newBuilder()
                    .setData(dataSet())
                    .setArchitecture("mlp")
                    .setBatchSize(8)
                    .setEpochs(2000)
                    .setCheckpointSteps(10)
                    .build();
            String id = gateway.submitter().submit(request).getId();
            try (Mesh mesh = connect(broker, "first");
                    JobConsumer first = worker(mesh, "first")) {
                await(gateway, id, Job::hasCheckpoint); // a periodic one; there is none before a second has passed
            }
            Job waiting = await(gateway, id, job -> job.getState() == State.QUEUED && job.getAttempt() == 1);

            try (Mesh mesh = connect(broker, "second");
                    JobConsumer second = worker(mesh, "second")) {
                Job resumed = await(gateway, id, job -> job.getState() == State.SUCCEEDED);
                String again = gateway.submitter().submit(request).getId();
                Job undisturbed = await(gateway, again, job -> job.getState() == State.SUCCEEDED);

                TrainResult result = resumed.getResult().unpack(TrainResult.class);
                TrainResult expected = undisturbed.getResult().unpack(TrainResult.class);
                assertThat(resumed.getAttempt()).isEqualTo(2);
                assertThat(result.getModel()).isEqualTo(expected.getModel());
                assertThat(result.getEpochsList()).isEqualTo(expected.getEpochsList());
                assertThat(result.getTrainAccuracy()).isEqualTo(expected.getTrainAccuracy());
                assertThat(result.getThreads()).isEqualTo(expected.getThreads());
                assertThat(result.getProvenance().getAttempt()).isEqualTo(2);
            }
            JobEvent start = events.history(id, -1).stream()
                    .map(JobEventLog.Entry::event)
                    .filter(JobEvent::hasStarted)
                    .toList()
                    .getLast();
            assertThat(start.getStarted().getCheckpoint()).isEqualTo(waiting.getCheckpoint());
            assertThat(start.getStarted().getCheckpoint().getPosition()).matches("(epoch )?[0-9]+ of 2000.*");
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
                List.of(new TrainHandler()),
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

    private String dataSet() throws IOException {
        Path file = folder.resolve("images.npz");
        try (LabelledImages images = Samples.exclusiveOr(96);
                Tensor pixels = images.images(IntStream.range(0, 96).toArray());
                Tensor classes = Tensor.ofLongs(
                        IntStream.of(images.labels()).asLongStream().toArray(), 96)) {
            Npz.write(file, Map.of("images", pixels, "labels", classes));
        }
        return new FileArtifactStore(folder.resolve("artifacts"))
                .put(file, "application/octet-stream")
                .getDigest();
    }
}
