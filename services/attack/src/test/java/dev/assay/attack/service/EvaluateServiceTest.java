package dev.assay.attack.service;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.protobuf.InvalidProtocolBufferException;
import dev.assay.attack.Samples;
import dev.assay.attack.v1.EvaluateRequest;
import dev.assay.attack.v1.EvaluateResult;
import dev.assay.attack.v1.RobustAccuracy;
import dev.assay.contract.InvalidRequestException;
import dev.assay.contract.Json;
import dev.assay.data.LabelledImages;
import dev.assay.job.v1.Job;
import dev.assay.job.v1.Job.State;
import dev.assay.local.EmbeddedBroker;
import dev.assay.local.EmbeddedRedis;
import dev.assay.onnx.Graph;
import dev.assay.onnx.OnnxFile;
import dev.assay.runtime.Npy;
import dev.assay.runtime.Npz;
import dev.assay.runtime.ProgramCache;
import dev.assay.runtime.Tensor;
import dev.assay.worker.FileArtifactStore;
import dev.assay.worker.JobConsumer;
import dev.assay.worker.JobStates;
import dev.assay.worker.KafkaConnection;
import dev.assay.worker.Mesh;
import dev.assay.worker.RedisFeatureCache;
import dev.assay.worker.WorkerConfiguration;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.opentelemetry.api.OpenTelemetry;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// The attack service in the mesh: a real broker, a real Redis, real messages.
class EvaluateServiceTest {

    private static final Duration PATIENCE = Duration.ofSeconds(60);
    private static final Set<State> FINAL = Set.of(State.SUCCEEDED, State.FAILED, State.CANCELLED);
    private static final int COUNT = 30;

    @TempDir
    static Path folder;

    private static EmbeddedBroker broker;
    private static EmbeddedRedis redis;
    private static Mesh mesh;
    private static FileArtifactStore artifacts;
    private static RedisFeatureCache cache;
    private static JobConsumer worker;
    private static final ProgramCache PROGRAMS = new ProgramCache(64 << 20);
    private static final SimpleMeterRegistry METERS = new SimpleMeterRegistry();

    private static String model;
    private static String data;

    @BeforeAll
    static void start() throws IOException {
        broker = EmbeddedBroker.temporary();
        redis = EmbeddedRedis.temporary();
        mesh = Mesh.connect(
                KafkaConnection.to(broker.bootstrapServers()),
                "attack-test",
                JobStates.Detail.WHOLE,
                OpenTelemetry.noop(),
                PATIENCE);
        artifacts = new FileArtifactStore(folder.resolve("artifacts"));
        cache = new RedisFeatureCache(redis.uri(), Duration.ofHours(1), 1 << 20, METERS);
        worker = JobConsumer.start(
                mesh,
                WorkerConfiguration.named("attack-test"),
                List.of(new EvaluateHandler(PROGRAMS)),
                artifacts,
                cache,
                METERS);
        Graph graph = Samples.model(7);
        model = artifacts
                .put(OnnxFile.toBytes(graph), "application/octet-stream")
                .getDigest();
        try (LabelledImages images = Samples.imagesFor(graph, 7, COUNT)) {
            data = dataSet(images);
        }
    }

    @AfterAll
    static void stop() {
        worker.close();
        PROGRAMS.close();
        cache.close();
        mesh.close();
        redis.close();
        broker.close();
    }

    @Test
    void aJobIsAnsweredWithIntervalsAndArtifactsThatAgree() throws IOException {
        Job job = finished(request().addThreat("linf:0.05").addThreat("l2:0.4").build());

        EvaluateResult result = result(job);
        assertThat(result.getSamples()).isEqualTo(COUNT);
        assertThat(result.getCleanAccuracy().getSuccesses()).isEqualTo(24);
        assertThat(result.getCleanAccuracy().getLow()).isBetween(0.6, 0.8);
        assertThat(result.getRobustAccuracyList())
                .extracting(RobustAccuracy::getThreat)
                .containsExactly("linf:0.05", "l2:0.4");
        assertThat(result.getImageStepsPerSecond()).isPositive();
        assertThat(result.getProvenance().getDevice()).isEqualTo("cpu");
        assertThat(result.getProvenance().getRuntime()).startsWith("ONNX Runtime 1.");
        assertThat(result.getProvenance().getInputsMap())
                .containsEntry("model", model)
                .containsEntry("data", data);
        assertThat(result.getProvenance().getDeviceSeconds()).isPositive();

        assertThat(job.getArtifactsMap()).containsOnlyKeys("outcomes.npy", "adversarial.npz", "report.html");
        try (Tensor outcomes = Npy.read(artifact(job, "outcomes.npy"))) {
            assertThat(outcomes.shape()).containsExactly(2, COUNT);
            byte[] codes = outcomes.toBytes();
            for (int threat = 0; threat < 2; threat++) {
                int from = threat * COUNT;
                assertThat(IntStream.range(from, from + COUNT)
                                .filter(i -> codes[i] == 0)
                                .count())
                        .isEqualTo(
                                result.getRobustAccuracy(threat).getAccuracy().getSuccesses());
                assertThat(IntStream.range(from, from + COUNT)
                                .filter(i -> codes[i] == 2)
                                .count())
                        .isEqualTo(COUNT - 24);
            }
        }
        try (Npz npz = Npz.open(artifact(job, "adversarial.npz"));
                Tensor adversarial = npz.read("adversarial");
                Tensor clean = npz.read("clean")) {
            assertThat(adversarial.shape()).containsExactly(2, 10, 1, Samples.SIDE, Samples.SIDE);
            assertThat(clean.shape()).containsExactly(10, 1, Samples.SIDE, Samples.SIDE);
        }
        assertThat(Files.readString(artifact(job, "report.html")))
                .contains(Json.print(result).replace("<", "\\u003c"))
                .contains("linf:0.05");
    }

