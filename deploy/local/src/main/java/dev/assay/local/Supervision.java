package dev.assay.local;

import java.time.Duration;
import java.util.Objects;

/// How patiently services are looked after.
///
/// @param restarts when a service that ended by itself starts again
/// @param startTimeout a service that is not ready after this long is killed and started again
/// @param grace how long a service may take to end after SIGTERM before it is killed
record Supervision(RestartPolicy restarts, Duration startTimeout, Duration grace) {

    static final Supervision STANDARD = new Supervision(
            new RestartPolicy(Duration.ofMillis(500), Duration.ofSeconds(30), 6, Duration.ofMinutes(10)),
            Duration.ofSeconds(120),
            // A worker lets its running jobs finish for ten seconds before it hands them back.
            Duration.ofSeconds(15));

    Supervision {
        Objects.requireNonNull(restarts, "restarts");
        if (!startTimeout.isPositive() || !grace.isPositive()) {
            throw new IllegalArgumentException("startTimeout and grace must be positive");
        }
    }
}
