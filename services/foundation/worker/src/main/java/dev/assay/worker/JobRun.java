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
import io.opentelemetry.context.Scope;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletionException;
import org.apache.kafka.clients.consumer.AcknowledgeType;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.jboss.logging.Logger;
import org.jboss.logging.MDC;

/// Carries one record of the work queue through its whole life in this worker: decide, write the start, run,
/// write the end. Says at last what becomes of the record.
final class JobRun {

    private static final Logger LOG = Logger.getLogger(JobRun.class);
    private static final Duration PATIENCE = Duration.ofSeconds(20);
    private static final Duration CANCEL_CHECK = Duration.ofMillis(500);

    /// A lock is renewed three times before it would run out.
    private static final int RENEWALS_PER_LOCK = 3;

    private final JobConsumer worker;
    private final Mesh mesh;
    private final String source;
    private final Tracer tracer;

    JobRun(JobConsumer worker) {
        this.worker = worker;
        this.mesh = worker.mesh();
        this.source = mesh.source();
        this.tracer = mesh.telemetry().getTracer("dev.assay.worker");
    }

    /// @return ACCEPT: done with it; RELEASE: another worker should have it
    AcknowledgeType take(ConsumerRecord<String, byte[]> record, RecordHold hold) {
        Span span = tracer.spanBuilder("take " + record.topic())
                .setParent(TraceContext.extract(record.headers()))
                .setSpanKind(SpanKind.CONSUMER)
                .setAttribute("messaging.system", "kafka")
                .setAttribute("messaging.destination.name", record.topic())
                .startSpan();
        try (Scope ignored = span.makeCurrent()) {
            MDC.put("traceId", Spans.traceId());
            return follow(worker.intake().decide(record), record, hold, span);
        } catch (ProblemException unavailable) {
            span.setStatus(StatusCode.ERROR, unavailable.oneLine());
            LOG.warnf("%s goes back to the queue: %s", JobRequests.describe(record), unavailable.oneLine());
            return AcknowledgeType.RELEASE;
        } catch (InterruptedException stopping) {
            Thread.currentThread().interrupt();
            return AcknowledgeType.RELEASE;
        } finally {
            MDC.remove("traceId");
            MDC.remove("jobId");
            span.end();
        }
    }

    private AcknowledgeType follow(
            Intake.Decision decision, ConsumerRecord<String, byte[]> record, RecordHold hold, Span span)
            throws InterruptedException {
        return switch (decision) {
            case Intake.Bury(Problem problem) -> {
                LOG.warnf("%s goes to %s: %s", JobRequests.describe(record), Topics.DEAD, problem.getDetail());
                worker.metrics().buried();
                mesh.ledger().commit(List.of(DeadRecords.of(record, problem, 0, "", source)), PATIENCE);
                yield AcknowledgeType.ACCEPT;
            }
            case Intake.Skip(Job job) -> {
                LOG.debugf("job %s is %s: nothing to do", job.getId(), job.getState());
                yield AcknowledgeType.ACCEPT;
            }
            case Intake.Cancel(Job job, String reason, var firsts) -> {
                write(
                        firsts,
                        JobLife.cancelledBeforeStart(job, reason, mesh.clock().instant()),
                        List.of());
                yield AcknowledgeType.ACCEPT;
            }
            case Intake.Fail fail -> {
                fail(fail, record);
                yield AcknowledgeType.ACCEPT;
            }
            case Intake.Run run -> {
                MDC.put("jobId", run.job().getId());
                span.updateName("run " + run.request().operation());
                span.setAttribute("assay.job.id", run.job().getId());
                span.setAttribute("assay.job.attempt", run.job().getAttempt() + 1);
                yield start(run, record, hold);
            }
        };
    }

    private void fail(Intake.Fail fail, ConsumerRecord<String, byte[]> record) {
        Job job = fail.job();
        Problem problem = fail.problem();
        LOG.warnf("job %s fails before it starts: %s", job.getId(), problem.getDetail());
        var step = JobLife.failed(job, problem, Map.of(), mesh.clock().instant());
        List<ProducerRecord<String, byte[]>> lasts = switch (fail.burial()) {
            case NONE -> List.of();
            case COPY -> {
                worker.metrics().buried();
                yield List.of(DeadRecords.of(record, problem, job.getAttempt(), job.getWorker(), source));
            }
        };
        write(fail.firsts(), step, lasts);
    }

