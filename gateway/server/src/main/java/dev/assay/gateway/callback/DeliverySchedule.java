package dev.assay.gateway.callback;

import java.time.Duration;
import java.util.Optional;

/// When a delivery is tried again.
///
/// @param attempts calls before it is given up, at least 1
/// @param firstPause between the first call and the second; each one after it is three times as long
/// @param longestPause no pause is longer
/// @param timeout for the connection, and for the answer
record DeliverySchedule(int attempts, Duration firstPause, Duration longestPause, Duration timeout) {

    private static final int FACTOR = 3;

    DeliverySchedule {
        if (attempts < 1) {
            throw new IllegalArgumentException("assay.callbacks.attempts is " + attempts + ": at least 1");
        }
        if (timeout.isNegative() || timeout.isZero()) {
            throw new IllegalArgumentException("assay.callbacks.timeout is " + timeout + ": more than nothing");
        }
    }

    static DeliverySchedule of(CallbackSettings settings) {
        return new DeliverySchedule(
                settings.attempts(), settings.firstPause(), settings.longestPause(), settings.timeout());
    }

    /// The pause after a call that was in vain. Those of many deliveries to one receiver are spread over half of the
    /// time, so that it is not met by all of them at once when it is back.
    ///
    /// @param calls made so far, at least 1
    /// @param wish of the receiver (`Retry-After`)
    /// @param chance in [0, 1)
    Duration pause(int calls, Optional<Duration> wish, double chance) {
        double longest = longestPause.toMillis();
        double usual = Math.min(longest, firstPause.toMillis() * Math.pow(FACTOR, calls - 1.0));
        double spread = usual * (1 - chance / 2);
        double wished = wish.map(Duration::toMillis).orElse(0L);
        return Duration.ofMillis((long) Math.min(longest, Math.max(spread, wished)));
    }
}