    @Test
    void theSameModelIsShownTheSameImagesOnce() throws IOException {
        EvaluateRequest request =
                request().addThreat("linf:0.01").setSamples(17).build();
        EvaluateResult first = result(finished(request));
        double before = hits();

        EvaluateResult again = result(finished(request));

        assertThat(hits()).isEqualTo(before + 1);
        assertThat(again.getCleanAccuracy()).isEqualTo(first.getCleanAccuracy());
        assertThat(again.getRobustAccuracyList()).isEqualTo(first.getRobustAccuracyList());
    }

    @Test
    void theSecondJobOnAModelCompilesNothing() throws IOException {
        EvaluateRequest.Builder request = request().addThreat("linf:0.02").addThreat("l2:0.3");
        result(finished(request.setSamples(11).build()));
        ProgramCache.Statistics before = PROGRAMS.statistics();

        result(finished(request.setSamples(12).setSeed(5).build()));

        ProgramCache.Statistics after = PROGRAMS.statistics();
        assertThat(after.misses()).isEqualTo(before.misses());
        // the model as it is, its clean answers, and step and judgement for each norm
        assertThat(after.hits()).isEqualTo(before.hits() + 6);
        assertThat(after.evictions()).isZero();
    }

    @Test
    void whatCannotBeMeasuredFailsWithItsCureAndTheServiceGoesOn() throws IOException {
        String noModel = artifacts
                .put("not a model".getBytes(StandardCharsets.UTF_8), "text/plain")
                .getDigest();
        String otherLabels;
        try (LabelledImages images = Samples.images(1, 3, 0, 9, 1)) {
            otherLabels = dataSet(images);
        }

        assertFails(request().setData(otherLabels).addThreat("linf:0.1"), "label-out-of-range", "data");
        assertFails(request().setModel("sha256:" + "0".repeat(64)).addThreat("linf:0.1"), "artifact-not-found", "");
        assertFails(request().setModel(noModel).addThreat("linf:0.1"), "malformed-model", "model");
        assertFails(request().setData(model).addThreat("linf:0.1"), "unsupported-data-set", "data");

        assertThat(finished(request().addThreat("linf:0.01").build()).getState())
                .isEqualTo(State.SUCCEEDED);
    }

    @Test
    void anEpsilonOutOfRangeIsRefusedBeforeItIsQueued() {
        for (String threat : List.of("linf:8", "linf:0", "l2:1001", "linf:1/0")) {
            assertThatThrownBy(() -> mesh.submitter()
                            .submit(request()
                                    .addThreat("l2:0.5")
                                    .addThreat(threat)
                                    .build()))
                    .as(threat)
                    .isInstanceOf(InvalidRequestException.class)
                    .hasMessageContaining("threat[1]");
        }
    }

    private static void assertFails(EvaluateRequest.Builder request, String type, String subject) {
        Job job = finished(request.build());

        assertThat(job.getState()).as(type).isEqualTo(State.FAILED);
        assertThat(job.getProblem().getType()).isEqualTo("urn:assay:problem:" + type);
        assertThat(job.getProblem().getSubject()).contains(subject);
        assertThat(job.getProblem().getRemedy()).isNotEmpty();
        assertThat(job.getProblem().getDetail()).doesNotContain("Exception");
    }

    private static EvaluateRequest.Builder request() {
        return EvaluateRequest.newBuilder().setModel(model).setData(data).setSteps(5);
    }

    private static Job finished(EvaluateRequest request) {
        String id = mesh.submitter().submit(request).getId();
        long deadline = System.nanoTime() + PATIENCE.toNanos();
        while (System.nanoTime() < deadline) {
            Job job = mesh.states().find(id).orElseThrow();
            if (FINAL.contains(job.getState())) {
                return job;
            }
            try {
                Thread.sleep(10);
            } catch (InterruptedException interrupted) {
                throw new AssertionError(interrupted);
            }
        }
        throw new AssertionError("job " + id + " was not finished within " + PATIENCE);
    }

    private static EvaluateResult result(Job job) throws InvalidProtocolBufferException {
        assertThat(job.getState()).as(job.getProblem().toString()).isEqualTo(State.SUCCEEDED);
        return job.getResult().unpack(EvaluateResult.class);
    }

    private static Path artifact(Job job, String name) {
        return artifacts.verified(job.getArtifactsOrThrow(name).getDigest());
    }

    private static String dataSet(LabelledImages images) throws IOException {
        Path file = folder.resolve("images.npz");
        long[] labels = IntStream.of(images.labels()).mapToLong(label -> label).toArray();
        try (Tensor pixels = images.images(IntStream.range(0, images.count()).toArray());
                Tensor classes = Tensor.ofLongs(labels, labels.length)) {
            Npz.write(file, Map.of("images", pixels, "labels", classes));
        }
        return artifacts.put(file, "application/octet-stream").getDigest();
    }

    private static double hits() {
        return METERS.get("assay.cache.requests").tag("result", "hit").counter().count();
    }
}
