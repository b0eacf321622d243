package dev.assay.computation;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.Arrays;
import java.util.stream.IntStream;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import org.junit.jupiter.api.Test;

class CounterRandomTest {

    @Property
    void aStreamIsAFunctionOfSeedPurposeAndIndex(@ForAll long seed, @ForAll long index) {
        var one = CounterRandom.of(seed, "start", index);
        var other = CounterRandom.of(seed, "start", index);
        for (int i = 0; i < 5; i++) {
            assertThat(one.nextLong()).isEqualTo(other.nextLong());
        }
        assertThat(CounterRandom.of(seed, "start", index + 1).nextLong())
                .isNotEqualTo(CounterRandom.of(seed, "start", index).nextLong());
        assertThat(CounterRandom.of(seed, "order", index).nextLong())
                .isNotEqualTo(CounterRandom.of(seed, "start", index).nextLong());
    }

    @Property
    void aPermutationHoldsEveryIndexOnce(@ForAll long seed, @ForAll @IntRange(max = 300) int size) {
        int[] order = CounterRandom.of(seed, "order", 0).permutation(size);
        Arrays.sort(order);
        assertThat(order).isEqualTo(IntStream.range(0, size).toArray());
    }

    @Test
    void uniformDrawsHaveTheMomentsOfTheUniformDistribution() {
        var random = CounterRandom.of(7, "moments", 0);
        int count = 100_000;
        double sum = 0;
        double squares = 0;
        for (int i = 0; i < count; i++) {
            double value = random.nextDouble();
            sum += value;
            squares += value * value;
        }
        // five standard errors of the mean (1/sqrt(12 n)) and of the second moment (sqrt(4/45 n))
        assertThat(sum / count).isCloseTo(0.5, within(5 / Math.sqrt(12.0 * count)));
        assertThat(squares / count).isCloseTo(1 / 3.0, within(5 * Math.sqrt(4 / 45.0 / count)));
    }
}
