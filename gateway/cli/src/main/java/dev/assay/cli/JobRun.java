package dev.assay.cli;

import com.google.protobuf.Message;
import dev.assay.cli.mesh.Gateway;
import dev.assay.cli.mesh.JobFollower;
import dev.assay.cli.mesh.JobTerms;
import dev.assay.cli.mesh.RefusedException;
import dev.assay.cli.mesh.UnreachableException;
import dev.assay.cli.progress.Moment;
import dev.assay.cli.progress.ProgressView;
import dev.assay.computation.CancelledException;
import dev.assay.computation.ProblemException;
import dev.assay.contract.Operation;
import dev.assay.job.v1.Job;
import dev.assay.job.v1.JobEvent;
import java.time.Duration;

/// Submits a job and waits for its end, as a user at a terminal does.
final class JobRun {

    private static final Duration LONGEST_QUEUE = Duration.ofMinutes(2);
    private static final Duration SHORTEST_WAIT = Duration.ofSeconds(1);

    private final Gateway gateway;
    private final ProgressView progress;

    JobRun(Gateway gateway, ProgressView progress) {
        this.gateway = gateway;
        this.progress = progress;
    }

    /// Submits a job. A busy mesh is asked again for two minutes, as it wishes; a lost answer is asked for once
    /// more,
    /// which the key makes harmless.
    ///
    /// @return the job's id
    String submit(Operation operation, Message request, JobTerms terms) {
        Duration waited = Duration.ZERO;
        boolean brokenOff = false;
        while (true) {
            try {
                return gateway.submit(operation, request, terms);
            } catch (RefusedException refusal) {
                Duration wait =
                        refusal.retryAfter().compareTo(SHORTEST_WAIT) < 0 ? SHORTEST_WAIT : refusal.retryAfter();
                waited = waited.plus(wait);
                if (refusal.status() != 429 || waited.compareTo(LONGEST_QUEUE) > 0) {
                    throw refusal;
                }
                progress.note("the mesh is busy; asking again in " + wait.toSeconds() + " s");
                pause(wait);
            } catch (UnreachableException silence) {
                if (brokenOff || !silence.isBrokenOff()) {
                    throw silence;
                }
                brokenOff = true;
                pause(SHORTEST_WAIT);
            }
        }
    }

    /// Shows a job's progress until it is final.
    Job follow(String id) {
        return new JobFollower(gateway).follow(id, this::show);
    }

    /// The same job, if it succeeded.
    ///
    /// @throws JobFailedException if it failed, was cancelled or is not finished
    static Job requireSucceeded(Job job) {
        return switch (job.getState()) {
            case SUCCEEDED -> job;
            case FAILED -> throw new JobFailedException(new RefusedException(job.getProblem()));
            case CANCELLED ->
                throw new JobFailedException(new ProblemException(
                        "job-cancelled", "job " + job.getId(), "was cancelled", "submit it again to have it done"));
            case QUEUED, RUNNING, STATE_UNSPECIFIED, UNRECOGNIZED ->
                throw new JobFailedException(new ProblemException(
                        "job-not-finished",
                        "job " + job.getId(),
                        "has no result yet",
                        "wait for it with: ./assay jobs follow " + job.getId()));
        };
    }

    private void show(JobEvent event) {
        String task = event.getCapability() + " " + event.getOperation();
        switch (event.getDetailCase()) {
            case QUEUED -> progress.show(Moment.of(task, "queued", 0, 0));
            case STARTED -> started(task, event);
            case PROGRESS -> {
                var told = event.getProgress();
                progress.show(new Moment(task, told.getPhase(), told.getDone(), told.getTotal(), told.getMetricsMap()));
            }
            case CHECKPOINT, SUCCEEDED, FAILED, CANCELLED, DETAIL_NOT_SET -> {}
        }
    }

    private void started(String task, JobEvent event) {
        String because = event.getStarted().getResumedBecause();
        if (!because.isEmpty()) {
            progress.note("attempt " + event.getAttempt() + ": " + because);
        }
        progress.show(Moment.of(task, "started", 0, 0));
    }

    private static void pause(Duration duration) {
        try {
            Thread.sleep(duration);
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
            throw new CancelledException("interrupted while waiting for the mesh");
        }
    }
}
