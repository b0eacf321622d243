package dev.assay.worker;

import com.google.protobuf.Message;
import dev.assay.computation.CancelledException;
import dev.assay.computation.ProblemException;
import dev.assay.contract.Problems;
import dev.assay.job.v1.Checkpoint;
import dev.assay.job.v1.Job;
import io.opentelemetry.context.Context;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicReference;
import org.jboss.logging.Logger;
import org.jboss.logging.MDC;

/// Runs a handler on a thread of its own, so that the slot can go on renewing its hold on the job.
final class Attempt {

    private static final Logger LOG = Logger.getLogger(Attempt.class);

    /// Why an attempt should stop before its end.
    private sealed interface Stop {
        String reason();

        record ByUser(String reason) implements Stop {}

        record ToHandBack(String reason) implements Stop {}

        record Superseded(String reason) implements Stop {}

        /// That the job belongs to another worker outweighs all else; what its user wants outweighs what this
        /// worker wants.
        default int weight() {
            return switch (this) {
                case ToHandBack ignored -> 1;
                case ByUser ignored -> 2;
                case Superseded ignored -> 3;
            };
        }
    }

    private final AtomicReference<Job> running;
    private final JobProgress progress;
    private final ProgressStream stream;
    private final AtomicReference<Stop> stop = new AtomicReference<>();
    private final CompletableFuture<Outcome> outcome = new CompletableFuture<>();

    /// @param running the snapshot of this attempt's start
    Attempt(Job running, ProgressStream stream) {
        this.running = new AtomicReference<>(running);
        this.progress = stream.of(this::running);
        this.stream = stream;
    }

    /// The job as this attempt has it now.
    Job running() {
        return running.get();
    }

    /// Keeps a point from which the next attempt can go on. Like progress it may be lost with the worker, and
    /// then an earlier one counts. A job that gets on is not what kills its workers: earlier losses are forgotten.
    void checkpoint(Checkpoint checkpoint) {
        stream.checkpoint(running.updateAndGet(job ->
                job.toBuilder().setCheckpoint(checkpoint).clearLostAttempts().build()));
    }

    JobProgress progress() {
        return progress;
    }

    <Q extends Message, R extends Message> void start(JobHandler<Q, R> handler, RunningJob<Q> job) {
        Context context = Context.current();
        Runnable body = () -> outcome.complete(run(handler, job));
        // a platform thread: handlers compute, and native code would pin a virtual one
        Thread.ofPlatform().name("job-" + running().getId()).daemon().start(context.wrap(body));
    }

    /// The user does not want the job any more: it ends as cancelled.
    void cancel(String reason) {
        stop(new Stop.ByUser(reason.isBlank() ? "cancelled" : reason));
    }

    /// Another worker has the job.
    void supersede(String reason) {
        stop(new Stop.Superseded(reason));
    }

    /// This worker is stopping: the job ends where it is and goes back to the queue, unless it ends by itself.
    void handBack(String reason) {
        stop(new Stop.ToHandBack(reason));
    }

    boolean isSuperseded() {
        return stop.get() instanceof Stop.Superseded;
    }

    /// Whether the outcome is there after at most `patience`.
    boolean isDone(Duration patience) throws InterruptedException {
        try {
            outcome.get(patience.toMillis(), TimeUnit.MILLISECONDS);
            return true;
        } catch (TimeoutException running) {
            return false;
        } catch (ExecutionException impossible) {
            throw new IllegalStateException("an attempt always completes normally", impossible);
        }
    }

    /// Only when {@link #isDone}.
    Outcome outcome() {
        Outcome told = outcome.join();
        return stop.get() instanceof Stop.Superseded superseded ? new Outcome.Superseded(superseded.reason()) : told;
    }

    private void stop(Stop wish) {
        stop.updateAndGet(known -> known == null || wish.weight() > known.weight() ? wish : known);
        progress.stop(wish.reason());
    }

    private <Q extends Message, R extends Message> Outcome run(JobHandler<Q, R> handler, RunningJob<Q> job) {
        MDC.put("jobId", running().getId());
        MDC.put("traceId", Spans.traceId());
        try {
            return answer(handler, job);
        } finally {
            MDC.remove("jobId");
            MDC.remove("traceId");
        }
    }

    private <Q extends Message, R extends Message> Outcome answer(JobHandler<Q, R> handler, RunningJob<Q> job) {
        try {
            R result = handler.run(job);
            if (result == null) {
                throw new IllegalStateException(handler.getClass().getName() + " answered null");
            }
            return new Outcome.Succeeded(result);
        } catch (CancelledException cancelled) {
            return stopped(cancelled);
        } catch (ProblemException problem) {
            LOG.infof("job %s failed: %s", running().getId(), problem.oneLine());
            return new Outcome.Failed(Problems.of(problem));
        } catch (OutOfMemoryError full) {
            LOG.errorf(full, "job %s ran out of memory", running().getId());
            return new Outcome.Failed(Problems.of(outOfMemory(full)));
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
            return new Outcome.HandedBack("the worker's thread was interrupted");
        } catch (Throwable unexpected) { // whatever it is, the job gets an answer and the worker goes on
            LOG.errorf(unexpected, "job %s failed unexpectedly", running().getId());
            return new Outcome.Failed(Problems.unexpected("job " + running().getId()));
        }
    }

    private Outcome stopped(CancelledException cancelled) {
        return switch (stop.get()) {
            case null -> new Outcome.Cancelled(cancelled.getMessage());
            case Stop.ByUser(String reason) -> new Outcome.Cancelled(reason);
            case Stop.ToHandBack(String reason) -> new Outcome.HandedBack(reason);
            case Stop.Superseded(String reason) -> new Outcome.Superseded(reason);
        };
    }

    private static ProblemException outOfMemory(OutOfMemoryError full) {
        long heapMib = Runtime.getRuntime().maxMemory() >> 20;
        return new ProblemException(
                "out-of-memory",
                "",
                "the job did not fit into the worker's " + heapMib + " MiB of heap: " + full.getMessage(),
                "ask for less at once (fewer samples, a smaller model), or give the worker more memory (-Xmx)");
    }
}
