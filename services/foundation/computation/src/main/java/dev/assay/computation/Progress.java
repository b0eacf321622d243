package dev.assay.computation;

import java.util.Map;

/// How a computation tells of its advance and learns that it is no longer wanted. A core calls {@link #report} at
/// step
/// boundaries and needs to know nothing of who listens.
public interface Progress {

    /// Reports that `done` of `total` units of `phase` are finished, with the metrics of this moment (loss,
    /// accuracy,
    /// rate…). Cheap: an implementation coalesces.
    ///
    /// @throws CancelledException if the work is no longer wanted; let it pass
    void report(String phase, long done, long total, Map<String, Double> metrics);

    default void report(String phase, long done, long total) {
        report(phase, done, total, Map.of());
    }

    /// Stops the computation at a step boundary too small to report.
    ///
    /// @throws CancelledException if the work is no longer wanted; let it pass
    default void checkCancelled() {}

    /// Has `action` called once, from any thread, as soon as the work is no longer wanted; at once when it already
    /// is not. For what takes long between two step boundaries and can be stopped from outside; the action must be
    /// quick and must not throw. A progress that nobody can cancel never calls it.
    ///
    /// @return to be closed when the action has become pointless
    default Watch whenCancelled(Runnable action) {
        return () -> {};
    }

    /// Ends with {@link #close} what {@link #whenCancelled} began.
    @FunctionalInterface
    interface Watch extends AutoCloseable {

        @Override
        void close();
    }

    /// For callers who do not watch.
    Progress SILENT = (phase, done, total, metrics) -> {};
}
