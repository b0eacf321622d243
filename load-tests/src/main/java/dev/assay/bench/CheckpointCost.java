package dev.assay.bench;

import dev.assay.computation.Progress;
import dev.assay.data.LabelledImages;
import dev.assay.data.NpzImages;
import dev.assay.data.PixelScale;
import dev.assay.onnx.Graph;
import dev.assay.training.Architecture;
import dev.assay.training.Trainer;
import dev.assay.training.TrainingCheckpoint;
import dev.assay.training.TrainingCheckpoints;
import dev.assay.training.TrainingData;
import dev.assay.training.TrainingOptions;
import dev.assay.worker.FileArtifactStore;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/// What checkpoints cost a training of `cnn-small` on the handwritten digits (one thread, batch 64, 336 steps): its
/// wall time without any, with one each 250 steps and with one after every step, each written and stored as the
/// service does it, but for the event. The cases take turns; the median of the rounds counts.
///
/// Usage: `CheckpointCost <fixtures folder> [rounds]`
public final class CheckpointCost {

    private static final int NEVER = Integer.MAX_VALUE;

    private CheckpointCost() {}

    public static void main(String[] arguments) throws IOException {
        int rounds = arguments.length > 1 ? Integer.parseInt(arguments[1]) : 7;
        Path folder = Files.createTempDirectory("assay-checkpoint-cost-");
        try (LabelledImages digits =
                NpzImages.read(Path.of(arguments[0]).resolve("digits/digits.npz"), PixelScale.maximum(16))) {
            TrainingData data = TrainingData.of(digits);
            TrainingOptions options = TrainingOptions.defaults().withThreads(1);
            Graph untrained = Trainer.untrained(Architecture.CNN_SMALL, data, 0);
            Map<Integer, List<Double>> seconds = new TreeMap<>();
            List<Double> each = new ArrayList<>();
            for (int round = -1; round < rounds; round++) { // one round to warm up
                for (int every : List.of(NEVER, 250, 1)) {
                    Stored stored = new Stored(new FileArtifactStore(folder.resolve("store")), folder, every);
                    long start = System.nanoTime();
                    Trainer.train(untrained, data, options, stored, Progress.SILENT);
                    double took = (System.nanoTime() - start) / 1e9;
                    if (round >= 0) {
                        seconds.computeIfAbsent(every, key -> new ArrayList<>()).add(took);
                        each.addAll(stored.milliseconds);
                    }
                }
            }
            seconds.forEach((every, took) -> System.out.printf(
                    "%s: median %.3f s (%.3f to %.3f)%n",
                    every == NEVER ? "no checkpoints" : "one each " + every + " steps",
                    median(took),
                    took.stream().min(Double::compare).orElseThrow(),
                    took.stream().max(Double::compare).orElseThrow()));
            System.out.printf(
                    "one checkpoint of %d bytes: median %.2f ms of %d%n",
                    Files.size(folder.resolve("checkpoint")), median(each), each.size());
        }
    }

    private static double median(List<Double> values) {
        return values.stream().sorted().toList().get(values.size() / 2);
    }

    /// Stores every so many steps, and notes how long it took.
    private static final class Stored implements TrainingCheckpoints {

        private final FileArtifactStore store;
        private final Path folder;
        private final int every;
        private final List<Double> milliseconds = new ArrayList<>();

        Stored(FileArtifactStore store, Path folder, int every) {
            this.store = store;
            this.folder = folder;
            this.every = every;
        }

        @Override
        public String inputs() {
            return "";
        }

        @Override
        public Optional<Path> last() {
            return Optional.empty();
        }

        @Override
        public void refused(String reason) {
            throw new IllegalStateException(reason);
        }

        @Override
        public boolean isDue(long steps) {
            return steps >= every;
        }

        @Override
        public void keep(TrainingCheckpoint checkpoint) {
            long start = System.nanoTime();
            Path file = folder.resolve("checkpoint");
            try {
                checkpoint.writeTo(file);
            } catch (IOException failure) {
                throw new UncheckedIOException(failure);
            }
            store.put(file, "application/octet-stream");
            milliseconds.add((System.nanoTime() - start) / 1e6);
        }
    }
}
