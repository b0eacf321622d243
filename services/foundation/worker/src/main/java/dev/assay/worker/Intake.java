package dev.assay.worker;

import dev.assay.computation.ProblemException;
import dev.assay.contract.Problems;
import dev.assay.job.v1.Job;
import dev.assay.job.v1.Problem;
import io.cloudevents.CloudEvent;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.producer.ProducerRecord;

/// Decides what becomes of a record of the work queue, by the record and by what is known of its job.
final class Intake {

    /// What a worker does with a record.
    sealed interface Decision {}

    /// @param firsts what must be written together with the start: the queued step of a job from outside
    record Run(Job job, JobRequests.Received request, List<ProducerRecord<String, byte[]>> firsts)
            implements Decision {}

    /// Nothing is left to do: the job is over, or another record of it is being worked on.
    record Skip(Job job) implements Decision {}

    /// The job was cancelled before this attempt.
    record Cancel(Job job, String reason, List<ProducerRecord<String, byte[]>> firsts) implements Decision {}

    /// The job fails before it starts: its request is not acceptable, or it was tried often enough.
    record Fail(Job job, Problem problem, Burial burial, List<ProducerRecord<String, byte[]>> firsts)
            implements Decision {}

    /// The record is no request of any job.
    record Bury(Problem problem) implements Decision {}

    /// Whether a copy of the record goes to the dead.
    enum Burial {
        NONE,
        COPY
    }

    private static final Duration PATIENCE = Duration.ofSeconds(20);

    private final String capability;
    private final String source;
    private final int attempts;
    private final JobStates states;
    private final JobOrders orders;
    private final Clock clock;

    Intake(String capability, String source, int attempts, JobStates states, JobOrders orders, Clock clock) {
        this.capability = capability;
        this.source = source;
        this.attempts = attempts;
        this.states = states;
        this.orders = orders;
        this.clock = clock;
    }

    /// @throws ProblemException `mesh-unavailable` when the job's state cannot be learnt: leave the record for
    ///     later
    Decision decide(ConsumerRecord<String, byte[]> record) {
        int deliveries = record.deliveryCount().orElse((short) 1);
        CloudEvent event;
        String jobId;
        try {
            event = CloudEvents.read(record);
            jobId = JobRequests.jobId(event, capability);
        } catch (ProblemException malformed) {
            return new Bury(Problems.of(malformed));
        }
        Optional<Job> known = known(jobId, deliveries);
        if (known.filter(job -> isDone(record, job)).isPresent()) {
            // the record is dropped for good, so this must not rest on a view that lags: the job may have been put
            // back or handed back a moment ago, and this be its new record
            states.awaitCaughtUp(PATIENCE);
            known = states.find(jobId);
            if (known.filter(job -> isDone(record, job)).isPresent()) {
                return new Skip(known.get());
            }
        }
        try {
            return decide(JobRequests.read(event, capability), known, deliveries);
        } catch (ProblemException refused) {
            return refusal(jobId, JobRequests.tenant(event), known, refused);
        }
    }

    private Decision decide(JobRequests.Received request, Optional<Job> known, int deliveries) {
        List<ProducerRecord<String, byte[]>> firsts = new ArrayList<>();
        Job job = known.orElseGet(() -> {
            var step = JobLife.queued(
                    request.jobId(),
                    request.operation(),
                    request.request(),
                    request.idempotencyKey(),
                    "",
                    request.terms(),
                    clock.instant());
            firsts.addAll(step.records(source));
            return step.snapshot();
        });
        Optional<String> cancellation = orders.cancellation(job);
        if (cancellation.isPresent()) {
            return new Cancel(job, cancellation.get(), firsts);
        }
        // the last delivery before the broker drops the record is the last chance to say so
        int lost = JobLife.lostAttempts(job);
        if (lost >= attempts || deliveries >= Topics.deliveryLimit(attempts)) {
            Job judged = job.toBuilder().setLostAttempts(lost).build();
            return new Fail(judged, Problems.of(givenUp(judged, deliveries)), Burial.COPY, firsts);
        }
        return new Run(job, request, firsts);
    }

    /// Whether the job is over, or the record a copy: a job that was handed back or put back may have more than one
    /// in the queue. The one that brought the running attempt stays there until the job is over, so others can go.
    private static boolean isDone(ConsumerRecord<String, byte[]> record, Job known) {
        return JobLife.isFinal(known.getState())
                || known.getState() == Job.State.RUNNING
                        && !known.getQueueRecord().isEmpty()
                        && !known.getQueueRecord()
                                .equals(RecordPosition.of(record).toString());
    }

    /// A request from outside that nobody has checked before: it gets a job, so that its sender learns why.
    private Decision refusal(String jobId, String tenant, Optional<Job> known, ProblemException refused) {
        if (refused.type().equals("malformed-event") && known.isEmpty()) {
            return new Bury(Problems.of(refused));
        }
        Job job = known.orElseGet(() -> Job.newBuilder()
                .setId(jobId)
                .setCapability(capability)
                .setTenant(tenant)
                .setState(Job.State.QUEUED)
                .setCreatedAt(JobLife.timestamp(clock.instant()))
                .build());
        return new Fail(job, Problems.of(refused), Burial.NONE, List.of());
    }

    /// A first delivery may trust the view, since a start is checked against the log again; otherwise somebody
    /// may have finished the job a moment ago.
    private Optional<Job> known(String jobId, int deliveries) {
        Optional<Job> known = states.find(jobId);
        if (known.isPresent() && deliveries == 1) {
            return known;
        }
        states.awaitCaughtUp(PATIENCE);
        return states.find(jobId);
    }

    private ProblemException givenUp(Job job, int deliveries) {
        return new ProblemException(
                "job-given-up",
                "",
                job.getLostAttempts() + " attempts at the job ended without an answer because their worker died or"
                        + " froze (its record was handed out " + deliveries + " times); the last was on "
                        + job.getWorker(),
                "look into that worker's log: too little memory is the usual cause; then put the job back with"
                        + " POST /v1/jobs/" + job.getId() + "/retry");
    }
}
