package dev.assay.training;

import static org.assertj.core.api.Assertions.assertThat;

import dev.assay.computation.Progress;
import dev.assay.data.LabelledImages;
import dev.assay.onnx.Graph;
import dev.assay.onnx.OnnxFile;
import dev.assay.runtime.Device;
import dev.assay.runtime.Program;
import dev.assay.runtime.ProgramOptions;
import dev.assay.runtime.Tensor;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class TrainerTest {

    private static final TrainingOptions QUICK =
            TrainingOptions.defaults().withBatchSize(16).withThreads(2);

    @Test
    void aNetworkWithHiddenUnitsLearnsExclusiveOr() {
        try (LabelledImages data = Samples.exclusiveOr(128)) {
            TrainingRun run = train(Architecture.MLP, data, QUICK.withEpochs(40));

            assertThat(run.trainAccuracy().value()).isEqualTo(1.0);
            assertThat(run.epochs().getLast().loss()).isLessThan(0.1);
        }
    }

    @Test
    void aHundredStepsLowerTheLoss() {
        try (LabelledImages data = Samples.brightAndDark(160, 3, 8)) {
            TrainingRun run = train(
                    Architecture.CNN_SMALL,
                    data,
                    QUICK.withEpochs(10).withRate(new TwoPhaseRate(0.01, 0.001, 0.9, 0.5)));

            List<Double> losses = run.epochs().stream().map(EpochRecord::loss).toList();
            assertThat(losses.getFirst()).isBetween(0.2, 1.0); // near ln 2 = 0.69: the initial logits are small
            assertThat(losses.getLast()).isLessThan(0.5 * losses.getFirst());
        }
    }

    @Test
    void theSameSeedGivesTheSameWeightsToTheLastBitAndAnotherSeedDoesNot() {
        try (LabelledImages data = Samples.brightAndDark(48, 1, 8)) {
            TrainingOptions options = QUICK.withEpochs(3);

            Graph first =
                    train(Architecture.CNN_SMALL, data, options.withSeed(1)).model();

            assertThat(train(Architecture.CNN_SMALL, data, options.withSeed(1)).model())
                    .isEqualTo(first);
            assertThat(train(Architecture.CNN_SMALL, data, options.withSeed(2)).model())
                    .isNotEqualTo(first);
        }
    }

    @Test
    void theSwitchIsMadeOnceAndEachEpochTellsItsPhaseAndRate() {
        try (LabelledImages data = Samples.exclusiveOr(32)) {
            TrainingRun run = train(Architecture.MLP, data, QUICK.withEpochs(5));

            assertThat(run.epochs()).extracting(EpochRecord::number).containsExactly(1, 2, 3, 4, 5);
            assertThat(run.epochs()).extracting(EpochRecord::rate).containsExactly(0.1, 0.1, 0.1, 0.005, 0.005);
            assertThat(run.epochs())
                    .extracting(epoch -> epoch.phase().label())
                    .containsExactly("large-step", "large-step", "large-step", "small-step", "small-step");
        }
    }

    @Test
    void progressTellsOfEveryEpochInStepsOfTheWholeRun() {
        List<Long> done = new ArrayList<>();
        List<Map<String, Double>> metrics = new ArrayList<>();
        Progress progress = (phase, finished, total, now) -> {
            assertThat(total).isEqualTo(2 * 8);
            done.add(finished);
            if (!phase.equals("evaluation")) {
                metrics.add(now);
            }
        };
        try (LabelledImages data = Samples.exclusiveOr(128);
                LabelledImages test = Samples.exclusiveOr(16)) {
            TrainingData both = TrainingData.of(data, test);
            Trainer.train(Trainer.untrained(Architecture.MLP, both, 0), both, QUICK.withEpochs(2), progress);
        }
        assertThat(done).isSorted().contains(8L, 16L).hasSizeGreaterThanOrEqualTo(8);
        assertThat(metrics)
                .allSatisfy(now ->
                        assertThat(now).containsKeys("epoch", "loss", "train_accuracy", "rate", "images_per_second"))
                .anySatisfy(now -> assertThat(now).containsKey("test_accuracy"));
    }

    @Test
    void aDataSetSmallerThanABatchIsOneBatch() {
        try (LabelledImages data = Samples.exclusiveOr(8)) {
            TrainingRun run =
                    train(Architecture.MLP, data, QUICK.withBatchSize(64).withEpochs(2));

            assertThat(run.batchSize()).isEqualTo(8);
            assertThat(run.trainAccuracy().trials()).isEqualTo(8);
        }
    }

    @Test
    void theSavedModelAnswersAsTheTrainedOneAndCarriesItsCard(@TempDir Path folder) throws IOException {
        try (LabelledImages data = Samples.brightAndDark(70, 3, 8)) {
            TrainingRun run = train(Architecture.CNN_SMALL, data, QUICK.withEpochs(2))
                    .withMetadata(Map.of("assay.class_names", "[\"dark\",\"bright\"]"));
            OnnxFile.write(run.model(), folder.resolve("model.onnx"));
            Graph read = OnnxFile.read(folder.resolve("model.onnx"));

            assertThat(read).isEqualTo(run.model());
            assertThat(read.metadata()).containsEntry("assay.class_names", "[\"dark\",\"bright\"]");
            assertThat(read.inputs()).hasToString("[images: FLOAT[N, 3, 8, 8]]");
            assertThat(read.outputs()).hasToString("[logits: FLOAT[N, 2]]");
            assertThat(right(read, data)).isEqualTo(run.trainAccuracy().successes());
        }
    }

    @Test
    void digitsAreLearntWithinTwelveEpochs() throws IOException {
        try (LabelledImages all = Samples.digits()) {
            TrainingData data = Samples.digits(all);
            TrainingOptions options = TrainingOptions.defaults();
            TrainingRun run = Trainer.train(
                    Trainer.untrained(Architecture.CNN_SMALL, data, options.seed()), data, options, Progress.SILENT);

            // The demo promises 0.97; 0.95 leaves room for other processors' rounding.
            assertThat(run.testAccuracy().orElseThrow().value()).isGreaterThanOrEqualTo(0.95);
            assertThat(run.epochs().getLast().testAccuracy().orElseThrow())
                    .isEqualTo(run.testAccuracy().orElseThrow().value());
        }
    }

    private static TrainingRun train(Architecture architecture, LabelledImages images, TrainingOptions options) {
        TrainingData data = TrainingData.of(images);
        return Trainer.train(Trainer.untrained(architecture, data, options.seed()), data, options, Progress.SILENT);
    }

    /// Right answers of a model run as any user would, weights as constants.
    private static int right(Graph model, LabelledImages data) {
        int[] all = IntStream.range(0, data.count()).toArray();
        try (Program program = Program.compile(model, new Device.Cpu(), ProgramOptions.singleThreaded());
                Tensor images = data.images(all);
                Tensor logits = program.run(Map.of(Architecture.IMAGES, images)).get(Architecture.LOGITS)) {
            float[] values = logits.toFloats();
            return (int) IntStream.of(all)
                    .filter(n -> (values[2 * n] >= values[2 * n + 1] ? 0 : 1) == data.label(n))
                    .count();
        }
    }
}
