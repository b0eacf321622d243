package dev.assay.worker;

import dev.assay.computation.ProblemException;
import dev.assay.job.v1.JobEvent;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Consumer;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.consumer.ConsumerRecord;

/// The events of jobs, live from `assay.job-events`, and the past of each job: from memory while it is recent,
/// else read again from Kafka. An event's offset grows within its job and is the same on every gateway, so a
/// client may go on from an offset at another gateway without gap or double. Thread-safe.
public final class JobEventLog implements AutoCloseable {

    /// @param offset grows with each event of a job; not dense
    public record Entry(long offset, JobEvent event) {}

    /// Ends with {@link #close()}; no call of the listener begins afterwards, though one may be under way.
    public interface Subscription extends AutoCloseable {
        @Override
        void close();
    }

    /// Bounds of memory: events of all jobs, and of one.
    private static final int REMEMBERED = 50_000;

    private static final int REMEMBERED_OF_ONE = 2_000;

    private static final class Past {
        private final LegalHistory rule = new LegalHistory();
        private final List<Entry> entries = new ArrayList<>();
        private boolean complete;
    }

    private final EventReplay replay;
    private final LinkedHashMap<String, Past> remembered = new LinkedHashMap<>();
    private final Map<String, List<JobSubscription>> subscriptions = new ConcurrentHashMap<>();
    private final List<Consumer<Entry>> everyone = new CopyOnWriteArrayList<>();
    private final TopicReader reader;
    private int rememberedEvents;

    JobEventLog(KafkaConnection connection, Admin admin, JobStates states) {
        this.replay = new EventReplay(connection, admin, states);
        this.reader = new TopicReader(connection, admin, "assay-event-log", List.of(new TopicReader.View() {
            @Override
            public String topic() {
                return Topics.JOB_EVENTS;
            }

            @Override
            public TopicReader.Start start() {
                return TopicReader.Start.END;
            }

            @Override
            public void accept(ConsumerRecord<String, byte[]> record) {
                JobEventLog.this.accept(new Entry(record.offset(), JobEvents.readEvent(record)));
            }
        }));
        try {
            reader.awaitCaughtUp(Duration.ofSeconds(20)); // from here on nothing is missed
        } catch (ProblemException unavailable) {
            reader.close();
            throw unavailable;
        }
    }

    /// What has happened to a job so far, in order. May read from Kafka: not for threads that must not block.
    ///
    /// @param afterOffset only events after this offset; -1: all
    /// @throws ProblemException `mesh-unavailable`
    public List<Entry> history(String jobId, long afterOffset) {
        List<Entry> all = fromMemory(jobId).orElseGet(() -> replay.events(jobId));
        return all.stream().filter(entry -> entry.offset() > afterOffset).toList();
    }

    /// Calls `listener` with the events of a job after an offset: first those of the past, on the caller's
    /// thread, then each new one on the log's thread, without gap or double. The listener must be quick and
    /// must not block.
    ///
    /// @param afterOffset -1: from the beginning
    /// @throws ProblemException `mesh-unavailable`
    public Subscription subscribe(String jobId, long afterOffset, Consumer<Entry> listener) {
        var subscription = new JobSubscription(jobId, afterOffset, listener);
        subscriptions.compute(jobId, (id, known) -> {
            List<JobSubscription> all = known == null ? new CopyOnWriteArrayList<>() : known;
            all.add(subscription);
            return all;
        });
        try {
            subscription.begin(history(jobId, -1));
        } catch (RuntimeException failure) {
            subscription.close();
            throw failure;
        }
        return subscription;
    }

    /// Calls `listener` with each new event of any job, on the log's thread.
    public Subscription subscribeToAll(Consumer<Entry> listener) {
        everyone.add(listener);
        return () -> everyone.remove(listener);
    }

    @Override
    public void close() {
        reader.close();
    }

    private void accept(Entry entry) {
        String jobId = entry.event().getJobId();
        if (remember(jobId, entry)) {
            everyone.forEach(listener -> listener.accept(entry));
        }
        subscriptions.getOrDefault(jobId, List.of()).forEach(subscription -> subscription.offer(entry));
    }

    private synchronized boolean remember(String jobId, Entry entry) {
        Past past = remembered.remove(jobId);
        if (past == null) {
            past = new Past();
            past.complete = entry.event().hasQueued() && entry.event().getAttempt() == 0;
        }
        remembered.put(jobId, past); // last: the most recent
        if (!past.rule.admits(entry.event())) {
            return false;
        }
        past.entries.add(entry);
        rememberedEvents++;
        if (past.entries.size() > REMEMBERED_OF_ONE) {
            forget(past);
        }
        while (rememberedEvents > REMEMBERED && remembered.size() > 1) {
            forget(remembered.pollFirstEntry().getValue());
        }
        return true;
    }

    /// From here on the past of this job is read from Kafka when someone asks.
    private void forget(Past past) {
        rememberedEvents -= past.entries.size();
        past.entries.clear();
        past.complete = false;
    }

    private synchronized Optional<List<Entry>> fromMemory(String jobId) {
        Past past = remembered.get(jobId);
        return past != null && past.complete ? Optional.of(List.copyOf(past.entries)) : Optional.empty();
    }

    /// Joins the past to the present: what comes in while the past is being read waits.
    private final class JobSubscription implements Subscription {

        private final String jobId;
        private final Consumer<Entry> listener;
        private final LegalHistory rule = new LegalHistory();
        private final List<Entry> waiting = new ArrayList<>();
        private final long afterOffset;
        private long seen = -1;
        private boolean live;
        private volatile boolean closed;

        JobSubscription(String jobId, long afterOffset, Consumer<Entry> listener) {
            this.jobId = jobId;
            this.afterOffset = afterOffset;
            this.listener = listener;
        }

        synchronized void begin(List<Entry> past) {
            past.forEach(this::deliver);
            waiting.forEach(this::deliver);
            waiting.clear();
            live = true;
        }

        synchronized void offer(Entry entry) {
            if (live) {
                deliver(entry);
            } else {
                waiting.add(entry);
            }
        }

        private void deliver(Entry entry) {
            if (closed || entry.offset() <= seen) {
                return;
            }
            seen = entry.offset();
            if (rule.admits(entry.event()) && entry.offset() > afterOffset) {
                listener.accept(entry);
            }
        }

        @Override
        public void close() {
            closed = true;
            subscriptions.computeIfPresent(jobId, (id, all) -> {
                all.remove(this);
                return all.isEmpty() ? null : all;
            });
        }
    }
}
