package dev.assay.training;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.assay.computation.CancelledException;
import dev.assay.computation.CheckpointFile;
import dev.assay.computation.Progress;
import dev.assay.data.LabelledImages;
import dev.assay.onnx.Graph;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.lifecycle.AfterContainer;
import net.jqwik.api.lifecycle.BeforeContainer;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/// A training that was interrupted and one that was not give the same.
class TrainingCheckpointTest {

    /// Ten epochs' worth of boundaries: four steps an epoch, the switch after two, an evaluation after each.
    private static final TrainingOptions OPTIONS = TrainingOptions.defaults()
            .withBatchSize(16)
            .withEpochs(4)
            .withThreads(1)
            .withRate(new TwoPhaseRate(0.05, 0.02, 0.9, 0.5));

    private static final int STEPS = 16;

    private static Path folder;
    private static LabelledImages train;
    private static LabelledImages test;
    private static TrainingRun undisturbed;

    @BeforeContainer
    @BeforeAll
    static void trainOnce() throws IOException {
        folder = Files.createTempDirectory("training-checkpoint-");
        train = Samples.exclusiveOr(70);
        test = Samples.exclusiveOr(120);
        undisturbed = train(new Kept(), Progress.SILENT);
    }

    @AfterContainer
    @AfterAll
    static void close() throws IOException {
        train.close();
        test.close();
        Files.deleteIfExists(folder.resolve("checkpoint"));
        Files.delete(folder);
    }

    /// Checks come before each step and in each of the three chunks of an evaluation: 16 steps, 4 evaluations of
    /// the epochs, and the last one of both data sets.
    @Property(tries = 60)
    void aTrainingThatIsStoppedAnywhereGoesOnToTheSameWeightsAndEpochs(
            @ForAll @IntRange(min = 0, max = 45) int firstStop, @ForAll @IntRange(min = 0, max = 45) int secondStop) {
        Kept kept = new Kept();
        stopped(kept, firstStop);
        stopped(kept, secondStop);

        TrainingRun resumed = train(kept, Progress.SILENT);

        assertSame(resumed);
        assertThat(kept.refusals).isEmpty();
    }

    @Property(tries = 16)
    void aTrainingGoesOnFromACheckpointThatWasDueAndDoesOnlyWhatIsLeft(
            @ForAll @IntRange(min = 1, max = STEPS) int every) {
        Kept kept = new Kept();
        kept.every = every;
        train(kept, Progress.SILENT);
        assertThat(kept.positions).hasSize(STEPS / every);

        List<Long> done = new ArrayList<>();
        assertSame(train(kept, (phase, steps, total, metrics) -> done.add(steps)));

        assertThat(done).isSorted();
        assertThat(done.getFirst()).isGreaterThanOrEqualTo((long) STEPS / every * every);
    }

    @Test
    void aStopIsKeptAtEachKindOfBoundary() {
        assertThat(positionWhenStopped(2)).isEqualTo("epoch 1 of 4, step 2 of 4");
        assertThat(positionWhenStopped(4)).isEqualTo("epoch 1 of 4, step 4 of 4"); // its evaluation is not done
        assertThat(positionWhenStopped(7)).isEqualTo("1 of 4 epochs");
        assertThat(positionWhenStopped(14)).isEqualTo("2 of 4 epochs"); // at the switch
        assertThat(positionWhenStopped(29)).isEqualTo("4 of 4 epochs"); // in the last evaluation
    }

    @Test
    void aStopBeforeTheFirstStepKeepsNothing() {
        Kept kept = new Kept();
        stopped(kept, 0);
        assertThat(kept.positions).isEmpty();
    }

    @Test
    void aStepUnderWayIsEndedAndItsTrainingGoesOnFromTheStateBeforeIt() throws Exception {
        Kept kept = new Kept();
        OnlyTellsTheGraph progress = new OnlyTellsTheGraph(9);

        assertThatThrownBy(() -> train(kept, progress)).isInstanceOf(CancelledException.class);

        assertThat(kept.positions).hasSize(1);
        assertSame(train(kept, Progress.SILENT));
    }

