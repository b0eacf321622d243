package dev.assay.training;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.assay.computation.CounterRandom;
import dev.assay.data.ImageShape;
import dev.assay.onnx.TensorData;
import dev.assay.runtime.Device;
import java.lang.foreign.ValueLayout;
import java.util.Map;
import org.junit.jupiter.api.Test;

class TrainingStepTest {

    private static final int BATCH = 6;
    private static final int FEATURES = 4;
    private static final int CLASSES = 3;
    private static final float DECAY = 0.01f;

    private final SoftmaxRegression reference = new SoftmaxRegression(randomWeights(), new double[] {0.1, -0.2, 0.3});

    @Test
    void stepsEqualAPlainJavaReferenceThroughBothPhasesAndTheReset() {
        try (TrainingStep step = step()) {
            for (int i = 0; i < 3; i++) {
                requireSameStep(step, i, 0.5, 0);
            }
            step.resetMomentum();
            reference.resetMomentum();
            for (int i = 3; i < 8; i++) {
                requireSameStep(step, i, 0.05, 0.9);
            }
        }
    }

    @Test
    void withoutTheResetTheFirstSmallStepWouldStillCarryTheLastLargeOne() {
        try (TrainingStep step = step()) {
            requireSameStep(step, 0, 0.5, 0);
            // The reference keeps its velocity here as well: the buffer really is the gradient of the step before.
            requireSameStep(step, 1, 0.05, 0.9);
        }
    }

    @Test
    void biasesDoNotDecay() {
        TrainableModel model = TrainableModel.of(reference.graph());

        assertThat(model.decays("w")).isTrue();
        assertThat(model.decays("b")).isFalse();
    }

    private void requireSameStep(TrainingStep step, int number, double rate, double momentum) {
        float[][] x = images(number);
        int[] labels = labels(number);
        for (int n = 0; n < BATCH; n++) {
            step.labels().put(n, labels[n]);
            for (int j = 0; j < FEATURES; j++) {
                step.images().setAtIndex(ValueLayout.JAVA_FLOAT, (long) n * FEATURES + j, x[n][j]);
            }
        }
        step.setRate(rate, momentum);
        step.run();
        reference.step(x, labels, rate, momentum, DECAY);

        assertThat((double) step.loss()).isCloseTo(reference.loss, within(1e-5));
        assertThat((double) step.gradientNorm()).isCloseTo(reference.gradientNorm, within(1e-5));
        assertThat(step.correct()).isEqualTo(reference.correct);
        Map<String, TensorData> weights = step.savedWeights();
        double[] w = weights.get("w").toDoubles();
        for (int k = 0; k < CLASSES; k++) {
            assertThat(weights.get("b").toDoubles()[k]).isCloseTo(reference.bias[k], within(1e-5));
            for (int j = 0; j < FEATURES; j++) {
                assertThat(w[k * FEATURES + j]).isCloseTo(reference.weight[k][j], within(1e-5));
            }
        }
    }

    private TrainingStep step() {
        TrainableModel model = TrainableModel.of(reference.graph());
        StepGraph graph = StepGraph.of(model, BATCH, new ImageShape(1, 1, FEATURES), DECAY);
        return new TrainingStep(graph, new Device.Cpu(), 1);
    }

    private static float[][] images(int step) {
        CounterRandom random = CounterRandom.of(7, "test-images", step);
        float[][] images = new float[BATCH][FEATURES];
        for (float[] image : images) {
            for (int j = 0; j < FEATURES; j++) {
                image[j] = random.nextFloat();
            }
        }
        return images;
    }

    private static int[] labels(int step) {
        return CounterRandom.of(7, "test-labels", step).ints(BATCH, 0, CLASSES).toArray();
    }

    private static double[][] randomWeights() {
        CounterRandom random = CounterRandom.of(7, "test-weights", 0);
        double[][] weights = new double[CLASSES][FEATURES];
        for (double[] row : weights) {
            for (int j = 0; j < FEATURES; j++) {
                row[j] = random.nextFloat() - 0.5f;
            }
        }
        return weights;
    }
}
