package dev.assay.local;

import java.time.Duration;
import java.time.Instant;
import java.util.Optional;

/// A process named so that another one which got the same pid later is not taken for it.
///
/// @param started when the operating system says it was started; the epoch when it does not say
record ProcessIdentity(long pid, Instant started) {

    /// The operating system counts from boot, whose time of day moves a little when the clock is corrected.
    private static final Duration TOLERANCE = Duration.ofSeconds(2);

    static ProcessIdentity of(ProcessHandle handle) {
        return new ProcessIdentity(handle.pid(), handle.info().startInstant().orElse(Instant.EPOCH));
    }

    /// The process, if it still runs and is the same one.
    Optional<ProcessHandle> find() {
        return ProcessHandle.of(pid).filter(ProcessHandle::isAlive).filter(this::startedTogether);
    }

    private boolean startedTogether(ProcessHandle handle) {
        Instant found = handle.info().startInstant().orElse(Instant.EPOCH);
        return Duration.between(started, found).abs().compareTo(TOLERANCE) <= 0;
    }
}
