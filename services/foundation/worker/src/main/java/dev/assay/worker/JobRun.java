package dev.assay.worker;

import com.google.protobuf.Message;
import dev.assay.artifact.v1.Artifact;
import dev.assay.computation.ProblemException;
import dev.assay.contract.Problems;
import dev.assay.job.v1.Job;
import dev.assay.job.v1.Problem;
import io.opentelemetry.api.trace.Span;
import io.opentelemetry.api.trace.SpanKind;
import io.opentelemetry.api.trace.StatusCode;
import io.opentelemetry.api.trace.Tracer;
import io.opentelemetry.context.Context;
import io.opentelemetry.context.Scope;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletionException;
import org.apache.kafka.clients.consumer.AcknowledgeType;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.jboss.logging.Logger;
import org.jboss.logging.MDC;

/// Carries a job through its whole life in this worker by the record of the work queue that lets it run: decide,
/// write the start, run, write the end. Says at last what becomes of the record.
final class JobRun {

    private static final Logger LOG = Logger.getLogger(JobRun.class);
    private static final Duration PATIENCE = Duration.ofSeconds(20);
    private static final Duration CANCEL_CHECK = Duration.ofMillis(500);

    /// A lock is renewed three times before it would run out.
    private static final int RENEWALS_PER_LOCK = 3;

    private static final Optional<AcknowledgeType> DONE = Optional.of(AcknowledgeType.ACCEPT);

    /// How often a slot lets others go first before it leaves the record to them.
    private static final int MOST_RACES = 10;

    private final JobConsumer worker;
    private final Intake intake;
    private final Turns turns;
    private final Mesh mesh;
    private final String source;
    private final Tracer tracer;

    JobRun(JobConsumer worker, Intake intake, Turns turns) {
        this.worker = worker;
        this.intake = intake;
        this.turns = turns;
        this.mesh = worker.mesh();
        this.source = mesh.source();
        this.tracer = mesh.telemetry().getTracer("dev.assay.worker");
    }

    /// @return ACCEPT: done with it; RELEASE: another worker should have it
    AcknowledgeType take(ConsumerRecord<String, byte[]> record, RecordHold hold) {
        try {
            for (int races = 0; races < MOST_RACES && isHeld(hold); races++) {
                Optional<AcknowledgeType> verdict = takeTurn(record, hold);
                if (verdict.isPresent()) {
                    return verdict.get();
                }
                mesh.states().awaitCaughtUp(PATIENCE);
            }
        } catch (ProblemException unavailable) {
            LOG.warnf("%s goes back to the queue: %s", JobRequests.describe(record), unavailable.oneLine());
        } catch (InterruptedException stopping) {
            Thread.currentThread().interrupt();
        }
        return AcknowledgeType.RELEASE;
    }

    private boolean isHeld(RecordHold hold) {
        return !hold.mayHaveRunOut(hold.lock(worker.configuration().lock()));
    }

    /// @return empty when another worker was faster with the job whose turn it was
    private Optional<AcknowledgeType> takeTurn(ConsumerRecord<String, byte[]> record, RecordHold hold)
            throws InterruptedException {
        Intake.Decision decision = intake.decide(record);
        Span span = tracer.spanBuilder("take " + record.topic())
                .setParent(traceOf(decision, record))
                .setSpanKind(SpanKind.CONSUMER)
                .setAttribute("messaging.system", "kafka")
                .setAttribute("messaging.destination.name", record.topic())
                .startSpan();
        try (Scope ignored = span.makeCurrent()) {
            MDC.put("traceId", Spans.traceId());
            jobOf(decision).ifPresent(job -> MDC.put("jobId", job.getId()));
            return follow(decision, record, hold, span);
        } catch (ProblemException unavailable) {
            span.setStatus(StatusCode.ERROR, unavailable.oneLine());
            throw unavailable;
        } finally {
            jobOf(decision).ifPresent(job -> turns.release(job.getId()));
            MDC.remove("traceId");
            MDC.remove("jobId");
            span.end();
        }
    }

