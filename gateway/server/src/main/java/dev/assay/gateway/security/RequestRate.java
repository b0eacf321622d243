package dev.assay.gateway.security;

import java.time.Duration;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/// A bucket of tokens for each key: a request takes one, and they come back at a steady rate. Thread-safe.
final class RequestRate {

    private static final int MOST_BUCKETS = 10_000;
    private static final double NANOS_PER_SECOND = 1e9;

    private record Bucket(double tokens, long at, boolean taken) {}

    private final double perSecond;
    private final int burst;
    private final Map<String, Bucket> buckets = new ConcurrentHashMap<>();

    /// @param perSecond more than 0
    /// @param burst what a full bucket holds, at least 1
    RequestRate(double perSecond, int burst) {
        if (!(perSecond > 0) || burst < 1) {
            throw new IllegalArgumentException("assay.security.requests-per-second is " + perSecond
                    + " and assay.security.burst is " + burst + ": more than 0, and at least 1");
        }
        this.perSecond = perSecond;
        this.burst = burst;
    }

    /// Takes a token.
    ///
    /// @param now from a clock of nanoseconds that never goes back
    /// @return zero when there was one, else how long it takes until there is one
    Duration take(String key, long now) {
        if (buckets.size() >= MOST_BUCKETS) {
            buckets.values().removeIf(bucket -> isFull(bucket, now)); // a new one would be just as full
        }
        Bucket after = buckets.compute(key, (name, before) -> {
            double tokens = before == null
                    ? burst
                    : Math.min(burst, before.tokens() + (now - before.at()) / NANOS_PER_SECOND * perSecond);
            return tokens >= 1 ? new Bucket(tokens - 1, now, true) : new Bucket(tokens, now, false);
        });
        return after.taken()
                ? Duration.ZERO
                : Duration.ofNanos((long) Math.ceil((1 - after.tokens()) / perSecond * NANOS_PER_SECOND));
    }

    /// Callers that are remembered.
    int size() {
        return buckets.size();
    }

    private boolean isFull(Bucket bucket, long now) {
        return bucket.tokens() + (now - bucket.at()) / NANOS_PER_SECOND * perSecond >= burst;
    }
}
