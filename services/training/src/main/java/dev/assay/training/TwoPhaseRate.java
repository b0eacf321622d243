package dev.assay.training;

import dev.assay.computation.ProblemException;

/// A learning rate with two values and one switch instead of a multi-step schedule (Leclerc & Mądry, arXiv
/// 2002.10376):
/// a large-step phase by plain SGD, then a small-step phase by SGD with momentum, whose buffer starts at zero.
///
/// @param largeRate rate of the large-step phase, above 0
/// @param smallRate rate of the small-step phase, above 0
/// @param momentum momentum µ of the small-step phase in [0,1); its effective rate is `smallRate / (1 − µ)`
/// @param switchAt share of the epochs in [0,1] that belong to the large-step phase: 0 is small steps only, 1 large
///     steps only
public record TwoPhaseRate(double largeRate, double smallRate, double momentum, double switchAt) {

    /// @throws ProblemException `invalid-request` naming the field and its bound
    public TwoPhaseRate {
        Bounds.require(largeRate > 0 && Double.isFinite(largeRate), "large_rate", largeRate, "above 0");
        Bounds.require(smallRate > 0 && Double.isFinite(smallRate), "small_rate", smallRate, "above 0");
        Bounds.require(momentum >= 0 && momentum < 1, "momentum", momentum, "in [0, 1)");
        Bounds.require(switchAt >= 0 && switchAt <= 1, "switch_at", switchAt, "in [0, 1]");
    }

    /// How many of `epochs` epochs belong to the large-step phase: `switchAt · epochs`, rounded.
    public int largeStepEpochs(int epochs) {
        return (int) Math.round(switchAt * epochs);
    }

    /// The phase of an epoch.
    ///
    /// @param epoch from 0
    /// @param epochs length of the run
    public TrainingPhase phase(int epoch, int epochs) {
        return epoch < largeStepEpochs(epochs) ? TrainingPhase.LARGE_STEP : TrainingPhase.SMALL_STEP;
    }

    public double rate(TrainingPhase phase) {
        return switch (phase) {
            case LARGE_STEP -> largeRate;
            case SMALL_STEP -> smallRate;
        };
    }

    public double momentum(TrainingPhase phase) {
        return switch (phase) {
            case LARGE_STEP -> 0; // arXiv 2002.10376: momentum brings nothing there but a larger effective rate
            case SMALL_STEP -> momentum;
        };
    }
}
