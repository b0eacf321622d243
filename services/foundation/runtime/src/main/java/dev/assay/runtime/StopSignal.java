package dev.assay.runtime;

import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtSession.RunOptions;
import dev.assay.computation.CancelledException;
import dev.assay.computation.Progress;

/// Stops runs from another thread: those that carry the signal end within milliseconds of {@link #raise}, at the
/// next operator (also inside a `Loop`), with a {@link CancelledException}; later ones do not start. One operator
/// that computes is not interrupted, so keep single operators short where stopping matters.
///
/// One signal serves any number of runs, at once too. It stays raised. Close it after the last run.
public final class StopSignal implements AutoCloseable {

    private final RunOptions options;
    private final Progress.Watch watch;
    private int holds;
    private boolean raised;
    private boolean closed;

    public StopSignal() {
        this(Progress.SILENT);
    }

    private StopSignal(Progress progress) {
        try {
            options = new RunOptions();
        } catch (OrtException refused) {
            throw new IllegalStateException("ONNX Runtime made no run options: " + refused.getMessage(), refused);
        }
        watch = progress.whenCancelled(this::raise);
    }

    /// Is raised when the work that `progress` tells of is no longer wanted; at once when it already is not.
    public static StopSignal following(Progress progress) {
        return new StopSignal(progress);
    }

    public synchronized void raise() {
        raised = true;
        if (closed) {
            return;
        }
        try {
            options.setTerminate(true);
        } catch (OrtException refused) {
            throw new IllegalStateException("ONNX Runtime took no stop: " + refused.getMessage(), refused);
        }
    }

    public synchronized boolean isRaised() {
        return raised;
    }

    @Override
    public void close() {
        watch.close();
        synchronized (this) {
            if (!closed) {
                closed = true;
                freeWhenUnused();
            }
        }
    }

    /// Only until {@link #release}.
    synchronized RunOptions hold() {
        if (closed) {
            throw new IllegalStateException("the stop signal is closed");
        }
        if (raised) {
            throw new CancelledException("stopped before the run");
        }
        holds++;
        return options;
    }

    synchronized void release() {
        holds--;
        freeWhenUnused();
    }

    private void freeWhenUnused() {
        if (closed && holds == 0) {
            options.close();
        }
    }
}