    private static Optional<Job> jobOf(Intake.Decision decision) {
        return switch (decision) {
            case Intake.Run run -> Optional.of(run.job());
            case Intake.Cancel cancel -> Optional.of(cancel.job());
            case Intake.Fail fail -> Optional.of(fail.job());
            case Intake.Replace(Job job) -> Optional.of(job);
            case Intake.Skip ignored -> Optional.empty();
            case Intake.Bury ignored -> Optional.empty();
        };
    }

    /// The trace of the job, which is not always the record's.
    private static Context traceOf(Intake.Decision decision, ConsumerRecord<String, byte[]> record) {
        return jobOf(decision)
                .map(Job::getTraceParent)
                .filter(parent -> !parent.isEmpty())
                .map(TraceContext::of)
                .orElseGet(() -> TraceContext.extract(record.headers()));
    }

    private Optional<AcknowledgeType> follow(
            Intake.Decision decision, ConsumerRecord<String, byte[]> record, RecordHold hold, Span span)
            throws InterruptedException {
        return switch (decision) {
            case Intake.Bury(Problem problem) -> {
                LOG.warnf("%s goes to %s: %s", JobRequests.describe(record), Topics.DEAD, problem.getDetail());
                worker.metrics().buried();
                mesh.ledger().commit(List.of(DeadRecords.of(record, problem, source)), PATIENCE);
                yield DONE;
            }
            case Intake.Skip(Job job) -> {
                LOG.debugf("job %s is %s, and no other waits", job.getId(), job.getState());
                yield DONE;
            }
            case Intake.Replace(Job job) -> {
                mesh.ledger().commit(List.of(JobRequests.record(job, source)), PATIENCE);
                yield DONE;
            }
            case Intake.Cancel(Job job, String reason, var firsts) -> {
                write(
                        firsts,
                        JobLife.cancelledBeforeStart(job, reason, mesh.clock().instant()),
                        List.of());
                yield DONE;
            }
            case Intake.Fail fail -> {
                fail(fail, record);
                yield DONE;
            }
            case Intake.Run run -> {
                span.updateName("run " + run.operation());
                span.setAttribute("assay.job.id", run.job().getId());
                span.setAttribute("assay.job.attempt", run.job().getAttempt() + 1);
                yield start(run, record, hold);
            }
        };
    }

    private void fail(Intake.Fail fail, ConsumerRecord<String, byte[]> record) {
        Job job = fail.job();
        Problem problem = explained(fail);
        LOG.warnf("job %s fails before it starts: %s", job.getId(), problem.getDetail());
        var step = JobLife.failed(job, problem, Map.of(), mesh.clock().instant());
        List<ProducerRecord<String, byte[]>> lasts = switch (fail.burial()) {
            case NONE -> List.of();
            case COPY -> {
                worker.metrics().buried();
                yield List.of(DeadRecords.of(job, record, problem, source));
            }
        };
        write(fail.firsts(), step, lasts);
    }

    /// A worker that died cannot say why, but what it wrote last is there.
    private Problem explained(Intake.Fail fail) {
        return switch (fail.burial()) {
            case NONE -> fail.problem();
            case COPY ->
                fail.problem().toBuilder()
                        .setLogTail(WorkerLog.tail(
                                worker.tools().artifacts().workerLogs(),
                                fail.job().getWorker(),
                                fail.job().getId()))
                        .build();
        };
    }

    private Optional<AcknowledgeType> start(Intake.Run run, ConsumerRecord<String, byte[]> record, RecordHold hold)
            throws InterruptedException {
        String jobId = run.job().getId();
        Resumption resumption =
                Resumption.of(run.job(), worker.tools().artifacts().of(run.job().getTenant()));
        RecordPosition position = RecordPosition.of(record);
        Job started = start(run, resumption, position);
        Job counts = mesh.states()
                .awaitAttempt(jobId, started.getAttempt(), PATIENCE)
                .orElse(started);
        if (!isOurs(counts, started)) {
            return standDown(counts, position);
        }
        if (run.permit() == Intake.Permit.BORROWED && !isHeld(hold)) {
            // whoever has the record now knows nothing of this job: it needs one of its own
            return Optional.of(handBack(started, "its worker was held up while it started"));
        }
        return Optional.of(run(run, started, resumption, hold));
    }

