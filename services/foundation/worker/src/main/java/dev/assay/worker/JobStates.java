package dev.assay.worker;

import dev.assay.computation.ProblemException;
import dev.assay.job.v1.Job;
import java.time.Duration;
import java.time.Instant;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Consumer;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.jboss.logging.Logger;

/// The latest snapshot of every job, kept in memory from the compacted topic `assay.job-state`. All readers of
/// the topic agree: which of two snapshots counts is decided by {@link JobLife#replaces}. Thread-safe.
public final class JobStates {

    /// How much of a finished job is kept in memory.
    public enum Detail {
        /// Everything: for those who answer questions about jobs.
        WHOLE,
        /// Its name and state, besides the last thousand, which are kept whole: for workers.
        OUTLINE
    }

    /// Which jobs a list shows.
    ///
    /// @param capability only these; empty: all
    /// @param states only these; empty: all
    /// @param tenants only jobs of these, the one without a name being the empty one; no tenant: jobs of all
    public record Filter(String capability, List<Job.State> states, List<String> tenants) {

        public static final Filter ALL = new Filter("", List.of());

        public Filter {
            states = List.copyOf(states);
            tenants = List.copyOf(tenants);
        }

        /// Jobs of all tenants.
        public Filter(String capability, List<Job.State> states) {
            this(capability, states, List.of());
        }

        boolean accepts(Job job) {
            return (capability.isEmpty() || capability.equals(job.getCapability()))
                    && (states.isEmpty() || states.contains(job.getState()))
                    && (tenants.isEmpty() || tenants.contains(job.getTenant()));
        }
    }

    /// @param jobs newest first
    /// @param next the cursor of the page after this one; empty when this is the last
    public record Page(List<Job> jobs, String next) {
        public Page {
            jobs = List.copyOf(jobs);
        }
    }

    /// Takes a listener away again.
    public interface Listening extends AutoCloseable {
        @Override
        void close();
    }

    private static final Logger LOG = Logger.getLogger(JobStates.class);
    private static final int RECENT = 1_000;

    private record Position(Instant created, String id) {}

    private final Detail detail;
    private final Map<String, Job> jobs = new ConcurrentHashMap<>();
    private final Map<String, Set<String>> children = new ConcurrentHashMap<>();
    private final ConcurrentSkipListMap<Position, String> newestFirst = new ConcurrentSkipListMap<>(
            Comparator.comparing(Position::created).thenComparing(Position::id).reversed());
    private final LinkedHashMap<String, Boolean> recentlyFinished = new LinkedHashMap<>();
    private final List<Consumer<Job>> changes = new CopyOnWriteArrayList<>();
    private final List<Consumer<Job>> buried = new CopyOnWriteArrayList<>();
    private final TopicReader.View view = new TopicReader.View() {
        @Override
        public String topic() {
            return Topics.JOB_STATE;
        }

        @Override
        public TopicReader.Start start() {
            return TopicReader.Start.BEGINNING;
        }

        @Override
        public void accept(ConsumerRecord<String, byte[]> record) {
            if (record.value() != null) { // a tombstone: the job was forgotten on purpose, which nothing does yet
                JobStates.this.accept(JobEvents.readSnapshot(record));
            }
        }
    };

    private volatile TopicReader reader;

    JobStates(Detail detail) {
        this.detail = detail;
    }

    /// The latest snapshot that this process has seen. One just written by another process may lag by
    /// milliseconds: {@link #findFresh} waits for it.
    public Optional<Job> find(String id) {
        return Optional.ofNullable(jobs.get(id));
    }

    /// As {@link #find}, but never older than what was committed when this was called: whoever has read an event of
    /// a job must not be told an earlier state of it. A final state costs nothing: it is outdated only when another
    /// gateway has put the job back a moment ago.
    ///
    /// @throws dev.assay.computation.ProblemException `mesh-unavailable`
    public Optional<Job> findFresh(String id) {
        Optional<Job> known = find(id);
        if (known.map(Job::getState).filter(JobLife::isFinal).isPresent()) {
            return known;
        }
        awaitCaughtUp(Duration.ofSeconds(10));
        return find(id);
    }

    /// As {@link #findFresh} while the broker answers; while it is away, a job that is known is told as it was last
    /// seen.
    ///
    /// @param patience how long an answer about a known job may be held back
    /// @throws dev.assay.computation.ProblemException `mesh-unavailable` for a job that is not known
    public Optional<Job> findFreshest(String id, Duration patience) {
        Optional<Job> known = find(id);
        if (known.isEmpty() || JobLife.isFinal(known.get().getState())) {
            return findFresh(id);
        }
        try {
            awaitCaughtUp(patience);
        } catch (ProblemException unavailable) {
            LOG.debugf("telling job %s as it was last seen: %s", id, unavailable.detail());
        }
        return find(id);
    }

    /// Waits until everything has been read that was committed when this was called.
    ///
    /// @throws dev.assay.computation.ProblemException `mesh-unavailable` when it takes longer than `patience`
    public void awaitCaughtUp(Duration patience) {
        reader.awaitCaughtUp(patience);
    }