    private AcknowledgeType start(Intake.Run run, ConsumerRecord<String, byte[]> record, RecordHold hold)
            throws InterruptedException {
        String jobId = run.job().getId();
        Resumption resumption =
                Resumption.of(run.job(), worker.tools().artifacts().of(run.job().getTenant()));
        Job started = start(run, resumption, RecordPosition.of(record));
        Job counts = mesh.states()
                .awaitAttempt(jobId, started.getAttempt(), PATIENCE)
                .orElse(started);
        if (!isOurs(counts, started)) {
            return standDown(counts);
        }
        return run(run, started, resumption, record, hold);
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
    private AcknowledgeType standDown(Job counts) {
        LOG.infof(
                "job %s is not this worker's: %s, attempt %d, %s",
                counts.getId(), counts.getState(), counts.getAttempt(), counts.getWorker());
        return JobLife.isFinal(counts.getState()) ? AcknowledgeType.ACCEPT : AcknowledgeType.RELEASE;
    }

    private AcknowledgeType run(
            Intake.Run run, Job running, Resumption resumption, ConsumerRecord<String, byte[]> record, RecordHold hold)
            throws InterruptedException {
        long startedAt = System.nanoTime();
        var attempt = new Attempt(running, worker.progress());
        worker.enter(attempt);
        try (var job =
                new RunningJob<>(attempt, run.request().request(), resumption.checkpoint(), worker.tools(), mesh)) {
            begin(attempt, job, run);
            keepUntilDone(attempt, hold);
            Duration duration = Duration.ofNanos(System.nanoTime() - startedAt);
            return record(attempt, outcome(attempt, hold), job.attachments(), duration, record);
        } catch (ProblemException problem) {
            return record(attempt, new Outcome.Failed(Problems.of(problem)), Map.of(), Duration.ZERO, record);
        } finally {
            worker.leave(attempt);
        }
    }

    @SuppressWarnings("unchecked") // a handler's Q is its operation's request, by which it was found
    private void begin(Attempt attempt, RunningJob<? extends Message> job, Intake.Run run) {
        var handler = worker.handler(run.request().operation())
                .orElseThrow(() -> new ProblemException(
                        "operation-not-served",
                        "",
                        "this version of the worker does not know "
                                + run.request().operation(),
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
            Attempt attempt,
            Outcome outcome,
            Map<String, Artifact> attachments,
            Duration duration,
            ConsumerRecord<String, byte[]> record) {
        Job running = attempt.running();
        var now = mesh.clock().instant();
        Job last = running.toBuilder().setProgress(attempt.progress().latest()).build();
        return switch (outcome) {
            case Outcome.Superseded(String why) -> {
                LOG.infof("job %s, attempt %d, ends here: %s", running.getId(), running.getAttempt(), why);
                yield AcknowledgeType.RELEASE;
            }
            case Outcome.HandedBack(String why) -> handBack(attempt, last, why, record);
            case Outcome.Succeeded(Message result) ->
                end(attempt, JobLife.succeeded(last, result, attachments, now), duration);
            case Outcome.Failed(Problem problem) ->
                end(attempt, JobLife.failed(last, problem, attachments, now), duration);
            case Outcome.Cancelled(String reason) ->
                end(attempt, JobLife.cancelled(last, reason, attachments, now), duration);
        };
    }

    /// The job waits again, and a fresh copy of its record takes the place of this one: the broker counts how
    /// often it hands out a record, and a healthy job must survive any number of restarts.
    private AcknowledgeType handBack(Attempt attempt, Job last, String why, ConsumerRecord<String, byte[]> record) {
        attempt.progress().flush();
        worker.progress().flush();
        var step = JobLife.handedBack(last, why, mesh.clock().instant());
        var copy = new ProducerRecord<>(record.topic(), null, record.key(), record.value(), record.headers());
        try {
            write(List.of(), step, List.of(copy));
        } catch (ProblemException unavailable) {
            // the record itself goes back instead: this costs the job an attempt, but never the job
            LOG.warnf("job %s could not be handed back: %s", last.getId(), unavailable.oneLine());
            return AcknowledgeType.RELEASE;
        }
        LOG.infof("job %s, attempt %d, is handed back: %s", last.getId(), last.getAttempt(), why);
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
