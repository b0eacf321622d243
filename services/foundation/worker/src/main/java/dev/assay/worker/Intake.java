package dev.assay.worker;

import com.google.protobuf.Message;
import dev.assay.computation.ProblemException;
import dev.assay.contract.Operation;
import dev.assay.contract.Problems;
import dev.assay.job.v1.Job;
import dev.assay.job.v1.Problem;
import io.cloudevents.CloudEvent;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.producer.ProducerRecord;

/// Decides what becomes of a record of a work queue, which is a permit to run one of its jobs ({@link Turns}): by
/// the record, and by what is known of the jobs.
final class Intake {

    /// What a worker does with a record.
    sealed interface Decision {}

    /// @param firsts what must be written together with the start: the queued step of a job from outside
    /// @param permit whether the record names the job
    record Run(
            Job job, Operation operation, Message request, List<ProducerRecord<String, byte[]>> firsts, Permit permit)
            implements Decision {}

    /// Whose record lets a job run.
    enum Permit {
        OWN,
        /// Another job's, which will run by this one's or has run by yet another.
        BORROWED
    }

    /// No job of the queue waits: the one that the record names is over, or runs by another record.
    record Skip(Job job) implements Decision {}

    /// The record's own job does not wait, and the one whose turn it is gets a fresh record in place of this one,
    /// which has been handed out before.
    record Replace(Job job) implements Decision {}

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

    private final WorkQueue queue;
    private final String source;
    private final int attempts;
    private final JobStates states;
    private final JobOrders orders;
    private final Turns turns;
    private final Clock clock;

    Intake(WorkQueue queue, String source, int attempts, JobStates states, JobOrders orders, Turns turns, Clock clock) {
        this.queue = queue;
        this.source = source;
        this.attempts = attempts;
        this.states = states;
        this.orders = orders;
        this.turns = turns;
        this.clock = clock;
    }

    /// The job of the decision is {@linkplain Turns#release to be released} when it has been carried out.
    ///
    /// @throws ProblemException `mesh-unavailable` when the job's state cannot be learnt: leave the record for
    ///     later
    Decision decide(ConsumerRecord<String, byte[]> record) {
        int deliveries = record.deliveryCount().orElse((short) 1);
        if (deliveries > 1) {
            states.awaitCaughtUp(PATIENCE);
        }
        Optional<Job> brought = turns.broughtBy(RecordPosition.of(record));
        if (brought.isPresent()) {
            return judge(brought.get(), deliveries, List.of(), Permit.OWN);
        }
        CloudEvent event;
        String jobId;
        try {
            event = CloudEvents.read(record);
            jobId = JobRequests.jobId(event, queue.capability());
        } catch (ProblemException malformed) {
            return new Bury(Problems.of(malformed));
        }
        Optional<Job> known = known(jobId);
        if (known.isEmpty()) {
            return decideOnNewcomer(event, jobId, deliveries);
        }
        // a broker that has crashed hands out again as for the first time what was being worked on
        return turns.broughtBy(RecordPosition.of(record))
                .map(job -> judge(job, deliveries, List.of(), Permit.OWN))
                .orElseGet(() -> decide(known.get(), deliveries));
    }

    private Decision decide(Job named, int deliveries) {
        Optional<Job> candidate = Optional.of(named).filter(job -> job.getState() == Job.State.QUEUED);
        if (deliveries > 1) {
            // only fresh records are lent: the broker counts how often it hands one out, and what befell others by
            // this one must not count against a job
            return candidate
                    .map(job -> judge(job, deliveries, List.of(), Permit.OWN))
                    .or(() -> turns.next(Optional.empty()).map(Replace::new))
                    .orElseGet(() -> new Skip(named));
        }
        return turns.next(candidate)
                .map(job -> judge(job, deliveries, List.of(), permit(job, named)))
                .orElseGet(() -> new Skip(named));
    }

    /// A request from outside that nobody has seen before.
    private Decision decideOnNewcomer(CloudEvent event, String jobId, int deliveries) {
        JobLife.Step queued;
        try {
            var received = JobRequests.read(event, queue.capability());
            queued = JobLife.queued(
                            received.jobId(),
                            received.operation(),
                            received.request(),
                            received.idempotencyKey(),
                            "",
                            received.terms(),
                            clock.instant())
                    .in(queue);
        } catch (ProblemException refused) {
            return refusal(jobId, JobRequests.tenant(event), refused);
        }
        Job newcomer = queued.snapshot();
        Job chosen =
                deliveries > 1 ? newcomer : turns.next(Optional.of(newcomer)).orElse(newcomer);
        return judge(chosen, deliveries, queued.records(source), permit(chosen, newcomer));
    }

    private static Permit permit(Job chosen, Job named) {
        return chosen.getId().equals(named.getId()) ? Permit.OWN : Permit.BORROWED;
    }

    private Decision judge(Job job, int deliveries, List<ProducerRecord<String, byte[]>> firsts, Permit permit) {
        Optional<String> cancellation = orders.cancellation(job);
        if (cancellation.isPresent()) {
            return new Cancel(job, cancellation.get(), firsts);
        }
        int lost = JobLife.lostAttempts(job);
        // the last delivery before the broker drops the record is the last chance to say so
        boolean isLastDelivery = deliveries >= Topics.deliveryLimit(attempts);
        try {
            Operation operation = JobRequests.operation(job);
            Message request = JobRequests.request(operation, job);
            if (lost >= attempts || isLastDelivery) {
                Job judged = job.toBuilder().setLostAttempts(lost).build();
                return new Fail(judged, Problems.of(givenUp(judged, deliveries)), Burial.COPY, firsts);
            }
            return new Run(job, operation, request, firsts, permit);
        } catch (ProblemException unreadable) {
            return new Fail(job, Problems.of(unreadable), Burial.NONE, firsts);
        }
    }

    /// A request from outside that is not acceptable: it gets a job, so that its sender learns why.
    private Decision refusal(String jobId, String tenant, ProblemException refused) {
        if (refused.type().equals("malformed-event")) {
            return new Bury(Problems.of(refused));
        }
        Job job = Job.newBuilder()
                .setId(jobId)
                .setCapability(queue.capability())
                .setTenant(tenant)
                .setState(Job.State.QUEUED)
                .setCreatedAt(JobLife.timestamp(clock.instant()))
                .build();
        return new Fail(job, Problems.of(refused), Burial.NONE, List.of());
    }

    /// That a job waits may be read from the view, since a start is checked against the log again. Anything else
    /// must not rest on a view that lags: the job may have been put back or handed back a moment ago, and this be
    /// its new record.
    private Optional<Job> known(String jobId) {
        Optional<Job> known = states.find(jobId);
        if (known.filter(job -> job.getState() == Job.State.QUEUED).isPresent()) {
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
                "look into the last lines of that worker's log (logTail) and into the log itself: too little memory is the usual cause; then put the job back with"
                        + " POST /v1/jobs/" + job.getId() + "/retry");
    }
}
