package dev.assay.gateway.submission;

import dev.assay.computation.ProblemException;
import java.time.Duration;

/// A capability has more work than it may be given.
public final class TooManyJobsException extends ProblemException {

    private static final long serialVersionUID = 1;

    private final Duration retryAfter;

    TooManyJobsException(String capability, long waiting, int limit, Duration retryAfter) {
        super(
                "too-many-jobs",
                capability,
                waiting + " jobs of " + capability + " wait; no more than " + limit + " may",
                "try again in " + retryAfter.toSeconds()
                        + " s, start more workers, or raise assay.gateway.queue-limit");
        this.retryAfter = retryAfter;
    }

    public Duration retryAfter() {
        return retryAfter;
    }
}