    /// Jobs, newest first.
    ///
    /// @param cursor empty for the first page, then {@link Page#next}; one that names no job gives an empty
    ///     page
    /// @param limit jobs on a page, at least 1
    public Page list(Filter filter, String cursor, int limit) {
        if (limit < 1) {
            throw new IllegalArgumentException("limit is " + limit + ": at least 1");
        }
        var rest = newestFirst.values();
        if (!cursor.isEmpty()) {
            Job last = jobs.get(cursor);
            if (last == null) {
                return new Page(List.of(), "");
            }
            rest = newestFirst.tailMap(position(last), false).values();
        }
        List<Job> found = rest.stream()
                .map(jobs::get)
                .filter(filter::accepts)
                .limit(limit + 1L)
                .toList();
        if (found.size() <= limit) {
            return new Page(found, "");
        }
        List<Job> shown = found.subList(0, limit);
        return new Page(shown, shown.getLast().getId());
    }

    /// The jobs that a job has submitted, in no order.
    public List<Job> childrenOf(String parentId) {
        return children.getOrDefault(parentId, Set.of()).stream().map(jobs::get).toList();
    }

    /// The jobs of a queue that wait or run, in no order.
    List<Job> unfinished(WorkQueue queue) {
        return jobs.values().stream()
                .filter(job -> queue.holds(job) && !JobLife.isFinal(job.getState()))
                .toList();
    }

    /// Calls `listener` with each new snapshot, on the reader's thread: it must be quick and must not block.
    ///
    public Listening onChange(Consumer<Job> listener) {
        changes.add(listener);
        return () -> changes.remove(listener);
    }

    /// Calls `listener` with a snapshot that counts but is no longer the last one of its job in the log,
    /// because a late writer has buried it; compaction would lose it.
    Listening onBuried(Consumer<Job> listener) {
        buried.add(listener);
        return () -> buried.remove(listener);
    }

    /// Waits until the view shows this attempt of the job, or a later one, or that the job is over.
    ///
    /// @return what counts then; empty when `patience` runs out first
    synchronized Optional<Job> awaitAttempt(String id, int attempt, Duration patience) throws InterruptedException {
        long deadline = System.nanoTime() + patience.toNanos();
        while (true) {
            Job job = jobs.get(id);
            if (job != null && (job.getAttempt() >= attempt || JobLife.isFinal(job.getState()))) {
                return Optional.of(job);
            }
            long left = deadline - System.nanoTime();
            if (left <= 0) {
                return Optional.empty();
            }
            wait(left / 1_000_000 + 1);
        }
    }

    TopicReader.View view() {
        return view;
    }

    void readBy(TopicReader topicReader) {
        this.reader = topicReader;
    }

    /// Takes in a snapshot read from the topic, or one that this process has just committed and need not wait for.
    synchronized void accept(Job job) {
        Job known = jobs.get(job.getId());
        if (known != null && !JobLife.replaces(job, known)) {
            if (JobLife.isFinal(known.getState()) && !sameStep(job, known)) {
                buried.forEach(listener -> listener.accept(known));
            }
            return;
        }
        keep(job, known);
        notifyAll();
        changes.forEach(listener -> listener.accept(job));
    }

    private void keep(Job job, Job known) {
        jobs.put(job.getId(), job);
        if (known == null) {
            newestFirst.put(position(job), job.getId());
            if (!job.getParentId().isEmpty()) {
                children.computeIfAbsent(job.getParentId(), any -> ConcurrentHashMap.newKeySet())
                        .add(job.getId());
            }
        } else if (!known.getCreatedAt().equals(job.getCreatedAt())) {
            newestFirst.remove(position(known));
            newestFirst.put(position(job), job.getId());
        }
        if (detail == Detail.OUTLINE && JobLife.isFinal(job.getState())) {
            recentlyFinished.putLast(job.getId(), Boolean.TRUE);
            if (recentlyFinished.size() > RECENT) {
                String oldest = recentlyFinished.pollFirstEntry().getKey();
                jobs.computeIfPresent(oldest, (id, whole) -> isAwaited(whole) ? whole : outline(whole));
            }
        }
    }

    /// A parent that is not over may yet ask what this child has answered.
    private boolean isAwaited(Job job) {
        Job parent = jobs.get(job.getParentId());
        return parent != null && !JobLife.isFinal(parent.getState());
    }

    private static boolean sameStep(Job job, Job known) {
        return job.getAttempt() == known.getAttempt() && job.getState() == known.getState();
    }

    private static Job outline(Job job) {
        return Job.newBuilder()
                .setId(job.getId())
                .setCapability(job.getCapability())
                .setOperation(job.getOperation())
                .setTenant(job.getTenant())
                .setState(job.getState())
                .setAttempt(job.getAttempt())
                .setWorker(job.getWorker())
                .setRetries(job.getRetries())
                .setParentId(job.getParentId())
                .setTenant(job.getTenant())
                .setDevice(job.getDevice())
                .setCreatedAt(job.getCreatedAt())
                .build();
    }

    private static Position position(Job job) {
        return new Position(JobLife.instant(job.getCreatedAt()), job.getId());
    }
}
