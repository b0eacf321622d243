package dev.assay.perturbation;

import dev.assay.runtime.Device;
import java.util.Objects;

/// How a search uses the machine. Outcomes do not depend on it.
///
/// @param threads that run chunks of images at once, each run on one thread; at least 1
/// @param chunkSize images that go through all steps together, at least 1; {@link #AUTOMATIC}: from a table by
///     image size. A classifier that insists on a batch size gets that.
public record SearchOptions(Device device, int threads, int chunkSize) {

    public static final int AUTOMATIC = 0;

    public SearchOptions {
        Objects.requireNonNull(device, "device");
        if (threads < 1 || chunkSize < 0) {
            throw new IllegalArgumentException(
                    "%d threads, chunks of %d; give at least 1 thread".formatted(threads, chunkSize));
        }
    }

    /// All processors of the CPU, or one thread that feeds a GPU.
    public static SearchOptions on(Device device) {
        return switch (device) {
            case Device.Cpu _ -> new SearchOptions(device, Runtime.getRuntime().availableProcessors(), AUTOMATIC);
            case Device.Cuda _ -> new SearchOptions(device, 1, AUTOMATIC);
        };
    }

    public SearchOptions withThreads(int number) {
        return new SearchOptions(device, number, chunkSize);
    }

    public SearchOptions withChunkSize(int images) {
        return new SearchOptions(device, threads, images);
    }

    int chunkFor(ClassifierGraph classifier) {
        if (chunkSize == AUTOMATIC || classifier.batch() != ClassifierGraph.ANY_BATCH) {
            return ChunkSize.of(classifier, device);
        }
        return chunkSize;
    }
}
