package dev.assay.training;

import java.util.Objects;
import java.util.OptionalDouble;

/// What one epoch brought.
///
/// @param number from 1
/// @param phase the regime it belonged to
/// @param rate learning rate of its steps
/// @param loss mean cross-entropy over its batches in nats, while the weights moved
/// @param trainAccuracy share of right answers over its batches in [0,1], while the weights moved
/// @param testAccuracy share of right answers on the test data after it; absent without test data
/// @param gradientNorm mean Euclidean norm of the gradient (without weight decay) over its steps
public record EpochRecord(
        int number,
        TrainingPhase phase,
        double rate,
        double loss,
        double trainAccuracy,
        OptionalDouble testAccuracy,
        double gradientNorm) {

    public EpochRecord {
        Objects.requireNonNull(phase, "phase");
        Objects.requireNonNull(testAccuracy, "testAccuracy");
        if (number < 1) {
            throw new IllegalArgumentException("epochs are counted from 1, got " + number);
        }
    }
}
