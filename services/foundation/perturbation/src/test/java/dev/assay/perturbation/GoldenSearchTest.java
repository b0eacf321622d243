package dev.assay.perturbation;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.assay.computation.Progress;
import dev.assay.perturbation.PgdSettings.Start;
import dev.assay.runtime.Device;
import java.io.IOException;
import java.nio.FloatBuffer;
import java.util.Arrays;
import java.util.stream.IntStream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/// Against PyTorch and the reference implementation of PGD; the numbers and tolerances are those of
/// fixtures/attack/README.md.
class GoldenSearchTest {

    private static final SearchOptions OPTIONS = new SearchOptions(new Device.Cpu(), 2, SearchOptions.AUTOMATIC);
    private static final int FLAGGED = 128;
    private static final int IMAGE_SIZE = 3 * 32 * 32;

    @BeforeAll
    static void fixturesAreThere() {
        Fixtures.require();
    }

    @ParameterizedTest
    @ValueSource(strings = {"robust", "standard", "robust_bnfolded", "standard_bnfolded"})
    void logitsAreThoseOfPyTorch(String model) throws IOException {
        try (ForwardPass forward = ForwardPass.compile(Fixtures.classifier(model), OPTIONS)) {
            float[] logits = forward.logits(Fixtures.images(), 256, Progress.SILENT);

            assertThat(logits).containsExactly(Fixtures.logits(model.replace("_bnfolded", "")), within(1e-4f));
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"robust", "standard"})
    void crossEntropyAndItsGradientAreThoseOfPyTorchInDoublePrecision(String model) throws IOException {
        String file = model + "_losses_grads.npz";
        int[] index = Fixtures.index(file);
        double[] losses = Fixtures.doubles(file, "loss_ce");
        float[] gradients = Fixtures.floats(file, "grad_ce");
        try (StepRun run = StepRun.of(Fixtures.classifier(model), Fixtures.images(), index, "linf:8/255", 0.25)) {
            run.step();

            for (int i = 0; i < index.length; i++) {
                assertThat((double) run.objective(i))
                        .as("loss of image %d", index[i])
                        .isEqualTo(losses[i], within(1e-5 * Math.max(1, losses[i])));
                float[] expected = Arrays.copyOfRange(gradients, i * IMAGE_SIZE, (i + 1) * IMAGE_SIZE);
                float[] actual = run.gradient(i);
                assertThat(relativeError(actual, expected))
                        .as("gradient of image %d", index[i])
                        .isLessThan(1e-4);
                assertThat(signAgreement(actual, expected)).isGreaterThan(0.999);
            }
        }
    }

    @ParameterizedTest
    @CsvSource({"robust, 2", "robust, 8", "standard, 2", "standard, 8"})
    void oneFullStepIsTheFastGradientSignMethod(String model, int levels) throws IOException {
        String file = model + "_fgsm.npz";
        float[] expected = Fixtures.floats(file, "adv_eps" + levels);
        float[] losses = Fixtures.floats(file, "loss_eps" + levels);
        int[] index = Fixtures.index(file);
        try (StepRun run =
                StepRun.of(Fixtures.classifier(model), Fixtures.images(), index, "linf:" + levels + "/255", 1)) {
            run.step();
            float[] points = run.points();
            run.step();

            assertThat(shareWithin(points, expected, 1e-6f)).isGreaterThan(0.999);
            for (int i = 0; i < index.length; i++) {
                assertThat(run.objective(i)).isEqualTo(losses[i], within(1e-3f * Math.max(1, losses[i])));
            }
        }
    }

    @ParameterizedTest
    @CsvSource({
        "robust, linf:8/255, 0.25, det20_adv, det20_loss_trace",
        "standard, linf:8/255, 0.25, det20_adv, det20_loss_trace",
        "robust, l2:0.5, 0.125, det20_l2_adv, det20_l2_loss_trace",
        "standard, l2:0.5, 0.125, det20_l2_adv, det20_l2_loss_trace"
    })
    void twentyStepsFollowTheRecordedTrace(String model, String threat, double step, String points, String trace)
            throws IOException {
        String file = model + "_pgd.npz";
        int[] index = Fixtures.index(file);
        float[] losses = Fixtures.floats(file, trace);
        try (StepRun run = StepRun.of(Fixtures.classifier(model), Fixtures.images(), index, threat, step)) {
            float[] reached = {};
            for (int i = 0; i <= 20; i++) {
                if (i == 20) {
                    reached = run.points();
                }
                run.step();
                for (int sample = 0; sample < index.length; sample++) {
                    float expected = losses[i * index.length + sample];
                    assertThat(run.objective(sample))
                            .as("loss of image %d before step %d", index[sample], i)
                            .isEqualTo(expected, within(1e-3f * Math.max(0.01f, expected)));
                }
            }
            assertThat(shareWithin(reached, Fixtures.floats(file, points), 1e-3f))
                    .isGreaterThan(0.999);
        }
    }

