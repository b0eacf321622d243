package dev.assay.data;

import dev.assay.computation.CounterRandom;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;

/// Which samples come in which batch of an epoch. A pure function of seed and epoch, so that a training that goes
/// on after a crash sees what it would have seen.
public final class BatchOrder {

    /// What becomes of a last batch that is not full.
    public enum LastBatch {
        KEEP,
        DROP
    }

    private enum Order {
        SEQUENTIAL,
        RANDOM
    }

    private final int samples;
    private final int batchSize;
    private final LastBatch lastBatch;
    private final Order order;
    private final long seed;

    private BatchOrder(int samples, int batchSize, LastBatch lastBatch, Order order, long seed) {
        if (samples < 0 || batchSize < 1) {
            throw new IllegalArgumentException("%d samples in batches of %d".formatted(samples, batchSize));
        }
        this.samples = samples;
        this.batchSize = batchSize;
        this.lastBatch = lastBatch;
        this.order = order;
        this.seed = seed;
    }

    /// 0, 1, 2…, in every epoch.
    public static BatchOrder sequential(int samples, int batchSize, LastBatch lastBatch) {
        return new BatchOrder(samples, batchSize, lastBatch, Order.SEQUENTIAL, 0);
    }

    /// Another uniformly random order in every epoch.
    public static BatchOrder random(int samples, int batchSize, LastBatch lastBatch, long seed) {
        return new BatchOrder(samples, batchSize, lastBatch, Order.RANDOM, seed);
    }

    /// Batches of an epoch.
    public int batches() {
        return switch (lastBatch) {
            case KEEP -> Math.ceilDiv(samples, batchSize);
            case DROP -> samples / batchSize;
        };
    }

    /// The sample numbers of each batch of an epoch, from 0.
    public List<int[]> epoch(int epoch) {
        int[] visited = switch (order) {
            case SEQUENTIAL -> IntStream.range(0, samples).toArray();
            case RANDOM -> CounterRandom.of(seed, "batch-order", epoch).permutation(samples);
        };
        return IntStream.range(0, batches())
                .mapToObj(batch -> Arrays.copyOfRange(
                        visited, batch * batchSize, (int) Math.min((batch + 1L) * batchSize, samples)))
                .toList();
    }
}
