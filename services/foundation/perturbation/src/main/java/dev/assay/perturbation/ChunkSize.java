package dev.assay.perturbation;

import dev.assay.runtime.Device;

/// How many images go through all steps together. On a CPU a chunk's working set should stay in a core's cache,
/// yet be large enough that the cost of starting a run does not count: measured with the networks of
/// docs/benchmarks.md. A table and not a probe, because a probe's answer would change from run to run, and with
/// it the rounding of results.
final class ChunkSize {

    /// Values of an image, and the chunk that suits images up to that size.
    private record Row(int imageSize, int chunk) {}

    private static final Row[] CPU = {
        new Row(8 * 8, 50),
        new Row(16 * 16, 25),
        new Row(3 * 32 * 32, 10),
        new Row(3 * 64 * 64, 6),
        new Row(3 * 128 * 128, 4)
    };

    private static final int CPU_LARGE = 2;

    /// A GPU wants work for all its cores at once: as many values as 1,000 images of 3×32×32.
    private static final int CUDA_VALUES = 1000 * 3 * 32 * 32;

    private ChunkSize() {}

    static int of(ClassifierGraph classifier, Device device) {
        if (classifier.batch() != ClassifierGraph.ANY_BATCH) {
            return classifier.batch();
        }
        return switch (device) {
            case Device.Cpu _ -> onCpu(classifier.imageSize());
            case Device.Cuda _ -> Math.max(1, CUDA_VALUES / classifier.imageSize());
        };
    }

    private static int onCpu(int imageSize) {
        for (Row row : CPU) {
            if (imageSize <= row.imageSize()) {
                return row.chunk();
            }
        }
        return CPU_LARGE;
    }
}
