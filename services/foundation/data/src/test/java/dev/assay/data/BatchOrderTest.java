package dev.assay.data;

import static org.assertj.core.api.Assertions.assertThat;

import dev.assay.data.BatchOrder.LastBatch;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import org.junit.jupiter.api.Test;

class BatchOrderTest {

    @Property(tries = 100)
    void everySampleComesOnceInAnEpoch(
            @ForAll @IntRange(max = 300) int samples,
            @ForAll @IntRange(min = 1, max = 50) int batchSize,
            @ForAll @IntRange(max = 5) int epoch,
            @ForAll long seed) {
        BatchOrder order = BatchOrder.random(samples, batchSize, LastBatch.KEEP, seed);
        List<int[]> batches = order.epoch(epoch);
        assertThat(batches).hasSize(order.batches());
        assertThat(batches.stream().flatMapToInt(Arrays::stream).sorted().toArray())
                .isEqualTo(IntStream.range(0, samples).toArray());
        assertThat(batches.stream().limit(Math.max(0, batches.size() - 1)))
                .allMatch(batch -> batch.length == batchSize);
        List<int[]> full =
                BatchOrder.random(samples, batchSize, LastBatch.DROP, seed).epoch(epoch);
        assertThat(full).hasSize(samples / batchSize).allMatch(batch -> batch.length == batchSize);
    }

    @Test
    void anOrderIsAFunctionOfSeedAndEpoch() {
        BatchOrder order = BatchOrder.random(100, 100, LastBatch.KEEP, 1);
        assertThat(order.epoch(3).getFirst())
                .isEqualTo(
                        BatchOrder.random(100, 100, LastBatch.KEEP, 1).epoch(3).getFirst())
                .isNotEqualTo(order.epoch(4).getFirst())
                .isNotEqualTo(
                        BatchOrder.random(100, 100, LastBatch.KEEP, 2).epoch(3).getFirst());
    }

    @Test
    void theSequentialOrderIsThatOfTheData() {
        assertThat(BatchOrder.sequential(5, 2, LastBatch.KEEP).epoch(7))
                .containsExactly(new int[] {0, 1}, new int[] {2, 3}, new int[] {4});
    }
}
