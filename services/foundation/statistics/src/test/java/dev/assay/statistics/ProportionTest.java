package dev.assay.statistics;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.DoubleRange;
import net.jqwik.api.constraints.LongRange;
import org.hipparchus.distribution.continuous.NormalDistribution;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ProportionTest {

    /// R. G. Newcombe, "Two-sided confidence intervals for the single proportion", Statistics in Medicine 17
    /// (1998), table I, method 3 (score, no continuity correction), 95 %.
    @ParameterizedTest
    @CsvSource({"81, 263, 0.2553, 0.3662", "15, 148, 0.0624, 0.1605", "0, 20, 0.0000, 0.1611", "1, 29, 0.0061, 0.1718"})
    void wilsonIntervalsAreThosePublishedByNewcombe(long successes, long trials, double low, double high) {
        Interval interval = new Proportion(successes, trials).wilson(0.95);
        assertThat(interval.low()).isCloseTo(low, within(5e-5));
        assertThat(interval.high()).isCloseTo(high, within(5e-5));
    }

    /// The interval's ends are where the score test is just significant: |p − end| = z·√(end(1−end)/n).
    @Property(tries = 200)
    void theEndsSolveTheScoreEquation(
            @ForAll @LongRange(min = 1, max = 5000) long trials,
            @ForAll @DoubleRange(min = 0, max = 1) double share,
            @ForAll @DoubleRange(min = 0.5, max = 0.99) double confidence) {
        Proportion proportion = new Proportion(Math.round(share * trials), trials);
        Interval interval = proportion.wilson(confidence);
        double z = new NormalDistribution().inverseCumulativeProbability(0.5 + confidence / 2);
        assertThat(interval.low()).isBetween(0.0, proportion.value());
        assertThat(interval.high()).isBetween(proportion.value(), 1.0);
        assertThat(proportion.value() - interval.low()).isCloseTo(reach(z, interval.low(), trials), within(1e-9));
        assertThat(interval.high() - proportion.value()).isCloseTo(reach(z, interval.high(), trials), within(1e-9));
    }

    @Test
    void noSuccessGivesAnIntervalFromExactlyZeroAndAllToExactlyOne() {
        assertThat(new Proportion(0, 7).wilson(0.9).low()).isZero();
        assertThat(new Proportion(7, 7).wilson(0.9).high()).isOne();
    }

    @Test
    void countsAndConfidencesThatCannotBeAreRefused() {
        assertThatThrownBy(() -> new Proportion(3, 2)).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> new Proportion(0, 0)).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> new Proportion(1, 2).wilson(95))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("0.95");
    }

    private static double reach(double z, double end, long trials) {
        return z * Math.sqrt(end * (1 - end) / trials);
    }
}
