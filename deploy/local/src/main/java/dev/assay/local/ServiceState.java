package dev.assay.local;

import java.util.Locale;

/// Where a service is in its life.
enum ServiceState {
    /// Not started yet.
    WAITING,
    STARTING,
    READY,
    /// Ended by itself; starts again after a pause.
    RESTARTING,
    /// Ended by itself too often; not started again.
    FAILED,
    STOPPED;

    @Override
    public String toString() {
        return name().toLowerCase(Locale.ROOT);
    }
}
