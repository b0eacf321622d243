package dev.assay.attack;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.assay.computation.CancelledException;
import dev.assay.computation.CheckpointFile;
import dev.assay.computation.Progress;
import dev.assay.data.LabelledImages;
import dev.assay.onnx.Graph;
import dev.assay.perturbation.PgdSettings;
import dev.assay.perturbation.SearchOptions;
import dev.assay.perturbation.ThreatModel;
import dev.assay.runtime.Device;
import java.io.DataInputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.lifecycle.AfterContainer;
import net.jqwik.api.lifecycle.BeforeContainer;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/// An evaluation that was interrupted and one that was not give the same.
class EvaluationCheckpointTest {

    private static final int COUNT = 40;

    /// Three steps in two restarts of ten chunks at most: some 150 checks in all.
    private static final EvaluationSettings SETTINGS = new EvaluationSettings(
            Stream.of("linf:0.2", "l2:0.4", "linf:0.01", "linf:0.05")
                    .map(ThreatModel::parse)
                    .toList(),
            PgdSettings.ofSteps(3).withRestarts(2),
            COUNT,
            0.95,
            12);

    private static Path folder;
    private static LabelledImages images;
    private static RobustnessEvaluation evaluation;
    private static CleanLogits clean;
    private static RobustnessReport undisturbed;

    @BeforeContainer
    @BeforeAll
    static void evaluateOnce() throws IOException {
        folder = Files.createTempDirectory("evaluation-checkpoint-");
        Graph model = Samples.model(7);
        images = Samples.imagesFor(model, 7, COUNT);
        evaluation = new RobustnessEvaluation(
                Classifier.fitting(model, images),
                images,
                SearchOptions.on(new Device.Cpu()).withThreads(2).withChunkSize(4));
        clean = evaluation.cleanLogits(COUNT, Progress.SILENT);
        undisturbed = evaluate(new Kept(), Progress.SILENT);
    }

    @AfterContainer
    @AfterAll
    static void close() throws IOException {
        images.close();
        Files.deleteIfExists(folder.resolve("checkpoint"));
        Files.delete(folder);
    }

    @Property(tries = 60)
    void anEvaluationThatIsStoppedAnywhereGoesOnToTheSameOutcomes(
            @ForAll @IntRange(min = 0, max = 150) int firstStop, @ForAll @IntRange(min = 0, max = 150) int secondStop) {
        Kept kept = new Kept();
        stopped(kept, firstStop);
        stopped(kept, secondStop);

        assertSame(evaluate(kept, Progress.SILENT));
        assertThat(kept.refusals).isEmpty();
    }

    @Property(tries = 40)
    void anEvaluationGoesOnFromACheckpointInTheMiddleOfAThreat(@ForAll @IntRange(min = 1, max = 60) int samples) {
        Kept kept = new Kept();
        kept.samplesBeforeTheOnlyOne = samples;
        evaluate(kept, Progress.SILENT);
        assertThat(kept.positions).hasSize(1);

        assertSame(evaluate(kept, Progress.SILENT));
    }

    @Test
    void aFinishedThreatIsNotAttackedAgainAndKeepsItsEffort() {
        Kept kept = new Kept();
        kept.afterThreats = true;
        assertSame(evaluate(kept, Progress.SILENT));
        assertThat(kept.positions)
                .containsExactly("1 of 4 threats", "2 of 4 threats", "3 of 4 threats", "4 of 4 threats");

        kept.afterThreats = false;
        stopped(kept, 0); // nothing is left to do, so nothing checks
        RobustnessReport resumed = evaluate(kept, Progress.SILENT);

        assertSame(resumed);
        assertThat(kept.positions).hasSize(4);
        for (int threat = 0; threat < SETTINGS.threats().size(); threat++) {
            assertThat(resumed.results().get(threat).effort().imageSteps())
                    .isEqualTo(undisturbed.results().get(threat).effort().imageSteps());
        }
    }

    @Test
    void aCarriedPictureIsWrittenOnceAndStaysTheSame() throws IOException {
        Kept kept = new Kept();
        kept.afterThreats = true;
        evaluate(kept, Progress.SILENT);
        RobustnessReport resumed = evaluate(kept, Progress.SILENT);

        int carried = 0;
        for (Example example : undisturbed.examples()) {
            Example again = resumed.examples().get(example.sample());
            for (int threat : List.of(0, 3)) {
                if (example.perturbed().get(threat) == example.perturbed().get(2)) {
                    assertThat(again.perturbed().get(threat))
                            .isSameAs(again.perturbed().get(2));
                    carried++;
                }
            }
        }
        assertThat(carried).isPositive();
    }

    @Test
    void aStopBeforeTheFirstSampleKeepsNothing() {
        Kept kept = new Kept();
        stopped(kept, 0);
        assertThat(kept.positions).isEmpty();
    }

    @Test
    void runsUnderWayAreEndedWhenTheEvaluationIsCancelled() {
        Kept kept = new Kept();
        AtomicInteger left = new AtomicInteger(20);
        List<Runnable> actions = new ArrayList<>();
        Progress onlyTellsTheGraph = new Progress() {
            @Override
            public void report(String phase, long done, long total, Map<String, Double> metrics) {}

            @Override
            public void checkCancelled() {
                if (left.getAndDecrement() == 0) {
                    List.copyOf(actions).forEach(Runnable::run);
                }
            }

            @Override
            public Watch whenCancelled(Runnable action) {
                actions.add(action);
                return () -> actions.remove(action);
            }
        };
        assertThatThrownBy(() -> evaluate(kept, onlyTellsTheGraph)).isInstanceOf(CancelledException.class);

        assertSame(evaluate(kept, Progress.SILENT));
    }

