package dev.assay.local;

import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

/// When a service that ended by itself starts again.
///
/// @param first pause before the first restart; each further one within the window doubles it
/// @param longest upper bound of the pause
/// @param limit restarts within the window; one more end and the service is given up
/// @param window how long an end is remembered
record RestartPolicy(Duration first, Duration longest, int limit, Duration window) {

    RestartPolicy {
        if (first.isNegative() || longest.compareTo(first) < 0 || limit < 0 || !window.isPositive()) {
            throw new IllegalArgumentException("pauses, limit and window must be positive and first <= longest");
        }
    }

    /// The pause before the next start, or empty when the service is to be given up.
    ///
    /// @param ends when the service ended by itself, the latest included
    Optional<Duration> pause(List<Instant> ends, Instant now) {
        long recent = ends.stream().filter(now.minus(window)::isBefore).count();
        if (recent > limit) {
            return Optional.empty();
        }
        Duration doubled = first.multipliedBy(1L << Math.clamp(recent - 1, 0, 30));
        return Optional.of(doubled.compareTo(longest) > 0 ? longest : doubled);
    }
}
