package dev.assay.worker;

import com.google.protobuf.Any;
import com.google.protobuf.Message;
import com.google.protobuf.Timestamp;
import dev.assay.artifact.v1.Artifact;
import dev.assay.contract.Operation;
import dev.assay.job.v1.Cancelled;
import dev.assay.job.v1.Failed;
import dev.assay.job.v1.Job;
import dev.assay.job.v1.JobEvent;
import dev.assay.job.v1.Problem;
import dev.assay.job.v1.Progress;
import dev.assay.job.v1.Queued;
import dev.assay.job.v1.Started;
import dev.assay.job.v1.Succeeded;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.apache.kafka.clients.producer.ProducerRecord;

/// The life of a job: which step follows which, what each writes, and which of two snapshots counts.
///
/// QUEUED → RUNNING → SUCCEEDED | FAILED | CANCELLED; QUEUED → CANCELLED; RUNNING → RUNNING with the next
/// attempt when a worker was lost; RUNNING → QUEUED when a worker hands the job back; FAILED | CANCELLED →
/// QUEUED when somebody asks to try again.
public final class JobLife {

    /// One step: the snapshot after it and the event that tells of it, written together.
    record Step(Job snapshot, JobEvent event) {

        /// With an end that somebody wants to be told of comes the job that tells them.
        ///
        /// @param source who took the step, such as `/workers/attack-1`
        List<ProducerRecord<String, byte[]>> records(String source) {
            List<ProducerRecord<String, byte[]>> records = new ArrayList<>();
            records.add(JobEvents.snapshot(snapshot, source));
            records.add(JobEvents.record(event, source));
            if (isFinal(snapshot.getState()) && !snapshot.getCallback().isEmpty()) {
                records.addAll(CallbackJob.records(this, source));
            }
            return records;
        }

        /// The step of a job that somebody has put into this queue, whatever device its request insists on.
        Step in(WorkQueue queue) {
            return new Step(snapshot.toBuilder().setDevice(queue.device()).build(), event);
        }
    }

    private JobLife() {}

    /// Nothing happens to a job any more, unless it is put back on purpose.
    public static boolean isFinal(Job.State state) {
        return switch (state) {
            case SUCCEEDED, FAILED, CANCELLED -> true;
            case QUEUED, RUNNING, STATE_UNSPECIFIED, UNRECOGNIZED -> false;
        };
    }

    /// Whether `later`, which comes after `known` in the log, replaces it. Every reader decides by this, so a
    /// worker that wakes up after its job went to another one changes nothing (docs/decisions/0002).
    ///
    /// - A higher attempt replaces a lower one, never the other way round.
    /// - A final snapshot is replaced only by one that puts the job back: QUEUED with a higher attempt.
    /// - Within an attempt the first worker to write keeps it, and nothing but an end follows its handing back.
    /// - Of two submissions with the same key the first to be written counts.
    public static boolean replaces(Job later, Job known) {
        if (isFinal(known.getState())) {
            return later.getState() == Job.State.QUEUED && later.getAttempt() > known.getAttempt();
        }
        if (later.getAttempt() != known.getAttempt()) {
            return later.getAttempt() > known.getAttempt();
        }
        return switch (known.getState()) {
            case RUNNING -> sameOwner(later, known);
            case QUEUED -> isHandedBack(known) ? isFinal(later.getState()) : later.getState() != Job.State.QUEUED;
            default -> true;
        };
    }

    /// A worker has had the job and let it go unfinished; one that is put back on purpose has no worker.
    static boolean isHandedBack(Job job) {
        return job.getState() == Job.State.QUEUED && !job.getWorker().isEmpty();
    }

    /// A cancellation before the start belongs to no worker and may end any attempt.
    private static boolean sameOwner(Job later, Job known) {
        return later.getWorker().equals(known.getWorker()) || later.getWorker().isEmpty();
    }

    static Step queued(
            String id,
            Operation operation,
            Message request,
            String idempotencyKey,
            String parentId,
            Terms terms,
            Instant now) {
        Job snapshot = Job.newBuilder()
                .setId(id)
                .setCapability(operation.capability())
                .setOperation(operation.name())
                .setState(Job.State.QUEUED)
                .setRequest(Any.pack(request))
                .setCreatedAt(timestamp(now))
                .setIdempotencyKey(idempotencyKey)
                .setParentId(parentId)
                .setTenant(terms.tenant())
                .setPriority(terms.priority())
                .setCallback(terms.callback())
                .setDevice(WorkQueue.deviceOf(request))
                .setTraceParent(TraceContext.current().orElse(""))
                .build();
        return new Step(
                snapshot,
                event(snapshot, now).setQueued(Queued.getDefaultInstance()).build());
    }

    /// The next attempt. It goes on from the last checkpoint if there is one.
    ///
    /// @param position of the record that brought the job
    /// @param remark what else there is to say about starting again; may be empty
    static Step started(Job before, String worker, RecordPosition position, String remark, Instant now) {
        Job snapshot = before.toBuilder()
                .setState(Job.State.RUNNING)
                .setAttempt(before.getAttempt() + 1)
                .setLostAttempts(lostAttempts(before))
                .setWorker(worker)
                .setQueueRecord(position.toString())
                .setStartedAt(timestamp(now))
                .clearProgress()
                .build();
        var started = Started.newBuilder().setWorker(worker).setResumedBecause(reasonToStartAgain(before) + remark);
        if (before.hasCheckpoint()) {
            started.setCheckpoint(before.getCheckpoint());
        }
        return new Step(snapshot, event(snapshot, now).setStarted(started).build());
    }

