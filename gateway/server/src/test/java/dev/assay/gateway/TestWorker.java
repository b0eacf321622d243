package dev.assay.gateway;

import dev.assay.computation.ProblemException;
import dev.assay.loading.v1.DataSetSummary;
import dev.assay.loading.v1.ImportRequest;
import dev.assay.loading.v1.ImportResult;
import dev.assay.worker.ArtifactStore;
import dev.assay.worker.FeatureCache;
import dev.assay.worker.FileArtifactStore;
import dev.assay.worker.Job;
import dev.assay.worker.JobConsumer;
import dev.assay.worker.JobHandler;
import dev.assay.worker.JobStates;
import dev.assay.worker.KafkaConnection;
import dev.assay.worker.Mesh;
import dev.assay.worker.WorkerConfiguration;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.opentelemetry.api.OpenTelemetry;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;

/// A real worker with a small task: "imports" an artifact by counting its bytes. The first class name tells it
/// what else
/// to do.
final class TestWorker implements AutoCloseable {

    static final class Import implements JobHandler<ImportRequest, ImportResult> {

        @Override
        public ImportResult run(Job<ImportRequest> job) throws Exception {
            String mode =
                    job.request().getClassNamesCount() == 0 ? "" : job.request().getClassNames(0);
            switch (mode) {
                case "fail" ->
                    throw new ProblemException(
                            "empty-data-set", "source", "the archive holds no images", "give one with images");
                case "break" -> throw new IllegalStateException("a secret of the implementation");
                case "wait" -> {
                    while (true) {
                        job.progress().report("waiting", 1, 0, Map.of());
                        Thread.sleep(20);
                    }
                }
                default -> job.progress().report("counting", 1, 2, Map.of("bytes", 5.0));
            }
            int size = (int) Files.size(job.artifact(job.request().getSource()).path());
            job.attach("report.html", "text/html", "<!doctype html><title>r</title>".getBytes(StandardCharsets.UTF_8));
            job.attach("counts.npy", "application/x-npy", new byte[] {1, 2, 3, 4});
            return ImportResult.newBuilder()
                    .setData(DataSetSummary.newBuilder().setSamples(size))
                    .build();
        }
    }

    private final Mesh mesh;
    private final JobConsumer consumer;

    TestWorker(String bootstrapServers, Path artifacts) {
        this(bootstrapServers, artifacts, new SimpleMeterRegistry());
    }

    /// @param meters what it counts goes here
    TestWorker(String bootstrapServers, Path artifacts, MeterRegistry meters) {
        mesh = Mesh.connect(
                KafkaConnection.to(bootstrapServers),
                "test-worker",
                JobStates.Detail.OUTLINE,
                OpenTelemetry.noop(),
                Duration.ofSeconds(20));
        ArtifactStore store = new FileArtifactStore(artifacts);
        consumer = JobConsumer.start(
                mesh,
                WorkerConfiguration.named("test-worker").withGrace(Duration.ZERO),
                List.of(new Import()),
                store,
                FeatureCache.NONE,
                meters);
    }

    @Override
    public void close() {
        consumer.close();
        mesh.close();
    }
}