    @ParameterizedTest
    @CsvSource({"robust, 2", "robust, 8", "standard, 2", "standard, 8"})
    void theSameSamplesWithstandTwentyStepsFromTheImageItself(String model, int levels) throws IOException {
        boolean[] expected = Fixtures.booleans(model + "_pgd.npz", "nostart_eps" + levels + "_robust");
        PgdSettings settings = PgdSettings.ofSteps(20).withStepSize(0.25).from(Start.CLEAN_IMAGE);

        boolean[] robust = robust(model, "linf:" + levels + "/255", settings);

        long differences = IntStream.range(0, FLAGGED)
                .filter(i -> robust[i] != expected[i])
                .count();
        assertThat(differences).isLessThanOrEqualTo(2);
    }

    /// Counts of 128 as recorded in `{model}_pgd.json`; tolerance: two images.
    @ParameterizedTest
    @CsvSource({
        "robust, linf:2/255, 20, 0.25, 3",
        "robust, linf:8/255, 20, 0.25, 3",
        "robust, linf:8/255, 100, 0.025, 1",
        "standard, linf:2/255, 20, 0.25, 3",
        "standard, linf:8/255, 20, 0.25, 3"
    })
    void robustAccuracyFromRandomStartsIsThatOfTheReference(
            String model, String threat, int steps, double step, int restarts) throws IOException {
        PgdSettings settings = new PgdSettings(steps, step, restarts, Start.RANDOM_POINT, 0);

        boolean[] robust = robust(model, threat, settings);

        String recorded = steps == 20 ? "pgd20_step" : "pgd100_step";
        double accuracy = Fixtures.recordedAccuracy(model, recorded, "eps" + threat.substring("linf:".length()));
        assertThat((double) IntStream.range(0, FLAGGED).filter(i -> robust[i]).count())
                .isEqualTo(accuracy * FLAGGED, within(2.0));
    }

    private static boolean[] robust(String model, String text, PgdSettings settings) throws IOException {
        ThreatModel threat = ThreatModel.parse(text);
        ClassifierGraph classifier = Fixtures.classifier(model);
        Images images = Fixtures.images();
        int[] right;
        try (ForwardPass forward = ForwardPass.compile(classifier, OPTIONS)) {
            FloatBuffer logits = FloatBuffer.wrap(forward.logits(images, FLAGGED, Progress.SILENT));
            right = IntStream.range(0, FLAGGED)
                    .filter(i -> ForwardPass.predicted(logits, i, 10) == images.label(i))
                    .toArray();
        }
        Found found = new Found();
        try (PerturbationSearch search =
                PerturbationSearch.compile(classifier, Objective.crossEntropy(), threat.norm(), OPTIONS)) {
            search.run(images, right, threat, settings, found, Progress.SILENT);
        }
        boolean[] robust = new boolean[FLAGGED];
        for (int sample : right) {
            FloatBuffer clean = FloatBuffer.wrap(images.pixels()[sample]);
            assertThat(threat.allows(clean, FloatBuffer.wrap(found.of(sample).point())))
                    .isTrue();
            robust[sample] = !found.isBroken(sample);
        }
        return robust;
    }

    private static double relativeError(float[] actual, float[] expected) {
        double difference = 0;
        double size = 0;
        for (int i = 0; i < expected.length; i++) {
            difference += Math.pow((double) actual[i] - expected[i], 2);
            size += (double) expected[i] * expected[i];
        }
        return Math.sqrt(difference / size);
    }

    private static double signAgreement(float[] actual, float[] expected) {
        return IntStream.range(0, expected.length)
                .mapToDouble(i -> Math.signum(actual[i]) == Math.signum(expected[i]) ? 1 : 0)
                .average()
                .orElseThrow();
    }

    private static double shareWithin(float[] actual, float[] expected, float tolerance) {
        assertThat(actual).hasSameSizeAs(expected);
        return IntStream.range(0, expected.length)
                .mapToDouble(i -> Math.abs(actual[i] - expected[i]) <= tolerance ? 1 : 0)
                .average()
                .orElseThrow();
    }
}
