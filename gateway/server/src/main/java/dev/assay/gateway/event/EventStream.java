package dev.assay.gateway.event;

import dev.assay.contract.Json;
import dev.assay.job.v1.Job;
import dev.assay.job.v1.JobEvent;
import dev.assay.worker.JobEventLog;
import dev.assay.worker.JobEvents;
import dev.assay.worker.JobLife;
import io.smallrye.mutiny.Multi;
import io.smallrye.mutiny.subscription.BackPressureStrategy;
import io.smallrye.mutiny.subscription.MultiEmitter;
import jakarta.ws.rs.core.MediaType;
import jakarta.ws.rs.sse.OutboundSseEvent;
import jakarta.ws.rs.sse.Sse;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;

/// A job's events as server-sent events. A virtual thread serves each client, only as fast as the client takes
/// events:
/// what a slow client has not taken yet is forgotten when it becomes too much, and read from the log again later.
public final class EventStream {

    private static final int LARGEST_BACKLOG = 500;
    private static final int MOST_AT_ONCE = 1_000_000;

    /// A job is known to be final a little before its last event is read.
    private static final Duration LEFT_TO_SAY = Duration.ofSeconds(1);

    private static final long END = Long.MAX_VALUE;

    private final JobEventLog log;
    private final String job;
    private final Supplier<Optional<Job>> latest;
    private final Duration heartbeat;
    private final Sse sse;

    /// @param latest the job's latest snapshot: a stream whose events have expired ends when that is final
    /// @param heartbeat pause after which the client is told that nothing happened
    public EventStream(JobEventLog log, String job, Supplier<Optional<Job>> latest, Duration heartbeat, Sse sse) {
        this.log = log;
        this.job = job;
        this.latest = latest;
        this.heartbeat = heartbeat;
        this.sse = sse;
    }

    /// @param offset of the last event that the client has seen; -1 for none
    public Multi<OutboundSseEvent> after(long offset) {
        return Multi.createFrom().emitter(client -> serve(client, offset), BackPressureStrategy.BUFFER);
    }

    private void serve(MultiEmitter<? super OutboundSseEvent> client, long offset) {
        Semaphore wanted = new Semaphore(0);
        client.onRequest(count -> release(wanted, count));
        // asked for before anybody listened; counting something twice here costs one place in a buffer
        release(wanted, client.requested());
        Thread thread = Thread.ofVirtual().name("events of " + job).unstarted(() -> run(client, wanted, offset));
        client.onTermination(thread::interrupt);
        thread.start();
    }

    private static void release(Semaphore wanted, long count) {
        wanted.release((int) Math.min(count, MOST_AT_ONCE));
    }

    private void run(MultiEmitter<? super OutboundSseEvent> client, Semaphore wanted, long offset) {
        try {
            long last = offset;
            while (last != END) {
                last = follow(client, wanted, last);
            }
            client.complete();
        } catch (InterruptedException clientLeft) {
            Thread.currentThread().interrupt();
        } catch (RuntimeException failure) {
            client.fail(failure);
        }
    }

    /// Tells events after an offset until the end, or until the client has fallen behind too far.
    ///
    /// @return the last offset told, or END
    private long follow(MultiEmitter<? super OutboundSseEvent> client, Semaphore wanted, long offset)
            throws InterruptedException {
        long last = offset;
        Backlog backlog = new Backlog();
        try (JobEventLog.Subscription subscription = log.subscribe(job, offset, backlog::offer)) {
            while (true) {
                JobEventLog.Entry entry = backlog.poll(isFinished() ? LEFT_TO_SAY : heartbeat);
                if (entry != null) {
                    wanted.acquire();
                    client.emit(message(entry));
                    last = entry.offset();
                    if (isLast(entry.event())) {
                        return END;
                    }
                } else if (backlog.overflowed) {
                    return last;
                } else if (isFinished()) {
                    return END;
                } else {
                    wanted.acquire();
                    client.emit(sse.newEventBuilder().comment("alive").build());
                }
            }
        }
    }

    private boolean isFinished() {
        return latest.get().map(Job::getState).filter(JobLife::isFinal).isPresent();
    }

    /// A job that was put back lives on after its end, with a higher attempt.
    private boolean isLast(JobEvent event) {
        return JobEvents.isFinal(event) && latest.get().map(Job::getAttempt).orElse(0) <= event.getAttempt();
    }

    private OutboundSseEvent message(JobEventLog.Entry entry) {
        return sse.newEventBuilder()
                .id(Long.toString(entry.offset()))
                .name(JobEvents.name(entry.event()))
                .mediaType(MediaType.TEXT_PLAIN_TYPE)
                .data(String.class, Json.printCompact(entry.event()))
                .build();
    }

    /// What the log has told and the client has not taken. Once full it takes nothing more, so that no event is
    /// skipped.
    private static final class Backlog {

        private final BlockingQueue<JobEventLog.Entry> entries = new LinkedBlockingQueue<>(LARGEST_BACKLOG);
        private volatile boolean overflowed;

        void offer(JobEventLog.Entry entry) {
            if (!overflowed && !entries.offer(entry)) {
                overflowed = true;
            }
        }

        /// The next entry; null when there is none in time or ever.
        JobEventLog.Entry poll(Duration atMost) throws InterruptedException {
            JobEventLog.Entry entry = entries.poll();
            return entry != null || overflowed ? entry : entries.poll(atMost.toMillis(), TimeUnit.MILLISECONDS);
        }
    }
}
