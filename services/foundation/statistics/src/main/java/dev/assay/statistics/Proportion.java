package dev.assay.statistics;

import org.hipparchus.distribution.continuous.NormalDistribution;

/// How often something happened: correct answers among images, flips among pairs.
///
/// @param successes 0 to `trials`
/// @param trials at least 1, independent
public record Proportion(long successes, long trials) {

    public Proportion {
        if (trials < 1 || successes < 0 || successes > trials) {
            throw new IllegalArgumentException("%d successes in %d trials; give at least one trial and 0 to all of them"
                    .formatted(successes, trials));
        }
    }

    /// The share of successes, in [0, 1].
    public double value() {
        return (double) successes / trials;
    }

    /// Wilson's score interval (E. B. Wilson, 1927), without continuity correction. Holds its confidence also for
    /// few trials and for shares near 0 and 1, where the common ±z·√(p(1−p)/n) does not; never leaves [0, 1].
    ///
    /// @param confidence in (0, 1), such as 0.95
    public Interval wilson(double confidence) {
        Interval.requireConfidence(confidence);
        double z = new NormalDistribution().inverseCumulativeProbability(0.5 + confidence / 2);
        double n = trials;
        double p = value();
        double centre = p + z * z / (2 * n);
        double reach = z * Math.sqrt(p * (1 - p) / n + z * z / (4 * n * n));
        double scale = 1 + z * z / n;
        // Exact at the ends, where the subtraction would leave a rounding error on the wrong side.
        double low = successes == 0 ? 0 : (centre - reach) / scale;
        double high = successes == trials ? 1 : (centre + reach) / scale;
        return new Interval(low, high, confidence);
    }
}
