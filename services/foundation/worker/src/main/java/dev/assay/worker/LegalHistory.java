package dev.assay.worker;

import dev.assay.job.v1.JobEvent;

/// Which events of a job are part of its history. The log may hold more: what a worker wrote after its job went
/// to another one, or the same step twice. Every reader drops those by this rule, so all see the same legal
/// history: `queued (started (progress | checkpoint)* queued?)* (succeeded | failed | cancelled)?`, where the
/// second `queued` is a worker's handing back; and all of it again when a job that is over is put back. One
/// instance judges the events of one job, in the order of the log.
final class LegalHistory {

    private enum Phase {
        UNKNOWN,
        QUEUED,
        RUNNING,
        FINAL
    }

    private Phase phase = Phase.UNKNOWN;
    private int attempt;

    /// Whether the event counts; if so, the history goes on from it.
    boolean admits(JobEvent event) {
        Phase next = switch (event.getDetailCase()) {
            case QUEUED -> Phase.QUEUED;
            case STARTED, PROGRESS, CHECKPOINT -> Phase.RUNNING;
            case SUCCEEDED, FAILED, CANCELLED -> Phase.FINAL;
            case DETAIL_NOT_SET -> Phase.UNKNOWN;
        };
        boolean legal = next != Phase.UNKNOWN && follows(next, event);
        if (legal) {
            phase = next;
            attempt = event.getAttempt();
        }
        return legal;
    }

    private boolean follows(Phase next, JobEvent event) {
        return switch (phase) {
            case UNKNOWN -> true; // the topic may have forgotten what came before
            case FINAL -> next == Phase.QUEUED && event.getAttempt() > attempt; // put back on purpose
            case QUEUED ->
                switch (next) {
                    case RUNNING -> event.hasStarted() && event.getAttempt() > attempt;
                    case FINAL -> event.getAttempt() >= attempt;
                    case QUEUED, UNKNOWN -> false;
                };
            case RUNNING ->
                switch (next) {
                    case RUNNING -> event.hasStarted() ? event.getAttempt() > attempt : event.getAttempt() == attempt;
                    case FINAL -> event.getAttempt() >= attempt;
                    case QUEUED -> event.getAttempt() == attempt;
                    case UNKNOWN -> false;
                };
        };
    }
}
