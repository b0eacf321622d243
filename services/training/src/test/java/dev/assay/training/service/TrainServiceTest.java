package dev.assay.training.service;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.protobuf.InvalidProtocolBufferException;
import dev.assay.contract.InvalidRequestException;
import dev.assay.contract.Json;
import dev.assay.data.LabelledImages;
import dev.assay.job.v1.Job;
import dev.assay.job.v1.Job.State;
import dev.assay.local.EmbeddedBroker;
import dev.assay.onnx.Graph;
import dev.assay.onnx.OnnxFile;
import dev.assay.runtime.Npz;
import dev.assay.runtime.Tensor;
import dev.assay.training.Samples;
import dev.assay.training.v1.Epoch;
import dev.assay.training.v1.TrainRequest;
import dev.assay.training.v1.TrainResult;
import dev.assay.worker.FeatureCache;
import dev.assay.worker.FileArtifactStore;
import dev.assay.worker.JobConsumer;
import dev.assay.worker.JobStates;
import dev.assay.worker.KafkaConnection;
import dev.assay.worker.Mesh;
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
import java.util.function.Predicate;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// The training service in the mesh: a real broker and real messages.
class TrainServiceTest {

    private static final Duration PATIENCE = Duration.ofSeconds(60);
    private static final Set<State> FINAL = Set.of(State.SUCCEEDED, State.FAILED, State.CANCELLED);

    @TempDir
    static Path folder;

    private static EmbeddedBroker broker;
    private static Mesh mesh;
    private static FileArtifactStore artifacts;
    private static JobConsumer worker;
    private static String trainData;
    private static String testData;

    @BeforeAll
    static void start() throws IOException {
        broker = EmbeddedBroker.temporary();
        mesh = Mesh.connect(
                KafkaConnection.to(broker.bootstrapServers()),
                "training-test",
                JobStates.Detail.WHOLE,
                OpenTelemetry.noop(),
                PATIENCE);
        artifacts = new FileArtifactStore(folder.resolve("artifacts"));
        worker = JobConsumer.start(
                mesh,
                WorkerConfiguration.named("training-test"),
                List.of(new TrainHandler()),
                artifacts,
                FeatureCache.NONE,
                new SimpleMeterRegistry());
        try (LabelledImages train = Samples.exclusiveOr(96);
                LabelledImages test = Samples.exclusiveOr(40)) {
            trainData = dataSet(train);
            testData = dataSet(test);
        }
    }

    @AfterAll
    static void stop() {
        worker.close();
        mesh.close();
        broker.close();
    }

    @Test
    void aJobGivesAModelAReportAndAResultThatAgree() throws IOException {
        Job job = finished(
                request().setTestData(testData).setEpochs(60).setSeed(3).build());

        TrainResult result = result(job);
        assertThat(result.getTestAccuracy().getTrials()).isEqualTo(40);
        assertThat(result.getTestAccuracy().getEstimate()).isEqualTo(1.0);
        assertThat(result.getTestAccuracy().getLow()).isBetween(0.85, 0.99);
        assertThat(result.getTrainAccuracy().getTrials()).isEqualTo(96);
        assertThat(result.getEpochsList()).hasSize(60);
        assertThat(result.getEpochsList())
                .extracting(Epoch::getPhase)
                .startsWith("large-step")
                .endsWith("small-step");
        assertThat(result.getImagesPerSecond()).isPositive();
        assertThat(result.getProvenance().getInputsMap())
                .containsEntry("data", trainData)
                .containsEntry("test_data", testData);
        assertThat(result.getProvenance().getSeed()).isEqualTo(3);
        assertThat(result.getProvenance().getDevice()).isEqualTo("cpu");
        assertThat(result.getProvenance().getRuntime()).startsWith("ONNX Runtime 1.");

        assertThat(job.getArtifactsMap()).containsOnlyKeys("model.onnx", "report.html");
        assertThat(job.getArtifactsOrThrow("model.onnx").getDigest()).isEqualTo(result.getModel());
        Graph model = OnnxFile.read(artifacts.verified(result.getModel()));
        assertThat(model.outputs()).hasToString("[logits: FLOAT[N, 2]]");
        assertThat(model.metadata()).containsEntry("assay.seed", "3").containsEntry("assay.input_range", "[0,1]");
        assertThat(Files.readString(artifacts.verified(
                        job.getArtifactsOrThrow("report.html").getDigest())))
                .contains(Json.print(result).replace("<", "\\u003c"))
                .contains("large-step", "small-step");
    }

