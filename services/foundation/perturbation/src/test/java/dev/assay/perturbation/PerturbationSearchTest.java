package dev.assay.perturbation;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.assay.computation.CancelledException;
import dev.assay.computation.CounterRandom;
import dev.assay.computation.ProblemException;
import dev.assay.computation.Progress;
import dev.assay.onnx.ElementType;
import dev.assay.onnx.GraphBuilder;
import dev.assay.onnx.Value;
import dev.assay.perturbation.PgdSettings.Start;
import dev.assay.runtime.Device;
import java.nio.FloatBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class PerturbationSearchTest {

    private static final SearchOptions ONE_THREAD = new SearchOptions(new Device.Cpu(), 1, 7);
    private static final PgdSettings TEN_STEPS = PgdSettings.ofSteps(10);

    @ParameterizedTest
    @ValueSource(strings = {"linf:0.02", "linf:0.1", "linf:0.3", "l2:0.1", "l2:0.5"})
    void aLinearModelBreaksExactlyWhereItsMarginSays(String text) {
        ThreatModel threat = ThreatModel.parse(text);
        SearchCase example = SearchCase.of(3, 2, 60);

        Found found = example.search(threat, TEN_STEPS, ONE_THREAD);

        double epsilon = threat.epsilon().doubleValue();
        for (int sample = 0; sample < 60; sample++) {
            double breaking = example.breakingEpsilon(sample, threat.norm());
            if (Math.abs(breaking - epsilon) > 1e-3 * epsilon) { // nearer than that, rounding decides
                assertThat(found.isBroken(sample))
                        .as("sample %d breaks at %s", sample, breaking)
                        .isEqualTo(breaking < epsilon);
            }
        }
    }

    @Test
    void theClosedFormCasesAreOfBothKinds() {
        SearchCase example = SearchCase.of(3, 2, 60);

        for (String text : List.of("linf:0.02", "l2:0.1")) {
            ThreatModel threat = ThreatModel.parse(text);
            long broken = IntStream.range(0, 60)
                    .filter(i -> example.breakingEpsilon(i, threat.norm())
                            < threat.epsilon().doubleValue())
                    .count();
            assertThat(broken).as(text).isBetween(5L, 55L);
        }
    }

    @Property(tries = 10)
    void noPointLeavesBallOrBoxAndEachIsWhatTheModelSays(
            @ForAll @IntRange(min = 0, max = 1000) int seed, @ForAll @IntRange(min = 0, max = 3) int which) {
        ThreatModel threat = ThreatModel.parse(
                List.of("linf:0.03", "linf:0.9", "l2:0.2", "l2:5").get(which));
        SearchCase example = SearchCase.of(seed, 3, 20);

        Found found = example.search(threat, TEN_STEPS.withRestarts(2), ONE_THREAD);

        assertThat(found.size()).isEqualTo(20);
        for (int sample = 0; sample < 20; sample++) {
            Found.Entry entry = found.of(sample);
            FloatBuffer clean = FloatBuffer.wrap(example.images().pixels()[sample]);
            assertThat(threat.allows(clean, FloatBuffer.wrap(entry.point()))).isTrue();
            assertThat(entry.distance())
                    .isEqualTo(threat.distance(clean, FloatBuffer.wrap(entry.point())), within(1e-12));
            assertThat(entry.predicted()).isEqualTo(example.classifier().predicted(entry.point()));
            assertThat(found.isBroken(sample))
                    .isEqualTo(entry.predicted() != example.images().label(sample));
        }
    }

    @Property(tries = 8)
    void theNumberOfThreadsAndTheChunkSizeChangeNothing(
            @ForAll @IntRange(min = 0, max = 1000) int seed,
            @ForAll @IntRange(min = 1, max = 3) int threads,
            @ForAll @IntRange(min = 1, max = 40) int chunk) {
        SearchCase example = SearchCase.of(seed, 3, 33);
        ThreatModel threat = ThreatModel.parse("linf:0.03");

        Found one = example.search(threat, TEN_STEPS.withRestarts(3), ONE_THREAD);
        Found other =
                example.search(threat, TEN_STEPS.withRestarts(3), new SearchOptions(new Device.Cpu(), threads, chunk));

        for (int sample = 0; sample < 33; sample++) {
            assertThat(other.of(sample).verdict()).isEqualTo(one.of(sample).verdict());
            assertThat(other.of(sample).point()).containsExactly(one.of(sample).point(), within(1e-6f));
        }
    }

    @Property(tries = 8)
    void aPermutationOfSamplesPermutesOutcomes(@ForAll @IntRange(min = 0, max = 1000) int seed) {
        SearchCase example = SearchCase.of(seed, 3, 30);
        int[] order = CounterRandom.of(seed, "order", 0).permutation(30);
        // Without random starts: those belong to a sample's number.
        PgdSettings settings = TEN_STEPS.from(Start.CLEAN_IMAGE);
        ThreatModel threat = ThreatModel.parse("l2:0.15");

        Found inOrder = example.search(threat, settings, ONE_THREAD);
        Found permuted = new SearchCase(example.classifier(), example.images().reordered(order))
                .search(threat, settings, ONE_THREAD);

        for (int i = 0; i < 30; i++) {
            assertThat(permuted.of(i).verdict()).isEqualTo(inOrder.of(order[i]).verdict());
        }
    }

    @Test
    void theOrderInWhichSamplesAreSearchedDoesNotMatter() {
        SearchCase example = SearchCase.of(11, 3, 40);
        ThreatModel threat = ThreatModel.parse("linf:0.02");
        Found inOrder = example.search(threat, TEN_STEPS, ONE_THREAD);

        Found shuffled = new Found();
        try (PerturbationSearch search = PerturbationSearch.compile(
                example.classifier().graph(), Objective.crossEntropy(), Norm.LINF, ONE_THREAD)) {
            int[] order = CounterRandom.of(1, "order", 0).permutation(40);
            search.run(example.images(), order, threat, TEN_STEPS, shuffled, Progress.SILENT);
        }

        for (int i = 0; i < 40; i++) {
            assertThat(shuffled.of(i).verdict()).isEqualTo(inOrder.of(i).verdict());
            assertThat(shuffled.of(i).point()).containsExactly(inOrder.of(i).point(), within(1e-6f));
        }
    }

    @Test
    void aBrokenSampleIsNotAttackedAgain() {
        SearchCase example = SearchCase.of(3, 2, 60);
        PgdSettings fourRestarts = TEN_STEPS.withRestarts(4);
        Found found = new Found();
        SearchEffort effort;
        try (PerturbationSearch search = PerturbationSearch.compile(
                example.classifier().graph(), Objective.crossEntropy(), Norm.LINF, ONE_THREAD)) {
            effort = search.run(
                    example.images(),
                    example.images().all(),
                    ThreatModel.parse("linf:0.02"),
                    fourRestarts,
                    found,
                    Progress.SILENT);
        }

        // A linear model is broken by the first restart or by none.
        long broken = example.images().all().length - countRobust(found, 60);
        assertThat(effort.imageSteps()).isEqualTo(10 * (60 + 3 * (60 - broken)));
    }

    @Property(tries = 8)
    void moreRestartsBreakWhatFewerBreak(@ForAll @IntRange(min = 0, max = 1000) int seed) {
        SearchCase example = SearchCase.of(seed, 3, 30);
        ThreatModel threat = ThreatModel.parse("linf:0.03");
        PgdSettings oneShortStep = new PgdSettings(1, 0.3, 1, Start.RANDOM_POINT, seed);

        Found once = example.search(threat, oneShortStep, ONE_THREAD);
        Found fourTimes = example.search(threat, oneShortStep.withRestarts(4), ONE_THREAD);

        for (int sample = 0; sample < 30; sample++) {
            if (once.isBroken(sample)) {
                assertThat(fourTimes.isBroken(sample)).isTrue();
                assertThat(fourTimes.of(sample).point())
                        .containsExactly(once.of(sample).point(), within(1e-6f));
            }
        }
    }

    @Test
    void seedsAndRestartsStartElsewhere() {
        SearchCase example = SearchCase.of(5, 3, 4);
        PgdSettings oneTinyStep = new PgdSettings(1, 1e-6, 1, Start.RANDOM_POINT, 0);
        ThreatModel threat = ThreatModel.parse("linf:0.000001");

        float[] first = example.search(threat, oneTinyStep, ONE_THREAD).of(0).point();
        float[] again = example.search(threat, oneTinyStep, ONE_THREAD).of(0).point();
        float[] otherSeed = example.search(threat, oneTinyStep.withSeed(1), ONE_THREAD)
                .of(0)
                .point();

        assertThat(again).isEqualTo(first);
        assertThat(otherSeed).isNotEqualTo(first);
    }

    @Test
    void progressReachesItsTotalAndACancelStops() {
        SearchCase example = SearchCase.of(3, 2, 60);
        List<Long> done = new ArrayList<>();
        try (PerturbationSearch search = PerturbationSearch.compile(
                example.classifier().graph(), Objective.crossEntropy(), Norm.LINF, ONE_THREAD)) {
            ThreatModel threat = ThreatModel.parse("linf:0.02");
            search.run(
                    example.images(),
                    example.images().all(),
                    threat,
                    TEN_STEPS.withRestarts(3),
                    new Found(),
                    (phase, reported, total, metrics) -> {
                        assertThat(phase).isEqualTo("linf:0.02");
                        assertThat(total).isEqualTo(180);
                        done.add(reported);
                    });
            assertThat(done).isSorted().endsWith(180L);

            Found found = new Found();
            assertThatThrownBy(() -> search.run(
                            example.images(), example.images().all(), threat, TEN_STEPS, found, cancelledAfter(15)))
                    .isInstanceOf(CancelledException.class);
            assertThat(found.size()).isLessThan(60);
        }
    }

    @Test
    void aGradientThatIsNoNumberIsRefusedAndNotTakenForRobustness() {
        GraphBuilder g = GraphBuilder.empty("overflow");
        Value images = g.input("images", ElementType.FLOAT, -1, 1, 1, 2);
        Value flat = g.flatten(images, 1);
        // √x at x = 0 has an infinite slope; times the zero slope of x² it is not a number.
        Value logits = g.sqrt(g.mul(flat, flat));
        ClassifierGraph graph = new ClassifierGraph(
                g.output("logits", logits, ElementType.FLOAT, -1, 2).build(),
                "images",
                "logits",
                1,
                1,
                2,
                2,
                ClassifierGraph.ANY_BATCH);
        Images images0 = new Images(new float[][] {{0, 0.5f}}, new int[] {1});

        try (PerturbationSearch search =
                PerturbationSearch.compile(graph, Objective.crossEntropy(), Norm.L2, ONE_THREAD)) {
            assertThatThrownBy(() -> search.run(
                            images0,
                            new int[] {0},
                            ThreatModel.parse("l2:0.1"),
                            TEN_STEPS.from(Start.CLEAN_IMAGE),
                            new Found(),
                            Progress.SILENT))
                    .isInstanceOfSatisfying(
                            ProblemException.class,
                            problem -> assertThat(problem.type()).isEqualTo("non-finite-gradient"));
        }
    }

    private static long countRobust(Found found, int samples) {
        return IntStream.range(0, samples).filter(i -> !found.isBroken(i)).count();
    }

    private static Progress cancelledAfter(int steps) {
        AtomicInteger left = new AtomicInteger(steps);
        return new Progress() {
            @Override
            public void report(String phase, long done, long total, Map<String, Double> metrics) {}

            @Override
            public void checkCancelled() {
                if (left.decrementAndGet() < 0) {
                    throw new CancelledException("enough");
                }
            }
        };
    }
}
