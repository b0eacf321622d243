package dev.assay.drill;

import com.google.protobuf.Any;
import com.google.protobuf.util.Timestamps;
import dev.assay.artifact.v1.Artifact;
import dev.assay.contract.JobId;
import dev.assay.contract.Validation;
import dev.assay.job.v1.Job;
import dev.assay.loading.v1.DataSetSummary;
import dev.assay.loading.v1.ImportRequest;
import dev.assay.loading.v1.ImportResult;
import dev.assay.worker.Topics;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerConfig;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.apache.kafka.common.serialization.StringSerializer;

/// A gateway starts in a mesh that remembers many jobs: how long until it knows them all, which is when it says
/// that it is ready. It is started three times; the median counts.
final class RebuildDrill {

    private static final double PROMISED_SECONDS = 10;
    private static final int STARTS = 3;
    private static final String DIGEST = "sha256:" + "5".repeat(64);

    private final Path checkout;
    private final int jobs;

    RebuildDrill(Path checkout, int jobs) {
        this.checkout = checkout;
        this.jobs = jobs;
    }

    Verdict run() throws Exception {
        try (DrillMesh mesh = new DrillMesh(checkout).withGateways(1).start()) {
            Member gateway = mesh.members("gateway").getFirst();
            GatewayClient client = mesh.gateways().getFirst();
            double alone = median(starts(mesh, gateway));
            List<String> ids = write(mesh.bootstrapServers());
            List<Double> starts = starts(mesh, gateway);
            int lost = 0;
            for (int i = 0; i < ids.size(); i += Math.max(1, ids.size() / 100)) {
                lost += client.job(ids.get(i)).getState() == Job.State.SUCCEEDED ? 0 : 1;
            }
            double seconds = median(starts);
            return new Verdict(
                    lost == 0 && seconds < PROMISED_SECONDS,
                    "rebuild of %d jobs: gateway ready after %.1f s (median of %s; promised: %.0f), %.1f s when there are none; %d of 100 asked for are missing; %d MiB"
                            .formatted(
                                    jobs,
                                    seconds,
                                    starts.stream().map("%.1f"::formatted).toList(),
                                    PROMISED_SECONDS,
                                    alone,
                                    lost,
                                    gateway.residentMib()));
        }
    }

    private static List<Double> starts(DrillMesh mesh, Member gateway) throws Exception {
        List<Double> seconds = new ArrayList<>();
        for (int i = 0; i < STARTS; i++) {
            gateway.stop();
            long begin = System.nanoTime();
            gateway.start();
            mesh.awaitReady(gateway.name());
            seconds.add((System.nanoTime() - begin) / 1e9);
        }
        return seconds;
    }

    private static double median(List<Double> values) {
        return values.stream().sorted().skip(values.size() / 2).findFirst().orElseThrow();
    }

    /// Snapshots of finished jobs, as large as those of real ones.
    private List<String> write(String bootstrapServers) throws Exception {
        Map<String, Object> settings =
                Map.of(ProducerConfig.BOOTSTRAP_SERVERS_CONFIG, bootstrapServers, ProducerConfig.LINGER_MS_CONFIG, 20);
        List<String> ids = new ArrayList<>();
        try (var producer = new KafkaProducer<>(settings, new StringSerializer(), new ByteArraySerializer())) {
            for (int i = 0; i < jobs; i++) {
                Job job = job(i);
                ids.add(job.getId());
                producer.send(new ProducerRecord<>(Topics.JOB_STATE, job.getId(), job.toByteArray()));
            }
            producer.flush();
        }
        return ids;
    }

    private static Job job(int number) {
        var request = Validation.accept(ImportRequest.newBuilder()
                .setSource(DIGEST)
                .setMaximumValue(16)
                .setSeed(number)
                .build());
        var data = DataSetSummary.newBuilder().setArtifact(DIGEST).setSamples(1_437);
        var artifact = Artifact.newBuilder()
                .setDigest(DIGEST)
                .setSize(100_000)
                .setMediaType("application/octet-stream")
                .build();
        var now = Timestamps.fromMillis(System.currentTimeMillis());
        return Job.newBuilder()
                .setId(JobId.next())
                .setCapability("loading")
                .setOperation("import")
                .setState(Job.State.SUCCEEDED)
                .setRequest(Any.pack(request))
                .setResult(Any.pack(ImportResult.newBuilder().setData(data).build()))
                .putArtifacts("data.beton", artifact)
                .putArtifacts("report.html", artifact)
                .setAttempt(1)
                .setWorker("loading-1")
                .setCreatedAt(now)
                .setStartedAt(now)
                .setFinishedAt(now)
                .build();
    }
}