    private Job start(Intake.Run run, Resumption resumption, RecordPosition position) {
        var step = JobLife.started(
                resumption.before(),
                worker.configuration().name(),
                position,
                resumption.remark(),
                mesh.clock().instant());
        write(run.firsts(), step, List.of());
        return step.snapshot();
    }

    /// Somebody else wrote before us: the log's order decides, and every reader sees it.
    private static Optional<AcknowledgeType> standDown(Job counts, RecordPosition position) {
        LOG.infof(
                "job %s is not this worker's: %s, attempt %d, %s",
                counts.getId(), counts.getState(), counts.getAttempt(), counts.getWorker());
        boolean hasOurRecord = counts.getQueueRecord().equals(position.toString());
        return hasOurRecord ? Optional.of(AcknowledgeType.RELEASE) : Optional.empty();
    }

    private AcknowledgeType run(Intake.Run run, Job running, Resumption resumption, RecordHold hold)
            throws InterruptedException {
        long startedAt = System.nanoTime();
        var attempt = new Attempt(running, worker.progress());
        worker.enter(attempt);
        // the one line that is there when the job kills the worker
        LOG.infof("job %s, attempt %d, starts", running.getId(), running.getAttempt());
        try (var job = new RunningJob<>(attempt, run.request(), resumption.checkpoint(), worker.tools(), mesh)) {
            begin(attempt, job, run);
            keepUntilDone(attempt, hold);
            Duration duration = Duration.ofNanos(System.nanoTime() - startedAt);
            return record(attempt, outcome(attempt, hold), job.attachments(), duration);
        } catch (ProblemException problem) {
            return record(attempt, new Outcome.Failed(Problems.of(problem)), Map.of(), Duration.ZERO);
        } finally {
            worker.leave(attempt);
        }
    }

    @SuppressWarnings("unchecked") // a handler's Q is its operation's request, by which it was found
    private void begin(Attempt attempt, RunningJob<? extends Message> job, Intake.Run run) {
        var handler = worker.handler(run.operation())
                .orElseThrow(() -> new ProblemException(
                        "operation-not-served",
                        "",
                        "this version of the worker does not know " + run.operation(),
                        "bring all workers to the same version, then submit the job again"));
        attempt.start((JobHandler<Message, Message>) handler, (RunningJob<Message>) job);
    }

    private void keepUntilDone(Attempt attempt, RecordHold hold) throws InterruptedException {
        Duration pause = hold.lock(worker.configuration().lock()).dividedBy(RENEWALS_PER_LOCK);
        while (!attempt.isDone(hold.isLost() ? CANCEL_CHECK : pause)) {
            if (!hold.isLost() && hold.renew() == RecordHold.State.LOST) {
                worker.metrics().lostLock();
            }
        }
    }

    private Outcome outcome(Attempt attempt, RecordHold hold) throws InterruptedException {
        return hold.mayHaveRunOut(hold.lock(worker.configuration().lock())) ? afterFreeze(attempt) : attempt.outcome();
    }

    /// Another worker may have the job by now, and this one's view may be as old as its sleep was long.
    private Outcome afterFreeze(Attempt attempt) throws InterruptedException {
        boolean upToDate = false;
        while (!upToDate && !attempt.isSuperseded()) {
            try {
                mesh.states().awaitCaughtUp(PATIENCE);
                upToDate = true;
            } catch (ProblemException unavailable) {
                LOG.warnf(
                        "job %s waits for the broker to record its end",
                        attempt.running().getId());
                Thread.sleep(CANCEL_CHECK);
            }
        }
        Job counts = mesh.states().find(attempt.running().getId()).orElse(attempt.running());
        if (!isOurs(counts, attempt.running())) {
            attempt.supersede("attempt " + counts.getAttempt() + " has the job now");
        }
        return attempt.outcome();
    }

