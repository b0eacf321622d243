package dev.assay.perturbation;

import java.time.Duration;

/// What a search cost.
///
/// @param imageSteps gradient steps, counted for each image
/// @param wall from start to end
/// @param device time spent in graph runs, summed over threads
public record SearchEffort(long imageSteps, Duration wall, Duration device) {

    public static final SearchEffort NONE = new SearchEffort(0, Duration.ZERO, Duration.ZERO);

    public SearchEffort plus(SearchEffort other) {
        return new SearchEffort(imageSteps + other.imageSteps, wall.plus(other.wall), device.plus(other.device));
    }

    /// Images times gradient steps per second of wall time; 0 when nothing was done.
    public double imageStepsPerSecond() {
        return imageSteps == 0 ? 0 : imageSteps / (wall.toNanos() * 1e-9);
    }
}
