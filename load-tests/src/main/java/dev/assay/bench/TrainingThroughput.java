package dev.assay.bench;

import dev.assay.computation.CounterRandom;
import dev.assay.computation.Progress;
import dev.assay.data.LabelledImages;
import dev.assay.data.NpzImages;
import dev.assay.data.PixelScale;
import dev.assay.onnx.Graph;
import dev.assay.onnx.OnnxFile;
import dev.assay.runtime.Tensor;
import dev.assay.training.Architecture;
import dev.assay.training.Trainer;
import dev.assay.training.TrainingData;
import dev.assay.training.TrainingOptions;
import dev.assay.training.TrainingRun;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/// Training throughput: images per second and milliseconds per step of `cnn-small` on the handwritten digits
/// (batch 64)
/// and of the 202,458-parameter network of fixtures/attack on random 3×32×32 images (batch 128), by the number of
/// threads. Loading of batches is inside the time, evaluation is not. The cases take turns, so that a disturbance
/// of the
/// machine meets all of them; the median of the rounds counts.
///
/// Usage: `TrainingThroughput <fixtures folder> [rounds]`
public final class TrainingThroughput {

    private record Case(String name, Graph model, LabelledImages images, TrainingOptions options) {

        String label() {
            return name + ", batch " + options.batchSize() + ", threads " + options.threads();
        }

        double imagesPerSecond() {
            TrainingRun run = Trainer.train(model, TrainingData.of(images), options, Progress.SILENT);
            return run.imagesPerSecond();
        }
    }

    private TrainingThroughput() {}

    public static void main(String[] arguments) throws IOException {
        Path fixtures = Path.of(arguments[0]);
        int rounds = arguments.length > 1 ? Integer.parseInt(arguments[1]) : 5;
        try (LabelledImages digits = NpzImages.read(fixtures.resolve("digits/digits.npz"), PixelScale.maximum(16));
                LabelledImages large = random(1024, 32)) {
            Graph small = Trainer.untrained(Architecture.CNN_SMALL, TrainingData.of(digits), 0);
            Graph reference = OnnxFile.read(fixtures.resolve("attack/standard.onnx"));
            Map<String, Figures> speeds = new TreeMap<>();
            for (int round = -1; round < rounds; round++) { // one round to warm up
                for (int threads = 1; threads <= Runtime.getRuntime().availableProcessors(); threads++) {
                    TrainingOptions options = TrainingOptions.defaults().withThreads(threads);
                    for (Case each : List.of(
                            new Case("cnn-small on digits", small, digits, options.withEpochs(4)),
                            new Case(
                                    "202k network on 3x32x32",
                                    reference,
                                    large,
                                    options.withEpochs(1).withBatchSize(128)))) {
                        double speed = each.imagesPerSecond();
                        if (round >= 0) {
                            Figures figures = speeds.computeIfAbsent(
                                    each.label(),
                                    key -> new Figures(each.options().batchSize(), new double[rounds]));
                            figures.imagesPerSecond()[round] = speed;
                        }
                    }
                }
            }
            speeds.forEach((label, figures) -> System.out.println(label + ": " + figures.text()));
        }
    }

    private record Figures(int batchSize, double[] imagesPerSecond) {

        String text() {
            double[] sorted = imagesPerSecond.clone();
            Arrays.sort(sorted);
            double median = sorted[sorted.length / 2];
            return "median %.0f images/s (%.0f to %.0f), %.2f ms per step"
                    .formatted(median, sorted[0], sorted[sorted.length - 1], 1000 * batchSize / median);
        }
    }

    private static LabelledImages random(int count, int side) {
        CounterRandom random = CounterRandom.of(0, "bench-images", 0);
        float[] pixels = new float[count * 3 * side * side];
        for (int i = 0; i < pixels.length; i++) {
            pixels[i] = random.nextFloat();
        }
        long[] labels = random.longs(count, 0, 10).toArray();
        return LabelledImages.of(Tensor.ofFloats(pixels, count, 3, side, side), labels);
    }
}