    private AcknowledgeType record(
            Attempt attempt, Outcome outcome, Map<String, Artifact> attachments, Duration duration) {
        Job running = attempt.running();
        var now = mesh.clock().instant();
        Job last = running.toBuilder().setProgress(attempt.progress().latest()).build();
        return switch (outcome) {
            case Outcome.Superseded(String why) -> {
                LOG.infof("job %s, attempt %d, ends here: %s", running.getId(), running.getAttempt(), why);
                yield AcknowledgeType.RELEASE;
            }
            case Outcome.HandedBack(String why) -> {
                attempt.progress().flush();
                worker.progress().flush();
                yield handBack(last, why);
            }
            case Outcome.Succeeded(Message result) ->
                end(attempt, JobLife.succeeded(last, result, attachments, now), duration);
            case Outcome.Failed(Problem problem) ->
                end(attempt, JobLife.failed(last, problem, attachments, now), duration);
            case Outcome.Cancelled(String reason) ->
                end(attempt, JobLife.cancelled(last, reason, attachments, now), duration);
        };
    }

    /// The job waits again with a record of its own, in place of this one: the broker counts how often it hands out
    /// a record, and a healthy job must survive any number of restarts.
    private AcknowledgeType handBack(Job running, String why) {
        var step = JobLife.handedBack(running, why, mesh.clock().instant());
        try {
            write(List.of(), step, List.of(JobRequests.record(running, source)));
        } catch (ProblemException unavailable) {
            // the record itself goes back instead: this costs the job an attempt, but never the job
            LOG.warnf("job %s could not be handed back: %s", running.getId(), unavailable.oneLine());
            return AcknowledgeType.RELEASE;
        }
        LOG.infof("job %s, attempt %d, is handed back: %s", running.getId(), running.getAttempt(), why);
        return AcknowledgeType.ACCEPT;
    }

    private AcknowledgeType end(Attempt attempt, JobLife.Step step, Duration duration) {
        Span.current()
                .setAttribute("assay.job.state", step.snapshot().getState().name());
        attempt.progress().flush();
        worker.progress().flush();
        try {
            mesh.ledger().append(endOf(step)).join();
        } catch (CompletionException failure) {
            if (failure.getCause() instanceof ProblemException problem
                    && problem.type().equals("record-too-large")
                    && step.event().hasSucceeded()) {
                var failed = JobLife.failed(
                        attempt.running(),
                        Problems.of(problem),
                        step.snapshot().getArtifactsMap(),
                        mesh.clock().instant());
                return end(attempt, failed, duration);
            }
            LOG.warnf(
                    "job %s: its end could not be written: %s",
                    attempt.running().getId(), failure.getCause());
            return AcknowledgeType.RELEASE;
        }
        worker.metrics().finished(step.snapshot(), duration);
        return AcknowledgeType.ACCEPT;
    }

    /// A parent that has not succeeded leaves no child running: they are cancelled together with its end.
    private List<ProducerRecord<String, byte[]>> endOf(JobLife.Step step) {
        List<ProducerRecord<String, byte[]>> records = new ArrayList<>(step.records(source));
        if (!step.event().hasSucceeded()) {
            String id = step.snapshot().getId();
            records.addAll(mesh.control().cancellationOfChildren(id, "its parent " + id + " ended without needing it"));
        }
        return records;
    }

    private void write(
            List<ProducerRecord<String, byte[]>> firsts,
            JobLife.Step step,
            List<ProducerRecord<String, byte[]>> lasts) {
        List<ProducerRecord<String, byte[]>> records = new ArrayList<>(firsts);
        records.addAll(step.records(source));
        records.addAll(lasts);
        mesh.ledger().commit(records, PATIENCE);
    }

    private static boolean isOurs(Job counts, Job ours) {
        return counts.getAttempt() == ours.getAttempt()
                && counts.getWorker().equals(ours.getWorker())
                && !JobLife.isFinal(counts.getState());
    }
}
