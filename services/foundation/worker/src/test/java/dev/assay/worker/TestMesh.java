package dev.assay.worker;

import dev.assay.job.v1.Job;
import dev.assay.local.EmbeddedBroker;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.opentelemetry.api.OpenTelemetry;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.function.Supplier;

/// A real broker, a gateway's connection to it and workers as a test wants them.
final class TestMesh implements AutoCloseable {

    static final Duration PATIENCE = Duration.ofSeconds(60);

    final EmbeddedBroker broker = EmbeddedBroker.temporary();
    final KafkaConnection kafka = KafkaConnection.to(broker.bootstrapServers());
    final Mesh gateway = connect("gateway");
    final JobEventLog events = gateway.openEventLog();

    Mesh connect(String name) {
        return connect(name, OpenTelemetry.noop());
    }

    Mesh connect(String name, OpenTelemetry telemetry) {
        return Mesh.connect(kafka, name, JobStates.Detail.WHOLE, telemetry, PATIENCE);
    }

    JobConsumer worker(Mesh mesh, WorkerConfiguration configuration, Path folder, JobHandler<?, ?>... handlers) {
        return worker(mesh, configuration, folder, new SimpleMeterRegistry(), handlers);
    }

    JobConsumer worker(
            Mesh mesh,
            WorkerConfiguration configuration,
            Path folder,
            MeterRegistry meters,
            JobHandler<?, ?>... handlers) {
        return JobConsumer.start(
                mesh, configuration, List.of(handlers), new FileArtifactStore(folder), FeatureCache.NONE, meters);
    }

    Job awaitFinal(String jobId) {
        try {
            await("job " + jobId + " to be final", () -> isFinal(jobId));
        } catch (AssertionError late) {
            throw new AssertionError(
                    late.getMessage() + "; it is " + gateway.states().find(jobId) + " after "
                            + events.history(jobId, -1),
                    late);
        }
        return gateway.states().find(jobId).orElseThrow();
    }

    private boolean isFinal(String jobId) {
        return gateway.states()
                .find(jobId)
                .map(job -> JobLife.isFinal(job.getState()))
                .orElse(false);
    }

    /// Names of a job's events so far, such as `started`; what lies between is dropped from the log by every
    /// reader.
    List<String> eventNames(String jobId) {
        return events.history(jobId, -1).stream()
                .map(entry -> JobEvents.name(entry.event()))
                .toList();
    }

    List<String> awaitFinalEvents(String jobId) {
        await(
                "the last event of " + jobId,
                () -> events.history(jobId, -1).stream().anyMatch(entry -> JobEvents.isFinal(entry.event())));
        return eventNames(jobId);
    }

    static void await(String what, Supplier<Boolean> condition) {
        long deadline = System.nanoTime() + PATIENCE.toNanos();
        while (!condition.get()) {
            if (System.nanoTime() > deadline) {
                throw new AssertionError("waited " + PATIENCE + " for " + what);
            }
            try {
                Thread.sleep(10);
            } catch (InterruptedException interrupted) {
                throw new AssertionError(interrupted);
            }
        }
    }

    @Override
    public void close() {
        gateway.close();
        broker.close();
    }
}
