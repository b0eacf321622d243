package dev.assay.gateway.submission;

import dev.assay.computation.ProblemException;
import java.time.Duration;

/// A capability has more work than it may be given.
public final class TooManyJobsException extends ProblemException {

    private static final long serialVersionUID = 1;

    private final Duration retryAfter;

    private TooManyJobsException(String capability, String what, Duration retryAfter, String setting) {
        super(
                "too-many-jobs",
                capability,
                what,
                "try again in " + retryAfter.toSeconds() + " s, start more workers, or raise " + setting);
        this.retryAfter = retryAfter;
    }

    /// The queue is full, whoever filled it.
    static TooManyJobsException ofAll(String capability, int limit, Duration retryAfter) {
        return new TooManyJobsException(
                capability,
                limit + " jobs of " + capability + " wait, as many as may",
                retryAfter,
                "assay.gateway.queue-limit");
    }

    /// The caller's own share of the queue is full.
    static TooManyJobsException ofTenant(String capability, int limit, Duration retryAfter) {
        return new TooManyJobsException(
                capability,
                limit + " of your jobs of " + capability + " wait, as many as one tenant's may",
                retryAfter,
                "assay.gateway.tenant-queue-limit");
    }

    public Duration retryAfter() {
        return retryAfter;
    }
}
