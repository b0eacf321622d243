package dev.assay.bench;

import com.sun.management.OperatingSystemMXBean;
import dev.assay.computation.Progress;
import dev.assay.onnx.OnnxFile;
import dev.assay.perturbation.ClassifierGraph;
import dev.assay.perturbation.ImageSource;
import dev.assay.perturbation.Objective;
import dev.assay.perturbation.PerturbationSearch;
import dev.assay.perturbation.PgdSettings;
import dev.assay.perturbation.SearchEffort;
import dev.assay.perturbation.SearchOptions;
import dev.assay.perturbation.ThreatModel;
import dev.assay.runtime.Device;
import dev.assay.runtime.Npy;
import dev.assay.runtime.Tensor;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.FloatBuffer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;

/// Image·steps per second of PGD-20, L∞ 8/255, on 100 images: the figure of fixtures/attack's
/// `bench_pgd.py`. Chunk sizes take turns, so that a disturbance of the machine meets all of them; the median
/// of the rounds counts. Reading images, random starts and the final check are inside the time. On a machine
/// that others use too, the processor time for an image·step tells more than the wall time.
///
/// Usage: `PgdThroughput <folder of fixtures/attack> [threads] [rounds] [chunk,chunk,…]`
public final class PgdThroughput {

    private static final int IMAGES = 100;
    private static final int STEPS = 20;

    private PgdThroughput() {}

    public static void main(String[] arguments) throws IOException {
        Path folder = Path.of(arguments[0]);
        int threads = arguments.length > 1 ? Integer.parseInt(arguments[1]) : 2;
        int rounds = arguments.length > 2 ? Integer.parseInt(arguments[2]) : 15;
        String chunks = arguments.length > 3 ? arguments[3] : "5,10,20,25,50";
        List<Integer> chunkSizes =
                Arrays.stream(chunks.split(",")).map(Integer::valueOf).toList();

        ClassifierGraph classifier = new ClassifierGraph(
                OnnxFile.read(folder.resolve("robust_bnfolded.onnx")),
                "input",
                "logits",
                3,
                32,
                32,
                10,
                ClassifierGraph.ANY_BATCH);
        ImageSource images = images(folder);
        List<PerturbationSearch> searches = new ArrayList<>();
        for (int chunk : chunkSizes) {
            SearchOptions options = new SearchOptions(new Device.Cpu(), threads, chunk);
            ThreatModel threat = ThreatModel.parse("linf:8/255");
            searches.add(PerturbationSearch.compile(classifier, Objective.crossEntropy(), threat.norm(), options));
        }
        double[][] speeds = new double[chunkSizes.size()][rounds];
        double[][] processorTimes = new double[chunkSizes.size()][rounds];
        for (int round = -2; round < rounds; round++) { // two rounds to warm up
            for (int i = 0; i < searches.size(); i++) {
                long before = processorNanos();
                SearchEffort effort = once(searches.get(i), images);
                if (round >= 0) {
                    speeds[i][round] = effort.imageStepsPerSecond();
                    processorTimes[i][round] = 1e-3 * (processorNanos() - before) / effort.imageSteps();
                }
            }
        }
        for (int i = 0; i < chunkSizes.size(); i++) {
            Arrays.sort(speeds[i]);
            Arrays.sort(processorTimes[i]);
            System.out.printf(
                    "PGD-%d, %d images, %d threads, chunks of %d: median %.0f image·steps/s (%.0f to %.0f), "
                            + "%.0f µs of processor time each (at least %.0f)%n",
                    STEPS,
                    IMAGES,
                    threads,
                    chunkSizes.get(i),
                    speeds[i][rounds / 2],
                    speeds[i][0],
                    speeds[i][rounds - 1],
                    processorTimes[i][rounds / 2],
                    processorTimes[i][0]);
        }
        searches.forEach(PerturbationSearch::close);
    }

    private static SearchEffort once(PerturbationSearch search, ImageSource images) {
        PgdSettings settings = PgdSettings.ofSteps(STEPS).withStepSize(0.25);
        int[] samples = IntStream.range(0, IMAGES).toArray();
        return search.run(images, samples, ThreatModel.parse("linf:8/255"), settings, attacked -> {}, Progress.SILENT);
    }

    /// Of all threads of this process.
    private static long processorNanos() {
        return ManagementFactory.getPlatformMXBean(OperatingSystemMXBean.class).getProcessCpuTime();
    }

    private static ImageSource images(Path folder) throws IOException {
        try (Tensor pixels = Npy.read(folder.resolve("images_u8.npy"));
                Tensor labels = Npy.read(folder.resolve("labels_i64.npy"))) {
            byte[] levels = pixels.toBytes();
            long[] classes = labels.toLongs();
            int size = levels.length / classes.length;
            return new ImageSource() {
                @Override
                public void read(int sample, FloatBuffer image) {
                    for (int i = 0; i < size; i++) {
                        image.put(image.position() + i, Byte.toUnsignedInt(levels[sample * size + i]) / 255f);
                    }
                }

                @Override
                public int label(int sample) {
                    return (int) classes[sample];
                }
            };
        }
    }
}
