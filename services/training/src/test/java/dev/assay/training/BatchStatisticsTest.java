package dev.assay.training;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;
import static org.assertj.core.api.Assertions.within;

import dev.assay.computation.CounterRandom;
import dev.assay.computation.ProblemException;
import dev.assay.computation.Progress;
import dev.assay.data.ImageShape;
import dev.assay.data.LabelledImages;
import dev.assay.onnx.ElementType;
import dev.assay.onnx.Graph;
import dev.assay.onnx.GraphBuilder;
import dev.assay.onnx.Node;
import dev.assay.onnx.TensorData;
import dev.assay.onnx.Value;
import dev.assay.runtime.Device;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.foreign.ValueLayout;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Optional;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// BatchNormalization in training, against the same arithmetic in plain Java.
class BatchStatisticsTest {

    private static final int BATCH = 5;
    private static final int CHANNELS = 2;
    private static final int AREA = 2;
    private static final int FEATURES = CHANNELS * AREA;
    private static final float EPSILON = 1e-5f;
    private static final float[] WEIGHT = {0.1f, -0.2f, 0.3f, 0.4f, -0.5f, 0.2f, 0.1f, 0.3f};

    private final float[][] images = images();
    private final int[] labels = {0, 1, 1, 0, 1};

    @Test
    void aStepNormalisesByTheBatchAndTheRunningStatisticsFollow() {
        double[] mean = new double[CHANNELS];
        double[] variance = new double[CHANNELS];
        float[][] normalised = normalised(mean, variance);
        SoftmaxRegression reference = new SoftmaxRegression(
                new double[][] {
                    {WEIGHT[0], WEIGHT[1], WEIGHT[2], WEIGHT[3]}, {WEIGHT[4], WEIGHT[5], WEIGHT[6], WEIGHT[7]}
                },
                new double[] {0, 0});
        TrainableModel model = TrainableModel.of(model(Mode.INFERENCE));
        assertThat(model.statistics()).containsExactly("mean", "variance");
        assertThat(model.parameters()).containsExactly("scale", "shift", "w", "b");

        try (TrainingStep step = new TrainingStep(
                StepGraph.of(model, BATCH, new ImageShape(CHANNELS, 1, AREA), 0), new Device.Cpu(), 1)) {
            for (int n = 0; n < BATCH; n++) {
                step.labels().put(n, labels[n]);
                for (int j = 0; j < FEATURES; j++) {
                    step.images().setAtIndex(ValueLayout.JAVA_FLOAT, (long) n * FEATURES + j, images[n][j]);
                }
            }
            step.setRate(0.5, 0);
            step.run();
            reference.step(normalised, labels, 0.5, 0, 0);

            assertThat((double) step.loss()).isCloseTo(reference.loss, within(1e-5));
            for (int channel = 0; channel < CHANNELS; channel++) {
                assertThat((double) step.state("mean").floatAt(channel))
                        .isCloseTo(0.9 * 0.5 + 0.1 * mean[channel], within(1e-6));
                assertThat((double) step.state("variance").floatAt(channel))
                        .isCloseTo(0.9 * 2 + 0.1 * variance[channel], within(1e-6));
            }
            for (int i = 0; i < WEIGHT.length; i++) {
                assertThat((double) step.state("w").floatAt(i))
                        .isCloseTo(reference.weight[i / FEATURES][i % FEATURES], within(1e-5));
            }
        }
    }

    @Test
    void theSavedModelIsInInferenceModeWithMovedStatistics() {
        Graph untrained = model(Mode.INFERENCE, 1);
        try (LabelledImages data = Samples.brightAndDark(40, CHANNELS, 1)) {
            TrainingRun run = Trainer.train(
                    untrained,
                    TrainingData.of(data),
                    TrainingOptions.defaults().withBatchSize(10).withEpochs(8),
                    Progress.SILENT);

            Node normalisation = run.model().nodes().stream()
                    .filter(node -> node.is("BatchNormalization"))
                    .findFirst()
                    .orElseThrow();
            assertThat(normalisation.flag("training_mode")).isFalse();
            assertThat(run.model().initializers().get("mean"))
                    .isNotEqualTo(untrained.initializers().get("mean"));
            assertThat(run.parameters()).isEqualTo(2 + 2 + 4 + 2);
            assertThat(run.trainAccuracy().value()).isGreaterThan(0.8);
        }
    }

