package dev.assay.statistics;

import dev.assay.computation.CounterRandom;
import java.util.Arrays;
import java.util.stream.IntStream;
import org.hipparchus.distribution.continuous.NormalDistribution;
import org.hipparchus.stat.descriptive.rank.Percentile;
import org.hipparchus.stat.descriptive.rank.Percentile.EstimationType;

/// Bootstrap intervals of any statistic (Efron & Tibshirani, "An Introduction to the Bootstrap", 1993). Samples
/// are drawn by index, so that paired data stay paired. Resample r depends on the seed and r alone: threads,
/// order and the number of resamples do not change it.
///
/// @param seed of the resampling
/// @param resamples at least 1; 2,000 or more for an interval
public record Bootstrap(long seed, int resamples) {

    /// A figure computed from some of the samples.
    @FunctionalInterface
    public interface Statistic {
        /// @param indices of samples, with repetitions; not to be kept
        double of(int[] indices);
    }

    public Bootstrap {
        if (resamples < 1) {
            throw new IllegalArgumentException(resamples + " resamples; give at least 1");
        }
    }

    /// The statistic over each resample of `samples` indices drawn from 0..samples-1 with replacement.
    public double[] distribution(int samples, Statistic statistic) {
        requireSamples(samples);
        double[] values = new double[resamples];
        int[] indices = new int[samples];
        for (int resample = 0; resample < resamples; resample++) {
            CounterRandom random = CounterRandom.of(seed, "bootstrap", resample);
            for (int i = 0; i < samples; i++) {
                indices[i] = random.nextInt(samples);
            }
            values[resample] = statistic.of(indices);
        }
        return values;
    }

    /// The percentile interval: simple and always within the statistic's range, but biased for skewed statistics.
    public Interval percentile(int samples, Statistic statistic, double confidence) {
        Interval.requireConfidence(confidence);
        double tail = (1 - confidence) / 2;
        return between(distribution(samples, statistic), tail, 1 - tail, confidence);
    }

    /// The bias-corrected and accelerated interval (BCa; chapter 14.3 of the book): second-order accurate. Takes
    /// `samples` further evaluations for the acceleration. A statistic that is the same on every resample gives
    /// an interval of width 0.
    public Interval bca(int samples, Statistic statistic, double confidence) {
        Interval.requireConfidence(confidence);
        double[] distribution = distribution(samples, statistic);
        double estimate = statistic.of(IntStream.range(0, samples).toArray());
        double bias = biasCorrection(distribution, estimate);
        double acceleration = acceleration(samples, statistic);
        double tail = (1 - confidence) / 2;
        return between(
                distribution, adjusted(tail, bias, acceleration), adjusted(1 - tail, bias, acceleration), confidence);
    }

    /// How skewed the statistic is: the jackknife estimate of BCa's `a` (equation 14.15).
    static double acceleration(int samples, Statistic statistic) {
        requireSamples(samples);
        double[] leftOut = new double[samples];
        int[] indices = IntStream.range(1, samples).toArray();
        for (int sample = 0; sample < samples; sample++) {
            leftOut[sample] = statistic.of(indices);
            if (sample < indices.length) {
                indices[sample] = sample;
            }
        }
        double mean = Arrays.stream(leftOut).average().orElseThrow();
        double squares = 0;
        double cubes = 0;
        for (double value : leftOut) {
            double difference = mean - value;
            squares += difference * difference;
            cubes += difference * difference * difference;
        }
        return squares == 0 ? 0 : cubes / (6 * Math.pow(squares, 1.5));
    }

    /// BCa's `z0`: how far the estimate lies from the median of the resamples. Equal values count half, so that a
    /// discrete statistic is not taken for a biased one.
    private static double biasCorrection(double[] distribution, double estimate) {
        double below = 0;
        for (double value : distribution) {
            below += value < estimate ? 1 : value == estimate ? 0.5 : 0;
        }
        // An estimate beyond all resamples would give an infinite correction: half a resample is the finest we
        // can say.
        double finest = 0.5 / distribution.length;
        double share = Math.clamp(below / distribution.length, finest, 1 - finest);
        return new NormalDistribution().inverseCumulativeProbability(share);
    }

    private static double adjusted(double tail, double bias, double acceleration) {
        NormalDistribution normal = new NormalDistribution();
        double shifted = bias + normal.inverseCumulativeProbability(tail);
        return normal.cumulativeProbability(bias + shifted / (1 - acceleration * shifted));
    }

    private static Interval between(double[] distribution, double lowTail, double highTail, double confidence) {
        Percentile percentile = new Percentile().withEstimationType(EstimationType.R_7);
        percentile.setData(distribution);
        return new Interval(quantile(percentile, lowTail), quantile(percentile, highTail), confidence);
    }

    private static double quantile(Percentile percentile, double share) {
        return percentile.evaluate(Math.clamp(100 * share, Math.ulp(100.0), 100)); // 0 is not a percentile there
    }

    private static void requireSamples(int samples) {
        if (samples < 2) {
            throw new IllegalArgumentException(samples + " samples; a bootstrap takes at least 2");
        }
    }
}
