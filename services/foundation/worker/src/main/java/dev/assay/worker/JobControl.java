package dev.assay.worker;

import dev.assay.computation.ProblemException;
import dev.assay.job.v1.CancelOrder;
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

    /// Cancels a job. One that waits is cancelled at once and never runs; one that runs is told, and stops at
    /// its next step. A job that is final stays as it is.
    ///
    /// @param reason for people; may be empty
    /// @return the job as it is now: final, or running with `cancel_requested`
    /// @throws ProblemException `job-not-found`, `mesh-unavailable`
    public Job cancel(String jobId, String reason) {
        Job job = states.findFresh(jobId)
                .orElseThrow(() -> new ProblemException(
                        "job-not-found", jobId, "there is no job '" + jobId + "'", "list jobs to find its id"));
        if (JobLife.isFinal(job.getState())) {
            return job;
        }
        var order = JobOrder.newBuilder()
                .setJobId(jobId)
                .setCancel(CancelOrder.newBuilder().setReason(reason))
                .build();
        List<ProducerRecord<String, byte[]>> records = new ArrayList<>();
        records.add(JobEvents.order(order, source, UUID.randomUUID().toString()));
        Job after = job.toBuilder().setCancelRequested(true).build();
        if (job.getState() == Job.State.QUEUED) {
            var step = JobLife.cancelledBeforeStart(job, reason, clock.instant());
            records.addAll(step.records(source));
            after = step.snapshot();
        }
        ledger.commit(records, PATIENCE);
        return after;
    }
}
