package dev.assay.data;

import dev.assay.computation.CounterRandom;
import dev.assay.computation.ProblemException;
import java.util.Arrays;
import java.util.stream.IntStream;

/// Two parts of a data set, each as sample numbers in ascending order.
public record Split(int[] training, int[] heldOut) {

    /// Takes a share of every class away, at random but the same for the same seed, whatever else is done: which
    /// samples of a class are held out depends on the seed, the class and their order alone.
    ///
    /// @param labels class of each sample
    /// @param fraction to hold out, in (0, 1); of every class the nearest whole number, but at least one sample
    ///     stays in either part where the class has two
    /// @throws ProblemException `empty-data-set`, `single-class`, `invalid-fraction`
    public static Split stratified(int[] labels, double fraction, long seed) {
        if (!(fraction > 0 && fraction < 1)) {
            throw new ProblemException(
                    "invalid-fraction", "fraction", "a share of " + fraction, "give a number between 0 and 1");
        }
        if (labels.length == 0) {
            throw new ProblemException("empty-data-set", "", "there are no samples to split", "give at least two");
        }
        int[] classes = Arrays.stream(labels).distinct().sorted().toArray();
        if (classes.length < 2) {
            throw new ProblemException(
                    "single-class",
                    "",
                    "all %d samples are of class %d".formatted(labels.length, labels[0]),
                    "give samples of at least two classes");
        }
        boolean[] held = new boolean[labels.length];
        for (int label : classes) {
            int[] members = IntStream.range(0, labels.length)
                    .filter(sample -> labels[sample] == label)
                    .toArray();
            int[] order = CounterRandom.of(seed, "split", label).permutation(members.length);
            for (int i = 0; i < heldOutOf(members.length, fraction); i++) {
                held[members[order[i]]] = true;
            }
        }
        return new Split(
                IntStream.range(0, labels.length)
                        .filter(sample -> !held[sample])
                        .toArray(),
                IntStream.range(0, labels.length).filter(sample -> held[sample]).toArray());
    }

    private static int heldOutOf(int members, double fraction) {
        return members < 2 ? 0 : Math.clamp(Math.round(members * fraction), 1, members - 1);
    }
}