    @Test
    void timeOfEarlierAttemptsCountsWithTheirSteps() throws Exception {
        Kept kept = new Kept();
        stopped(kept, 20);
        TrainingRun resumed = train(kept, Progress.SILENT);
        TrainingTime earlier = kept.time();

        assertThat(earlier.stepNanos()).isPositive().isLessThanOrEqualTo(earlier.wallNanos());
        assertThat(resumed.wallSeconds()).isGreaterThan(earlier.wallNanos() / 1e9);
        assertThat(resumed.imagesPerSecond()).isLessThan(STEPS * 16 / (earlier.stepNanos() / 1e9));
    }

    @Property(tries = 60)
    void aDamagedCheckpointIsRefusedAndTheTrainingBeginsAnew(
            @ForAll @IntRange(min = 0, max = 1_000_000) int where,
            @ForAll @IntRange(min = 1, max = 255) int difference,
            @ForAll boolean cutOff)
            throws IOException {
        Kept kept = new Kept();
        stopped(kept, 10);
        byte[] bytes = Files.readAllBytes(kept.file());
        int place = where % bytes.length;
        bytes[place] ^= (byte) difference;
        Files.write(kept.file(), cutOff ? Arrays.copyOf(bytes, place) : bytes);

        assertSame(train(kept, Progress.SILENT));

        assertThat(kept.refusals).hasSize(1);
    }

    @Test
    void aCheckpointOfAnotherTrainingIsRefused() {
        Kept kept = new Kept();
        stopped(kept, 10);

        kept.inputs = "data sha256:other";
        assertSame(train(kept, Progress.SILENT));
        assertThat(kept.refusals).singleElement().asString().contains("other data or with other settings");

        kept.inputs = "data sha256:same";
        TrainingOptions longer = OPTIONS.withEpochs(5);
        assertThat(train(longer, kept, Progress.SILENT).epochs()).hasSize(5);
        assertThat(kept.refusals).hasSize(2);

        TrainingOptions twoThreads = OPTIONS.withThreads(2);
        assertThat(train(twoThreads, kept, Progress.SILENT).threads()).isEqualTo(2);
        assertThat(kept.refusals.getLast()).contains("1 threads");
    }

    @Test
    void aTrainingThatMayChooseItsThreadsTakesThoseOfTheCheckpoint() {
        TrainingOptions automatic = OPTIONS.withThreads(TrainingOptions.AUTOMATIC);
        Kept kept = new Kept();
        TrainingOptions three = OPTIONS.withThreads(3);
        assertThatThrownBy(() -> train(three, kept, new StopsAtCheck(10))).isInstanceOf(CancelledException.class);

        assertThat(train(automatic, kept, Progress.SILENT).threads()).isEqualTo(3);
        assertThat(train(automatic, new Kept(), Progress.SILENT).threads()).isEqualTo(1);
    }

    @Test
    void aForgedCheckpointWithOtherTensorsOrAPointBeyondTheEndIsRefused() throws Exception {
        Kept kept = new Kept();
        stopped(kept, 10);
        CheckpointFile form = kept.form();

        forge(kept, form, 0, 0, 0);
        forge(kept, form, 1, 5, 0);
        forge(kept, form, 1, Integer.MAX_VALUE, 0);
        forge(kept, form, 1, 0, 5);
        forge(kept, form, 1, 0, -1);
        forge(kept, form, 1, 0, 3);

        assertThat(kept.refusals).hasSize(6);
        assertThat(kept.refusals.getLast()).contains("has the tensor 'w' of 8 bytes where the model has");
    }