    @Test
    void aTrainedModelCanBeTrainedOn() throws IOException {
        TrainResult first = result(finished(request().setEpochs(2).build()));

        TrainResult second = result(finished(TrainRequest.newBuilder()
                .setData(trainData)
                .setModel(first.getModel())
                .setEpochs(2)
                .build()));

        assertThat(second.getParameters()).isEqualTo(first.getParameters());
        assertThat(second.getModel()).isNotEqualTo(first.getModel());
        assertThat(second.getProvenance().getInputsMap()).containsEntry("model", first.getModel());
    }

    @Test
    void aRunningTrainingTellsOfItsCourseAndCanBeCancelled() {
        String id = mesh.submitter().submit(request().setEpochs(10_000).build()).getId();
        Job running = awaitJob(id, job -> job.getProgress().getMetricsMap().containsKey("loss"));
        assertThat(running.getProgress().getPhase()).isEqualTo("large-step");
        assertThat(running.getProgress().getMetricsMap()).containsKeys("train_accuracy", "rate", "images_per_second");

        mesh.control().cancel(id, "the test has seen enough");

        assertThat(awaitJob(id, TrainServiceTest::isFinal).getState()).isEqualTo(State.CANCELLED);
    }

    @Test
    void whatCannotBeTrainedFailsWithItsCureAndTheServiceGoesOn() throws IOException {
        String noModel = artifacts
                .put("not a model".getBytes(StandardCharsets.UTF_8), "text/plain")
                .getDigest();
        String otherSize;
        try (LabelledImages images = Samples.brightAndDark(8, 3, 8)) {
            otherSize = dataSet(images);
        }

        assertFails(request().setArchitecture("cnn-small"), "image-too-small", "data");
        assertFails(request().setTestData(otherSize), "shape-mismatch", "test_data");
        assertFails(
                request().setLargeRate(99).setWeightDecay(1).setEpochs(20).setSwitchAt(1), "diverged", "large_rate");
        assertFails(TrainRequest.newBuilder().setData(trainData).setModel(noModel), "malformed-model", "model");

        assertThat(finished(request().setEpochs(1).build()).getState()).isEqualTo(State.SUCCEEDED);
    }

    @Test
    void aModelAndAnArchitectureTogetherAreRefusedBeforeTheyAreQueued() {
        assertThatThrownBy(() ->
                        mesh.submitter().submit(request().setModel("some-model").build()))
                .isInstanceOf(InvalidRequestException.class)
                .hasMessageContaining("not both");
    }

    private static void assertFails(TrainRequest.Builder request, String type, String subject) {
        Job job = finished(request.build());

        assertThat(job.getState()).as(type).isEqualTo(State.FAILED);
        assertThat(job.getProblem().getType()).isEqualTo("urn:assay:problem:" + type);
        assertThat(job.getProblem().getSubject()).contains(subject);
        assertThat(job.getProblem().getRemedy()).isNotEmpty();
        assertThat(job.getProblem().getDetail()).doesNotContain("Exception");
    }

    private static TrainRequest.Builder request() {
        return TrainRequest.newBuilder()
                .setData(trainData)
                .setArchitecture("mlp")
                .setBatchSize(16)
                .setEpochs(3);
    }

    private static Job finished(TrainRequest request) {
        return awaitJob(mesh.submitter().submit(request).getId(), TrainServiceTest::isFinal);
    }

    private static boolean isFinal(Job job) {
        return FINAL.contains(job.getState());
    }

    private static Job awaitJob(String id, Predicate<Job> condition) {
        long deadline = System.nanoTime() + PATIENCE.toNanos();
        while (System.nanoTime() < deadline) {
            Job job = mesh.states().find(id).orElseThrow();
            if (condition.test(job)) {
                return job;
            }
            try {
                Thread.sleep(10);
            } catch (InterruptedException interrupted) {
                throw new AssertionError(interrupted);
            }
        }
        throw new AssertionError("waited " + PATIENCE + " for " + mesh.states().find(id));
    }

    private static TrainResult result(Job job) throws InvalidProtocolBufferException {
        assertThat(job.getState()).as(job.getProblem().toString()).isEqualTo(State.SUCCEEDED);
        return job.getResult().unpack(TrainResult.class);
    }

    private static String dataSet(LabelledImages images) throws IOException {
        Path file = folder.resolve("images.npz");
        long[] labels = IntStream.of(images.labels()).asLongStream().toArray();
        try (Tensor pixels = images.images(IntStream.range(0, images.count()).toArray());
                Tensor classes = Tensor.ofLongs(labels, labels.length)) {
            Npz.write(file, Map.of("images", pixels, "labels", classes));
        }
        return artifacts.put(file, "application/octet-stream").getDigest();
    }
}
