package dev.assay.perturbation;

import java.util.Objects;

/// How projected gradient descent searches (Madry et al., "Towards Deep Learning Models Resistant to Adversarial
/// Attacks", 2018).
///
/// @param steps gradient steps of each restart, at least 1
/// @param relativeStepSize length of a step as a share of epsilon, in (0, 2]
/// @param restarts independent searches for each sample, at least 1; more than one needs random starts
/// @param start where each search begins
/// @param seed of the random starts
public record PgdSettings(int steps, double relativeStepSize, int restarts, Start start, long seed) {

    public enum Start {
        /// A uniformly random point of the ball, clamped to the box of images.
        RANDOM_POINT,
        /// The image itself.
        CLEAN_IMAGE
    }

    public PgdSettings {
        Objects.requireNonNull(start, "start");
        if (steps < 1) {
            throw new IllegalArgumentException("steps is " + steps + "; give at least 1");
        }
        if (!(relativeStepSize > 0 && relativeStepSize <= 2)) {
            throw new IllegalArgumentException(
                    "relativeStepSize is " + relativeStepSize + "; give a share of epsilon above 0, at most 2");
        }
        if (restarts < 1 || (restarts > 1 && start == Start.CLEAN_IMAGE)) {
            throw new IllegalArgumentException(
                    restarts + " restarts from " + start + "; give 1, or more than 1 from RANDOM_POINT");
        }
    }

    /// One restart from a random point, with steps long enough to cross the ball: 2.5·epsilon / steps, as in the
    /// reference implementation of Madry et al.
    public static PgdSettings ofSteps(int steps) {
        return new PgdSettings(steps, defaultRelativeStepSize(steps), 1, Start.RANDOM_POINT, 0);
    }

    /// What a step is long when nobody says: 2.5 / steps of epsilon. A longer one than 2 leads nowhere else: it
    /// crosses the ball from any point.
    public static double defaultRelativeStepSize(int steps) {
        return Math.min(2, 2.5 / steps);
    }

    public PgdSettings withRestarts(int number) {
        return new PgdSettings(steps, relativeStepSize, number, start, seed);
    }

    public PgdSettings withSeed(long number) {
        return new PgdSettings(steps, relativeStepSize, restarts, start, number);
    }

    public PgdSettings withStepSize(double shareOfEpsilon) {
        return new PgdSettings(steps, shareOfEpsilon, restarts, start, seed);
    }

    public PgdSettings from(Start other) {
        return new PgdSettings(steps, relativeStepSize, restarts, other, seed);
    }
}
