package dev.assay.statistics;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.util.Arrays;
import java.util.stream.IntStream;
import org.hipparchus.distribution.discrete.BinomialDistribution;
import org.junit.jupiter.api.Test;

class BootstrapTest {

    /// Efron & Tibshirani (1993), table 14.1: the spatial test A of 26 children.
    private static final double[] SPATIAL = {
        48, 36, 20, 29, 42, 42, 20, 42, 22, 41, 45, 14, 6, 0, 33, 28, 34, 4, 32, 24, 47, 41, 24, 26, 30, 41
    };

    /// Their section 14.3: the plug-in variance is 171.5, a = 0.061, and the 90 % intervals from 2,000 resamples
    /// are (100.8, 233.9) by percentiles and (115.8, 259.6) by BCa.
    @Test
    void theSpatialTestGivesTheBooksIntervals() {
        Bootstrap bootstrap = new Bootstrap(1, 20_000);
        assertThat(variance(range(26))).isCloseTo(171.5, within(0.05));
        assertThat(Bootstrap.acceleration(26, BootstrapTest::variance)).isCloseTo(0.061, within(5e-4));
        Interval percentile = bootstrap.percentile(26, BootstrapTest::variance, 0.9);
        Interval bca = bootstrap.bca(26, BootstrapTest::variance, 0.9);
        // Three standard errors of the book's own 2,000 resamples: 1.7 for the 5 % quantile, measured over 200
        // sets.
        assertThat(percentile.low()).isCloseTo(100.8, within(5.2));
        assertThat(percentile.high()).isCloseTo(233.9, within(5.2));
        assertThat(bca.low()).isCloseTo(115.8, within(5.2));
        assertThat(bca.high()).isCloseTo(259.6, within(5.2));
    }

    /// The same formulas over three million resamples by numpy 2.4: (97.84, 235.61) by percentiles, (115.75,
    /// 261.36) by BCa; 50,000 resamples have standard errors of 0.35, 0.41, 0.43 and 0.82 there, of which four
    /// are allowed.
    @Test
    void theSpatialTestGivesTheIntervalsOfManyMoreResamples() {
        Bootstrap bootstrap = new Bootstrap(2, 50_000);
        Interval percentile = bootstrap.percentile(26, BootstrapTest::variance, 0.9);
        Interval bca = bootstrap.bca(26, BootstrapTest::variance, 0.9);
        assertThat(percentile.low()).isCloseTo(97.84, within(1.4));
        assertThat(percentile.high()).isCloseTo(235.61, within(1.7));
        assertThat(bca.low()).isCloseTo(115.75, within(1.7));
        assertThat(bca.high()).isCloseTo(261.36, within(3.3));
    }

    /// The mean of resampled zeros and ones is binomial: the percentile interval is known in closed form.
    @Test
    void thePercentilesOfAShareAreBinomialQuantiles() {
        int samples = 200;
        int ones = 60;
        Interval interval = new Bootstrap(3, 20_000)
                .percentile(
                        samples,
                        indices -> Arrays.stream(indices).filter(i -> i < ones).count() / (double) samples,
                        0.95);
        BinomialDistribution binomial = new BinomialDistribution(samples, (double) ones / samples);
        double step = 1.0 / samples;
        assertThat(interval.low()).isCloseTo(binomial.inverseCumulativeProbability(0.025) * step, within(step));
        assertThat(interval.high()).isCloseTo(binomial.inverseCumulativeProbability(0.975) * step, within(step));
    }

    @Test
    void theSameSeedGivesTheSameResamplesHoweverManyFollow() {
        double[] few = new Bootstrap(9, 10).distribution(26, BootstrapTest::variance);
        double[] many = new Bootstrap(9, 40).distribution(26, BootstrapTest::variance);
        assertThat(Arrays.copyOf(many, 10)).isEqualTo(few);
        assertThat(new Bootstrap(10, 10).distribution(26, BootstrapTest::variance))
                .isNotEqualTo(few);
    }

    @Test
    void aConstantStatisticGivesAnIntervalOfNoWidth() {
        Interval interval = new Bootstrap(1, 100).bca(5, indices -> 0.75, 0.95);
        assertThat(interval).isEqualTo(new Interval(0.75, 0.75, 0.95));
    }

    @Test
    void tooFewSamplesAreRefused() {
        assertThatThrownBy(() -> new Bootstrap(1, 100).percentile(1, indices -> 0, 0.95))
                .isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> new Bootstrap(1, 0)).isInstanceOf(IllegalArgumentException.class);
    }

    private static double variance(int[] indices) {
        double mean =
                Arrays.stream(indices).mapToDouble(i -> SPATIAL[i]).average().orElseThrow();
        return Arrays.stream(indices)
                .mapToDouble(i -> (SPATIAL[i] - mean) * (SPATIAL[i] - mean))
                .average()
                .orElseThrow();
    }

    private static int[] range(int end) {
        return IntStream.range(0, end).toArray();
    }
}
