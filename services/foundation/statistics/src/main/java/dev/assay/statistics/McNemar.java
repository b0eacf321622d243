package dev.assay.statistics;

import org.hipparchus.special.Beta;

/// McNemar's exact test: do two classifiers, judged on the same samples, differ in accuracy? Only the samples on
/// which exactly one of them is right tell (Q. McNemar, 1947); if the two are equally good, each of these is a
/// fair coin.
///
/// @param firstOnly samples that only the first one got right
/// @param secondOnly samples that only the second one got right
/// @param pValue two-sided, in (0, 1]: twice the smaller binomial tail, at most 1
public record McNemar(long firstOnly, long secondOnly, double pValue) {

    /// Tests the counts of discordant samples. Without any there is no evidence: p = 1.
    public static McNemar exact(long firstOnly, long secondOnly) {
        if (firstOnly < 0 || secondOnly < 0) {
            throw new IllegalArgumentException("counts of %d and %d".formatted(firstOnly, secondOnly));
        }
        long fewer = Math.min(firstOnly, secondOnly);
        long more = Math.max(firstOnly, secondOnly);
        // P(X ≤ fewer) = P(X ≥ more) for a fair coin; this form keeps its digits where the tail is tiny.
        // Counts that differ by at most one leave at least half on either side.
        double tail = more - fewer <= 1 ? 1 : Beta.regularizedBeta(0.5, more, fewer + 1.0);
        return new McNemar(firstOnly, secondOnly, Math.min(1, 2 * tail));
    }

    /// Tests the answers themselves.
    ///
    /// @param firstRight whether the first one was right, for each sample
    /// @param secondRight the same of the second one, on the same samples in the same order
    public static McNemar exact(boolean[] firstRight, boolean[] secondRight) {
        if (firstRight.length != secondRight.length) {
            throw new IllegalArgumentException("%d answers beside %d; give both on the same samples"
                    .formatted(firstRight.length, secondRight.length));
        }
        long firstOnly = 0;
        long secondOnly = 0;
        for (int sample = 0; sample < firstRight.length; sample++) {
            firstOnly += firstRight[sample] && !secondRight[sample] ? 1 : 0;
            secondOnly += secondRight[sample] && !firstRight[sample] ? 1 : 0;
        }
        return exact(firstOnly, secondOnly);
    }
}