    /// Attempts without an answer, counting the one that a new delivery of the record shows to be lost.
    static int lostAttempts(Job job) {
        return job.getLostAttempts() + (job.getState() == Job.State.RUNNING ? 1 : 0);
    }

    private static String reasonToStartAgain(Job before) {
        if (before.getState() == Job.State.RUNNING) {
            return "attempt " + before.getAttempt() + " on " + before.getWorker() + " ended without an answer";
        }
        if (isHandedBack(before)) {
            return "attempt " + before.getAttempt() + " was handed back by " + before.getWorker();
        }
        return before.getRetries() == 0 ? "" : "the job was put back";
    }

    /// A stopping worker lets go of a job it has not finished.
    static Step handedBack(Job running, String because, Instant now) {
        Job snapshot = running.toBuilder()
                .setState(Job.State.QUEUED)
                .clearQueueRecord()
                .build();
        var queued = Queued.newBuilder().setBecause(because);
        return new Step(snapshot, event(snapshot, now).setQueued(queued).build());
    }

    /// A job that failed or was cancelled waits again. It keeps its last checkpoint, loses what it had answered
    /// and all that counted against it.
    static Step putBack(Job over, String because, Instant now) {
        Job snapshot = over.toBuilder()
                .setState(Job.State.QUEUED)
                .setAttempt(over.getAttempt() + 1)
                .setRetries(over.getRetries() + 1)
                .clearLostAttempts()
                .clearWorker()
                .clearQueueRecord()
                .clearProblem()
                .clearProgress()
                .clearArtifacts()
                .clearStartedAt()
                .clearFinishedAt()
                .clearCancelRequested()
                .build();
        var queued = Queued.newBuilder().setBecause(because);
        return new Step(snapshot, event(snapshot, now).setQueued(queued).build());
    }

    static Step checkpointed(Job running, Instant now) {
        return new Step(
                running,
                event(running, now).setCheckpoint(running.getCheckpoint()).build());
    }

    static Step progressed(Job running, Progress progress, Instant now) {
        Job snapshot = running.toBuilder().setProgress(progress).build();
        return new Step(snapshot, event(snapshot, now).setProgress(progress).build());
    }

    static Step succeeded(Job running, Message result, Map<String, Artifact> artifacts, Instant now) {
        Any packed = Any.pack(result);
        Job snapshot = finished(running, Job.State.SUCCEEDED, artifacts, now)
                .setResult(packed)
                .clearCheckpoint()
                .build();
        var succeeded = Succeeded.newBuilder().setResult(packed).putAllArtifacts(artifacts);
        return new Step(snapshot, event(snapshot, now).setSucceeded(succeeded).build());
    }

    static Step failed(Job running, Problem problem, Map<String, Artifact> artifacts, Instant now) {
        Problem named = problem.toBuilder().setJob(running.getId()).build();
        Job snapshot = finished(running, Job.State.FAILED, artifacts, now)
                .setProblem(named)
                .build();
        return new Step(
                snapshot,
                event(snapshot, now)
                        .setFailed(Failed.newBuilder().setProblem(named))
                        .build());
    }

    static Step cancelled(Job job, String reason, Map<String, Artifact> artifacts, Instant now) {
        Job snapshot = finished(job, Job.State.CANCELLED, artifacts, now)
                .setCancelRequested(true)
                .build();
        return new Step(
                snapshot,
                event(snapshot, now)
                        .setCancelled(Cancelled.newBuilder().setReason(reason))
                        .build());
    }

    /// Takes a job out of the queue. It counts as the end of the attempt that would come next: a worker that
    /// starts that attempt at the same moment finds it ended.
    static Step cancelledBeforeStart(Job queued, String reason, Instant now) {
        Job next = queued.toBuilder()
                .setAttempt(queued.getAttempt() + 1)
                .clearWorker()
                .build();
        return cancelled(next, reason, Map.of(), now);
    }

    private static Job.Builder finished(Job job, Job.State state, Map<String, Artifact> artifacts, Instant now) {
        return job.toBuilder()
                .setState(state)
                .putAllArtifacts(artifacts)
                .setFinishedAt(timestamp(now))
                .clearQueueRecord();
    }

    private static JobEvent.Builder event(Job job, Instant now) {
        return JobEvent.newBuilder()
                .setJobId(job.getId())
                .setCapability(job.getCapability())
                .setOperation(job.getOperation())
                .setAttempt(job.getAttempt())
                .setTime(timestamp(now));
    }

    static Timestamp timestamp(Instant time) {
        return Timestamp.newBuilder()
                .setSeconds(time.getEpochSecond())
                .setNanos(time.getNano())
                .build();
    }

    static Instant instant(Timestamp time) {
        return Instant.ofEpochSecond(time.getSeconds(), time.getNanos());
    }
}