    @Test
    void theRunningStatisticsOfAnInterruptedTrainingGoOnFromWhereTheyWere(@TempDir Path folder) {
        Graph untrained = model(Mode.INFERENCE, 1);
        TrainingOptions options =
                TrainingOptions.defaults().withBatchSize(10).withEpochs(3).withThreads(1);
        try (LabelledImages images = Samples.brightAndDark(40, CHANNELS, 1)) {
            TrainingData data = TrainingData.of(images);
            Graph undisturbed =
                    Trainer.train(untrained, data, options, Progress.SILENT).model();
            LastOne checkpoints = new LastOne(folder.resolve("checkpoint"));
            Trainer.train(untrained, data, options, checkpoints, Progress.SILENT); // keeps the one after seven steps

            Graph resumed = Trainer.train(untrained, data, options, checkpoints, Progress.SILENT)
                    .model();

            assertThat(resumed).isEqualTo(undisturbed);
            assertThat(Files.exists(checkpoints.file())).isTrue();
        }
    }

    /// Keeps one checkpoint, after seven steps.
    private record LastOne(Path file) implements TrainingCheckpoints {

        @Override
        public String inputs() {
            return "";
        }

        @Override
        public Optional<Path> last() {
            return Files.exists(file) ? Optional.of(file) : Optional.empty();
        }

        @Override
        public void refused(String reason) {
            throw new AssertionError(reason);
        }

        @Override
        public boolean isDue(long steps) {
            return steps == 7 && !Files.exists(file);
        }

        @Override
        public void keep(TrainingCheckpoint checkpoint) {
            try {
                checkpoint.writeTo(file);
            } catch (IOException failure) {
                throw new UncheckedIOException(failure);
            }
        }
    }

    @Test
    void aModelExportedInTrainingModeIsRefusedWithItsNode() {
        ProblemException problem = refusalOf(() -> TrainableModel.of(model(Mode.TRAINING)));

        assertThat(problem.type()).isEqualTo("unsupported-training");
        assertThat(problem.detail()).contains("BatchNormalization", "training mode");
        assertThat(problem.remedy()).contains("evaluation mode");
    }

    private enum Mode {
        INFERENCE,
        TRAINING
    }

    private static ProblemException refusalOf(ThrowingCallable call) {
        return catchThrowableOfType(ProblemException.class, call);
    }

    private static Graph model(Mode mode) {
        return model(mode, AREA);
    }

    private static Graph model(Mode mode, int width) {
        GraphBuilder g = GraphBuilder.empty("normalised-regression");
        Value x = g.input("images", ElementType.FLOAT, -1, CHANNELS, 1, width);
        Value scale = g.initializer("scale", TensorData.ofFloats(new float[] {1, 1}, CHANNELS));
        Value shift = g.initializer("shift", TensorData.ofFloats(new float[] {0, 0}, CHANNELS));
        Value mean = g.initializer("mean", TensorData.ofFloats(new float[] {0.5f, 0.5f}, CHANNELS));
        Value variance = g.initializer("variance", TensorData.ofFloats(new float[] {2, 2}, CHANNELS));
        Value normalised = switch (mode) {
            case INFERENCE -> g.batchNormalization(x, scale, shift, mean, variance, EPSILON);
            case TRAINING ->
                g.batchNormalizationTraining(x, scale, shift, mean, variance, EPSILON, 0.9f)
                        .getFirst();
        };
        Value w = g.initializer(
                "w", TensorData.ofFloats(Arrays.copyOf(WEIGHT, 2 * CHANNELS * width), 2, CHANNELS * width));
        Value b = g.initializer("b", TensorData.ofFloats(new float[] {0, 0}, 2));
        g.output("logits", g.linear(g.flatten(normalised, 1), w, b), ElementType.FLOAT, -1, 2);
        return g.build();
    }

    /// (x − mean) / √(variance + ε) per channel over the batch; fills in mean and (biased) variance.
    private float[][] normalised(double[] mean, double[] variance) {
        double count = (double) BATCH * AREA;
        for (float[] image : images) {
            for (int j = 0; j < FEATURES; j++) {
                mean[j / AREA] += image[j] / count;
            }
        }
        for (float[] image : images) {
            for (int j = 0; j < FEATURES; j++) {
                variance[j / AREA] += Math.pow(image[j] - mean[j / AREA], 2) / count;
            }
        }
        float[][] normalised = new float[BATCH][FEATURES];
        for (int n = 0; n < BATCH; n++) {
            for (int j = 0; j < FEATURES; j++) {
                normalised[n][j] = (float) ((images[n][j] - mean[j / AREA]) / Math.sqrt(variance[j / AREA] + EPSILON));
            }
        }
        return normalised;
    }

    private static float[][] images() {
        CounterRandom random = CounterRandom.of(11, "test-images", 0);
        float[][] images = new float[BATCH][FEATURES];
        for (float[] image : images) {
            for (int j = 0; j < FEATURES; j++) {
                image[j] = random.nextFloat();
            }
        }
        return images;
    }
}
