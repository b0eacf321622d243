package dev.assay.cli;

import dev.assay.cli.mesh.Gateway;
import dev.assay.cli.progress.ProgressView;
import dev.assay.computation.ProblemException;

/// What Ctrl-C means while a job is followed. The job goes on, because it belongs to the mesh and not to this
/// terminal;
/// with `--cancel-on-interrupt` it is cancelled.
final class InterruptNotice implements AutoCloseable {

    enum Choice {
        LEAVE,
        CANCEL
    }

    private final Thread hook;

    private InterruptNotice(Thread hook) {
        this.hook = hook;
    }

    /// In force until closed.
    static InterruptNotice of(String job, Choice choice, Gateway gateway, ProgressView progress) {
        Thread hook = Thread.ofPlatform().name("interrupt").unstarted(() -> act(job, choice, gateway, progress));
        Runtime.getRuntime().addShutdownHook(hook);
        return new InterruptNotice(hook);
    }

    static void act(String job, Choice choice, Gateway gateway, ProgressView progress) {
        progress.close();
        switch (choice) {
            case LEAVE ->
                progress.note("assay: job " + job + " goes on; follow it with: ./assay jobs follow " + job
                        + ", cancel it with: ./assay jobs cancel " + job);
            case CANCEL -> {
                try {
                    gateway.cancel(job);
                    progress.note("assay: job " + job + " is being cancelled");
                } catch (ProblemException refused) {
                    progress.note("assay: job " + job + " could not be cancelled: " + refused.oneLine());
                }
            }
        }
    }

    @Override
    public void close() {
        try {
            Runtime.getRuntime().removeShutdownHook(hook);
        } catch (IllegalStateException shuttingDown) {
            // Too late to take it back: it is running now, which is what it is for.
        }
    }
}