    private static void forge(Kept kept, CheckpointFile form, int threads, int epochs, int steps) throws IOException {
        form.write(kept.file(), out -> {
            out.writeInt(threads);
            out.writeInt(epochs);
            out.writeInt(steps);
            out.writeLong(0);
            out.writeDouble(0);
            out.writeDouble(0);
            TrainingTime.NONE.writeTo(out);
            out.writeInt(12);
            for (int i = 0; i < 12; i++) {
                out.writeUTF("w");
                out.writeLong(8);
            }
        });
        assertSame(train(kept, Progress.SILENT));
    }

    private static String positionWhenStopped(int check) {
        Kept kept = new Kept();
        stopped(kept, check);
        return kept.positions.getLast();
    }

    /// An attempt that is cancelled at a check; when there are not so many left it ends.
    private static void stopped(Kept kept, int check) {
        try {
            train(kept, new StopsAtCheck(check));
        } catch (CancelledException expected) {
            assertThat(expected).hasMessage("enough");
        }
    }

    private static void assertSame(TrainingRun run) {
        assertThat(run.model()).isEqualTo(undisturbed.model());
        assertThat(run.epochs()).isEqualTo(undisturbed.epochs());
        assertThat(run.trainAccuracy()).isEqualTo(undisturbed.trainAccuracy());
        assertThat(run.testAccuracy()).isEqualTo(undisturbed.testAccuracy());
    }

    private static TrainingRun train(Kept kept, Progress progress) {
        return train(OPTIONS, kept, progress);
    }

    private static TrainingRun train(TrainingOptions options, Kept kept, Progress progress) {
        TrainingData data = TrainingData.of(train, test);
        Graph untrained = Trainer.untrained(Architecture.MLP, data, options.seed());
        return Trainer.train(untrained, data, options, kept, progress);
    }

    /// Keeps the last checkpoint in a file.
    private static final class Kept implements TrainingCheckpoints {

        private final List<String> positions = new ArrayList<>();
        private final List<String> refusals = new ArrayList<>();
        private String inputs = "data sha256:same";
        private int every = Integer.MAX_VALUE;

        Path file() {
            return folder.resolve("checkpoint");
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
        public boolean isDue(long steps) {
            return steps >= every;
        }

        @Override
        public void keep(TrainingCheckpoint checkpoint) {
            positions.add(checkpoint.position());
            try {
                checkpoint.writeTo(file());
            } catch (IOException failure) {
                throw new UncheckedIOException(failure);
            }
        }

        /// With the identity that the file has.
        CheckpointFile form() throws IOException {
            try (var in = new java.io.DataInputStream(Files.newInputStream(file()))) {
                in.readUTF();
                return new CheckpointFile(in.readUTF(), in.readUTF());
            }
        }

        TrainingTime time() throws Exception {
            return form().read(file(), in -> {
                in.readInt();
                TrainingCourse.readFrom(in, OPTIONS.epochs(), STEPS / OPTIONS.epochs());
                return TrainingTime.readFrom(in);
            });
        }
    }

    private static final class StopsAtCheck implements Progress {

        private int left;

        StopsAtCheck(int checks) {
            this.left = checks;
        }

        @Override
        public void report(String phase, long done, long total, Map<String, Double> metrics) {}

        @Override
        public void checkCancelled() {
            if (left-- <= 0) {
                throw new CancelledException("enough");
            }
        }
    }

    /// Never throws, but has runs ended once there have been so many checks.
    private static final class OnlyTellsTheGraph implements Progress {

        private final List<Runnable> actions = new ArrayList<>();
        private int left;

        OnlyTellsTheGraph(int checks) {
            this.left = checks;
        }

        @Override
        public void report(String phase, long done, long total, Map<String, Double> metrics) {}

        @Override
        public synchronized void checkCancelled() {
            if (left-- == 0) {
                List.copyOf(actions).forEach(Runnable::run);
            }
        }

        @Override
        public synchronized Watch whenCancelled(Runnable action) {
            actions.add(action);
            return () -> actions.remove(action);
        }
    }
}
