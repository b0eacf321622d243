package dev.assay.worker;

import dev.assay.computation.CancelledException;
import dev.assay.computation.Progress;
import dev.assay.job.v1.Progress.Builder;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicReference;

/// Passes on what a core reports: at once when a phase begins or ends, otherwise at most ten times a second as
/// an event and once a second as a snapshot, so that reporting every step costs nothing. Thread-safe.
final class JobProgress implements Progress {

    /// Where reports go.
    interface Listener {
        void event(dev.assay.job.v1.Progress progress);

        void snapshot(dev.assay.job.v1.Progress progress);
    }

    private static final long EVENT_PAUSE = Duration.ofMillis(100).toNanos();
    private static final long SNAPSHOT_PAUSE = Duration.ofSeconds(1).toNanos();

    private final Listener listener;
    private final AtomicReference<String> stopped = new AtomicReference<>();
    private final List<Runnable> actions = new ArrayList<>(); // guarded by itself
    private dev.assay.job.v1.Progress latest = dev.assay.job.v1.Progress.getDefaultInstance();
    private boolean unsent;
    private long eventAt;
    private long snapshotAt = System.nanoTime();

    JobProgress(Listener listener) {
        this.listener = listener;
    }

    /// Makes the next report or check throw, and stops what can be stopped from outside.
    void stop(String reason) {
        List<Runnable> due;
        synchronized (actions) {
            stopped.compareAndSet(null, reason);
            due = List.copyOf(actions);
            actions.clear();
        }
        due.forEach(Runnable::run);
    }

    @Override
    public Watch whenCancelled(Runnable action) {
        synchronized (actions) {
            if (stopped.get() == null) {
                actions.add(action);
                return () -> forget(action);
            }
        }
        action.run();
        return () -> {};
    }

    @Override
    public void checkCancelled() {
        Optional.ofNullable(stopped.get()).ifPresent(reason -> {
            throw new CancelledException(reason);
        });
    }

    @Override
    public synchronized void report(String phase, long done, long total, Map<String, Double> metrics) {
        checkCancelled();
        boolean begins = !phase.equals(latest.getPhase());
        if (begins) {
            flush();
        }
        Builder report = dev.assay.job.v1.Progress.newBuilder()
                .setPhase(phase)
                .setDone(done)
                .setTotal(total);
        latest = report.putAllMetrics(metrics).build();
        unsent = true;
        long now = System.nanoTime();
        boolean ends = total > 0 && done >= total;
        if (begins || ends || now - eventAt >= EVENT_PAUSE) {
            eventAt = now;
            flush();
        }
        if (now - snapshotAt >= SNAPSHOT_PAUSE) {
            snapshotAt = now;
            listener.snapshot(latest);
        }
    }

    private void forget(Runnable action) {
        synchronized (actions) {
            actions.remove(action);
        }
    }

    /// The last report; nothing reported gives an empty one.
    synchronized dev.assay.job.v1.Progress latest() {
        return latest;
    }

    /// Sends the last report if it has not been sent.
    synchronized void flush() {
        if (unsent) {
            unsent = false;
            listener.event(latest);
        }
    }
}
