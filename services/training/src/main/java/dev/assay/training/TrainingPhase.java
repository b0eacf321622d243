package dev.assay.training;

/// The two regimes of training (Leclerc & Mądry, "The Two Regimes of Deep Network Training", arXiv 2002.10376).
public enum TrainingPhase {
    /// A large constant rate without momentum: the loss falls unsteadily and ends high, but this is the phase that
    /// brings generalisation.
    LARGE_STEP("large-step"),
    /// A small constant rate with momentum: a fast, smooth, nearly convex descent from where the first phase ended.
    SMALL_STEP("small-step");

    private final String label;

    TrainingPhase(String label) {
        this.label = label;
    }

    /// The name in results and reports: `large-step` or `small-step`.
    public String label() {
        return label;
    }
}
