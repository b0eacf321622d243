package dev.assay.worker;

import dev.assay.computation.ProblemException;
import dev.assay.job.v1.CancelOrder;
import dev.assay.job.v1.DrainOrder;
import dev.assay.job.v1.Job;
import dev.assay.job.v1.JobOrder;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import org.apache.kafka.clients.producer.ProducerRecord;

/// Orders to the workers.
public final class JobControl {

    private static final Duration PATIENCE = Duration.ofSeconds(20);

    private final Ledger ledger;
    private final JobStates states;
    private final String source;
    private final Clock clock;

    JobControl(Ledger ledger, JobStates states, String source, Clock clock) {
        this.ledger = ledger;
        this.states = states;
        this.source = source;
        this.clock = clock;
    }

    /// Cancels a job and the jobs it has submitted. One that waits is cancelled at once and never runs; one that
    /// runs is told, and stops at its next step. A job that is final stays as it is.
    ///
    /// @param reason for people; may be empty
    /// @return the job as it is now: final, or running with `cancel_requested`
    /// @throws ProblemException `job-not-found`, `mesh-unavailable`
    public Job cancel(String jobId, String reason) {
        Job job = require(jobId);
        List<ProducerRecord<String, byte[]>> records = new ArrayList<>();
        Job after = cancel(job, reason, records);
        if (!records.isEmpty()) {
            ledger.commit(records, PATIENCE);
        }
        return after;
    }

    /// What cancels those jobs that are left of the ones a job has submitted, to be written with its end.
    List<ProducerRecord<String, byte[]>> cancellationOfChildren(String parentId, String reason) {
        List<ProducerRecord<String, byte[]>> records = new ArrayList<>();
        states.childrenOf(parentId).forEach(child -> cancel(child, reason, records));
        return records;
    }

    /// Tells a worker to stop as the operating system's signal would: it takes no more jobs, gives the running ones
    /// their grace and hands them back. Whether it starts again is for whoever supervises it.
    ///
    /// @throws ProblemException `mesh-unavailable`
    public void drain(String worker) {
        var order = JobOrder.newBuilder()
                .setDrain(DrainOrder.newBuilder().setWorker(worker))
                .build();
        ledger.commit(List.of(JobEvents.order(order, source, UUID.randomUUID().toString())), PATIENCE);
    }

    /// Puts a job that failed or was cancelled back into the queue, with its request as it was. It goes on from
    /// its last checkpoint, if it has one; what counted against it is forgotten.
    ///
    /// @return the job, which waits again
    /// @throws ProblemException `job-not-found`; `job-not-finished` when it waits or runs; `job-already-final`
    ///     when it has succeeded; `unknown-operation` when this version cannot run it; `mesh-unavailable`
    public Job retry(String jobId, String because) {
        Job job = require(jobId);
        return switch (job.getState()) {
            case FAILED, CANCELLED -> putBack(job, because);
            case SUCCEEDED ->
                throw new ProblemException(
                        "job-already-final",
                        jobId,
                        "job " + jobId + " has succeeded: there is nothing to try again",
                        "submit its request anew to run it once more");
            case QUEUED, RUNNING, STATE_UNSPECIFIED, UNRECOGNIZED ->
                throw new ProblemException(
                        "job-not-finished",
                        jobId,
                        "job " + jobId + " is " + job.getState() + ": it is not over yet",
                        "wait for its end or cancel it, then put it back");
        };
    }

    private Job putBack(Job job, String because) {
        var step = JobLife.putBack(job, because, clock.instant());
        List<ProducerRecord<String, byte[]>> records = new ArrayList<>(step.records(source));
        records.add(JobRequests.record(job, source));
        ledger.commit(records, PATIENCE);
        states.accept(step.snapshot());
        return step.snapshot();
    }

    private Job require(String jobId) {
        return states.findFresh(jobId)
                .orElseThrow(() -> new ProblemException(
                        "job-not-found", jobId, "there is no job '" + jobId + "'", "list jobs to find its id"));
    }

    private Job cancel(Job job, String reason, List<ProducerRecord<String, byte[]>> records) {
        if (JobLife.isFinal(job.getState())) {
            return job;
        }
        var order = JobOrder.newBuilder()
                .setJobId(job.getId())
                .setCancel(CancelOrder.newBuilder().setReason(reason).setRetries(job.getRetries()))
                .build();
        records.add(JobEvents.order(order, source, UUID.randomUUID().toString()));
        Job after = job.toBuilder().setCancelRequested(true).build();
        if (job.getState() == Job.State.QUEUED) {
            var step = JobLife.cancelledBeforeStart(job, reason, clock.instant());
            records.addAll(step.records(source));
            after = step.snapshot();
        }
        String because = "its parent " + job.getId() + " was cancelled";
        states.childrenOf(job.getId()).forEach(child -> cancel(child, because, records));
        return after;
    }
}
