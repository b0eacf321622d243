package dev.assay.attack;

import static org.assertj.core.api.Assertions.assertThat;

import dev.assay.computation.Progress;
import dev.assay.data.LabelledImages;
import dev.assay.onnx.Graph;
import dev.assay.perturbation.PgdSettings;
import dev.assay.perturbation.ThreatModel;
import dev.assay.statistics.Proportion;
import java.nio.FloatBuffer;
import java.util.Arrays;
import java.util.List;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import org.junit.jupiter.api.Test;

class RobustnessEvaluationTest {

    private static final int COUNT = 40;

    @Property(tries = 8)
    void robustAccuracyNeverRisesWithEpsilonAndNeverExceedsCleanAccuracy(
            @ForAll @IntRange(min = 0, max = 10_000) int seed) {
        // One step alone is a poor attack, which may well find more at a smaller epsilon.
        RobustnessReport report =
                evaluate(seed, PgdSettings.ofSteps(1), "linf:0.2", "linf:0.01", "linf:0.05", "l2:1", "l2:0.1");

        List<Long> linf = robust(report, 1, 2, 0);
        List<Long> l2 = robust(report, 4, 3);
        assertThat(linf).isSortedAccordingTo((a, b) -> Long.compare(b, a));
        assertThat(l2).isSortedAccordingTo((a, b) -> Long.compare(b, a));
        assertThat(report.cleanAccuracy().successes()).isGreaterThanOrEqualTo(linf.getFirst());
    }

    @Test
    void theWholeRangeFromRobustToBrokenIsSeen() {
        RobustnessReport report = evaluate(7, PgdSettings.ofSteps(10), "linf:0.0001", "linf:0.05", "linf:0.9");

        assertThat(report.cleanAccuracy()).isEqualTo(new Proportion(32, COUNT));
        assertThat(report.results().get(0).accuracy().successes()).isGreaterThan(28);
        assertThat(report.results().get(1).accuracy().successes()).isBetween(3L, 28L);
        assertThat(report.results().get(2).accuracy().successes()).isLessThan(3);
    }

    @Test
    void thePartsOfTheReportAddUp() {
        RobustnessReport report = evaluate(7, PgdSettings.ofSteps(5), "linf:0.05", "l2:0.4");

        for (ThreatResult result : report.results()) {
            assertThat(result.outcomes()).hasSize(COUNT);
            long wrong =
                    result.outcomes().stream().filter(Outcome.WRONG::equals).count();
            long robust =
                    result.outcomes().stream().filter(Outcome.ROBUST::equals).count();
            assertThat(wrong).isEqualTo(COUNT - report.cleanAccuracy().successes());
            assertThat(robust).isEqualTo(result.accuracy().successes());
            assertThat(result.accuracy().trials()).isEqualTo(COUNT);
            assertThat(result.interval()).isEqualTo(result.accuracy().wilson(0.95));
            assertThat(result.largestPerturbation())
                    .isPositive()
                    .isLessThanOrEqualTo(result.threat().epsilon().doubleValue() + 1e-6);
        }
        assertThat(report.effort().imageSteps())
                .isEqualTo(2 * 5 * report.cleanAccuracy().successes());
    }

    @Test
    void whatBrokeAtASmallerEpsilonIsNotAttackedAgainAndKeepsItsPicture() {
        RobustnessReport report = evaluate(7, PgdSettings.ofSteps(5), "linf:0.2", "linf:0.05");
        ThreatResult larger = report.results().get(0);
        ThreatResult smaller = report.results().get(1);

        assertThat(larger.effort().imageSteps())
                .isEqualTo(5 * smaller.accuracy().successes());
        int carried = 0;
        for (Example example : report.examples()) {
            if (smaller.outcomes().get(example.sample()) == Outcome.BROKEN) {
                assertThat(larger.outcomes().get(example.sample())).isEqualTo(Outcome.BROKEN);
                assertThat(example.perturbed().get(0))
                        .isSameAs(example.perturbed().get(1));
                carried++;
            }
        }
        assertThat(carried).isPositive();
    }

    @Test
    void examplesShowWhatTheOutcomesSay() {
        RobustnessReport report = evaluate(7, PgdSettings.ofSteps(5), "linf:0.05", "l2:0.4");

        assertThat(report.examples()).hasSize(12);
        for (Example example : report.examples()) {
            for (int threat = 0; threat < 2; threat++) {
                ThreatResult result = report.results().get(threat);
                Example.Perturbed perturbed = example.perturbed().get(threat);
                FloatBuffer clean = FloatBuffer.wrap(example.clean());
                assertThat(result.threat().allows(clean, FloatBuffer.wrap(perturbed.image())))
                        .isTrue();
                switch (result.outcomes().get(example.sample())) {
                    case WRONG -> {
                        assertThat(example.predicted()).isNotEqualTo(example.label());
                        assertThat(perturbed.image()).isEqualTo(example.clean());
                    }
                    case BROKEN -> {
                        assertThat(example.predicted()).isEqualTo(example.label());
                        assertThat(perturbed.predicted()).isNotEqualTo(example.label());
                    }
                    case ROBUST -> assertThat(perturbed.predicted()).isEqualTo(example.label());
                }
            }
        }
    }

    @Test
    void theSameSettingsGiveTheSameReport() {
        RobustnessReport first = evaluate(3, PgdSettings.ofSteps(5).withRestarts(2), "linf:0.05", "l2:0.4");
        RobustnessReport again = evaluate(3, PgdSettings.ofSteps(5).withRestarts(2), "linf:0.05", "l2:0.4");

        for (int threat = 0; threat < 2; threat++) {
            assertThat(again.results().get(threat).outcomes())
                    .isEqualTo(first.results().get(threat).outcomes());
            assertThat(again.results().get(threat).largestPerturbation())
                    .isEqualTo(first.results().get(threat).largestPerturbation());
        }
    }

    @Test
    void cachedLogitsAreReadAsTheyWereWritten() {
        CleanLogits logits = new CleanLogits(new float[] {1, 2, 3, 6, 5, 4}, 3);

        CleanLogits read = CleanLogits.fromBytes(logits.toBytes());

        assertThat(read.values()).isEqualTo(logits.values());
        assertThat(read.classes()).isEqualTo(3);
        assertThat(read.predicted(0)).isEqualTo(2);
        assertThat(read.predicted(1)).isZero();
    }

    private static RobustnessReport evaluate(long seed, PgdSettings pgd, String... threats) {
        Graph model = Samples.model(seed);
        try (LabelledImages images = Samples.imagesFor(model, seed, COUNT)) {
            RobustnessEvaluation evaluation = Samples.evaluation(model, images);
            CleanLogits clean = evaluation.cleanLogits(COUNT, Progress.SILENT);
            List<ThreatModel> models =
                    Arrays.stream(threats).map(ThreatModel::parse).toList();
            return evaluation.evaluate(clean, new EvaluationSettings(models, pgd, COUNT, 0.95, 12), Progress.SILENT);
        }
    }

    private static List<Long> robust(RobustnessReport report, int... threats) {
        return Arrays.stream(threats)
                .mapToObj(threat -> report.results().get(threat).accuracy().successes())
                .toList();
    }
}
