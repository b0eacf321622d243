package dev.assay.statistics;

/// A confidence interval.
///
/// @param confidence share of such intervals that hold the true value, in (0, 1): 0.95, not 95
public record Interval(double low, double high, double confidence) {

    public Interval {
        if (!(low <= high)) {
            throw new IllegalArgumentException("an interval from %s to %s".formatted(low, high));
        }
        requireConfidence(confidence);
    }

    public boolean contains(double value) {
        return low <= value && value <= high;
    }

    public double width() {
        return high - low;
    }

    static void requireConfidence(double confidence) {
        if (!(confidence > 0 && confidence < 1)) {
            throw new IllegalArgumentException(
                    "a confidence of " + confidence + "; give a share between 0 and 1, such as 0.95");
        }
    }
}
