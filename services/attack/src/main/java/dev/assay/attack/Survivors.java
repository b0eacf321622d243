package dev.assay.attack;

import dev.assay.perturbation.Attacked;
import java.util.List;
import java.util.function.IntPredicate;
import java.util.stream.IntStream;

/// The samples that a growing epsilon has left standing. Threads tell of different samples at once.
final class Survivors {

    private final Outcome[] outcomes;
    private double largestPerturbation; // guarded by this

    Survivors(int samples, IntPredicate isRight) {
        outcomes = new Outcome[samples];
        for (int i = 0; i < samples; i++) {
            outcomes[i] = isRight.test(i) ? Outcome.ROBUST : Outcome.WRONG;
        }
    }

    synchronized void found(Attacked attacked) {
        switch (attacked.verdict()) {
            case WITHSTOOD -> {}
            case BROKEN -> {
                outcomes[attacked.sample()] = Outcome.BROKEN;
                largestPerturbation = Math.max(largestPerturbation, attacked.distance());
            }
        }
    }

    synchronized int[] samples() {
        return IntStream.range(0, outcomes.length)
                .filter(i -> outcomes[i] == Outcome.ROBUST)
                .toArray();
    }

    synchronized List<Outcome> outcomes() {
        return List.of(outcomes);
    }

    /// Of all perturbations that broke a sample so far.
    synchronized double largestPerturbation() {
        return largestPerturbation;
    }
}