    @Property(tries = 60)
    void aDamagedCheckpointIsRefusedAndTheEvaluationBeginsAnew(
            @ForAll @IntRange(min = 0, max = 1_000_000) int where,
            @ForAll @IntRange(min = 1, max = 255) int difference,
            @ForAll boolean cutOff)
            throws IOException {
        Kept kept = new Kept();
        stopped(kept, 60);
        byte[] bytes = Files.readAllBytes(kept.file());
        int place = where % bytes.length;
        bytes[place] ^= (byte) difference;
        Files.write(kept.file(), cutOff ? Arrays.copyOf(bytes, place) : bytes);

        assertSame(evaluate(kept, Progress.SILENT));
        assertThat(kept.refusals).hasSize(1);
    }

    @Test
    void aCheckpointOfAnotherEvaluationIsRefused() {
        Kept kept = new Kept();
        stopped(kept, 60);

        kept.inputs = "model sha256:other";
        assertSame(evaluate(kept, Progress.SILENT));
        assertThat(kept.refusals).singleElement().asString().contains("other data or with other settings");

        kept.inputs = "model sha256:same";
        EvaluationSettings fewer = new EvaluationSettings(SETTINGS.threats(), SETTINGS.pgd(), COUNT - 1, 0.95, 12);
        assertThat(evaluation.evaluate(clean, fewer, kept, Progress.SILENT).samples())
                .isEqualTo(COUNT - 1);
        assertThat(kept.refusals).hasSize(2);
    }

    @Test
    void aForgedCheckpointIsRefused() throws IOException {
        Kept kept = new Kept();
        stopped(kept, 60);
        CheckpointFile form = kept.form();

        forge(kept, form, 5, 0);
        forge(kept, form, -1, 0);
        forge(kept, form, 0, 3);
        forge(kept, form, 1, 2); // all wrong, also those that the model gets right
        assertThat(kept.refusals.getLast()).contains("gives image 1 the outcome 2");
        forge(kept, form, 1, 0);
        assertThat(kept.refusals).hasSize(5);
    }

    private static void forge(Kept kept, CheckpointFile form, int finished, int outcome) throws IOException {
        form.write(kept.file(), out -> {
            out.writeInt(finished);
            for (int i = 0; i < COUNT; i++) {
                out.writeByte(outcome);
                out.writeBoolean(false);
            }
        });
        assertSame(evaluate(kept, Progress.SILENT));
    }

    /// An attempt that is cancelled at a check; when there are not so many left it ends.
    private static void stopped(Kept kept, int check) {
        AtomicInteger left = new AtomicInteger(check);
        try {
            evaluate(kept, new Progress() {
                @Override
                public void report(String phase, long done, long total, Map<String, Double> metrics) {}

                @Override
                public void checkCancelled() {
                    if (left.getAndDecrement() <= 0) {
                        throw new CancelledException("enough");
                    }
                }
            });
        } catch (CancelledException expected) {
            assertThat(expected).hasMessage("enough");
        }
    }

    private static void assertSame(RobustnessReport report) {
        assertThat(report.cleanAccuracy()).isEqualTo(undisturbed.cleanAccuracy());
        for (int threat = 0; threat < SETTINGS.threats().size(); threat++) {
            ThreatResult result = report.results().get(threat);
            ThreatResult expected = undisturbed.results().get(threat);
            assertThat(result.threat()).isEqualTo(expected.threat());
            assertThat(result.outcomes()).isEqualTo(expected.outcomes());
            assertThat(result.accuracy()).isEqualTo(expected.accuracy());
            assertThat(result.largestPerturbation()).isEqualTo(expected.largestPerturbation());
        }
        assertThat(report.examples())
                .usingRecursiveFieldByFieldElementComparator()
                .isEqualTo(undisturbed.examples());
    }

    private static RobustnessReport evaluate(Kept kept, Progress progress) {
        return evaluation.evaluate(clean, SETTINGS, kept, progress);
    }

    /// Keeps the last checkpoint in a file.
    private static final class Kept implements EvaluationCheckpoints {

        private final List<String> positions = new ArrayList<>();
        private final List<String> refusals = new ArrayList<>();
        private String inputs = "model sha256:same";
        private boolean afterThreats;
        private int samplesBeforeTheOnlyOne = -1;

        Path file() {
            return folder.resolve("checkpoint");
        }

        /// With the identity that the file has.
        CheckpointFile form() throws IOException {
            try (var in = new DataInputStream(Files.newInputStream(file()))) {
                in.readUTF();
                return new CheckpointFile(in.readUTF(), in.readUTF());
            }
        }

        @Override
        public String inputs() {
            return inputs;
        }

        @Override
        public Optional<Path> last() {
            return positions.isEmpty() ? Optional.empty() : Optional.of(file());
        }

        @Override
        public void refused(String reason) {
            refusals.add(reason);
        }

        @Override
        public boolean isDue(Boundary boundary) {
            return switch (boundary) {
                case THREAT -> afterThreats;
                case SAMPLE -> --samplesBeforeTheOnlyOne == 0;
            };
        }

        @Override
        public void keep(EvaluationCheckpoint checkpoint) {
            positions.add(checkpoint.position());
            try {
                checkpoint.writeTo(file());
            } catch (IOException failure) {
                throw new UncheckedIOException(failure);
            }
        }
    }
}
