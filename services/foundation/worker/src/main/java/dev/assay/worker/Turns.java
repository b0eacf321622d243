package dev.assay.worker;

import dev.assay.job.v1.Job;
import dev.assay.job.v1.Priority;
import java.time.Duration;
import java.time.Instant;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.NavigableSet;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;

/// Whose turn it is among the waiting jobs of a queue: interactive jobs before batch jobs; among these the tenant
/// with the fewest jobs running, or else the one that was served longest ago; of one tenant's jobs the oldest.
///
/// A record of the queue is a permit to run one job, for the most part the one it names: another only when that one
/// has a better claim, or when the named one has run by another's permit. So nothing is decided at the door or by a
/// leader, a queue of one tenant costs nothing, and each waiting job has a record of its own (docs/decisions/0004).
/// Thread-safe.
final class Turns implements AutoCloseable {

    /// Of one tenant's jobs a named one gives way only to one that has waited this much longer: several workers
    /// that take the records of a crowd in order must not all reach for its oldest job.
    private static final Duration NEARLY_AS_OLD = Duration.ofSeconds(10);

    private record Waiting(Instant since, String id) implements Comparable<Waiting> {
        private static final Comparator<Waiting> ORDER =
                Comparator.comparing(Waiting::since).thenComparing(Waiting::id);

        static Waiting of(Job job) {
            return new Waiting(JobLife.instant(job.getCreatedAt()), job.getId());
        }

        @Override
        public int compareTo(Waiting other) {
            return ORDER.compare(this, other);
        }
    }

    /// How one tenant stands.
    private static final class Share {
        private final Map<Priority, NavigableSet<Waiting>> waiting = new HashMap<>();
        private int running;
        private long lastServed;

        NavigableSet<Waiting> waiting(Priority priority) {
            return waiting.computeIfAbsent(priority, any -> new TreeSet<>());
        }
    }

    private static final List<Priority> MOST_URGENT_FIRST = List.of(Priority.INTERACTIVE, Priority.BATCH);

    private final WorkQueue queue;
    private final JobStates states;
    private final JobStates.Listening listening;
    private final Map<String, Job> known = new HashMap<>();
    private final Map<String, Share> shares = new HashMap<>();
    private final Map<String, String> byRecord = new HashMap<>();
    private final Set<String> claimed = new HashSet<>();

    /// Counted as they are seen: the clocks of workers differ.
    private long starts;

    Turns(WorkQueue queue, JobStates states) {
        this.queue = queue;
        this.states = states;
        this.listening = states.onChange(this::take);
        states.unfinished(queue).forEach(job -> takeLatest(job.getId()));
    }

    /// The job to run by the permit that names this one; nobody else in this process gets it until it is
    /// {@linkplain #release released}.
    ///
    /// @param named the job of the record if it waits
    /// @return empty when no job waits
    synchronized Optional<Job> next(Optional<Job> named) {
        Optional<Job> candidate = named.filter(job -> !claimed.contains(job.getId()));
        Optional<Job> best = best();
        Optional<Job> chosen = candidate.isPresent() && best.isPresent()
                ? Optional.of(goesBefore(best.get(), candidate.get()) ? best.get() : candidate.get())
                : candidate.or(() -> best);
        chosen.ifPresent(job -> claimed.add(job.getId()));
        return chosen;
    }

    /// The start of a job is visible to everybody, or it did not come to one.
    synchronized void release(String jobId) {
        claimed.remove(jobId);
    }

    /// The running job that a record has brought.
    synchronized Optional<Job> broughtBy(RecordPosition record) {
        return Optional.ofNullable(byRecord.get(record.toString())).map(known::get);
    }

    /// Waiting jobs, the oldest first, of every tenant.
    synchronized List<Job> waiting(int limit) {
        return shares.values().stream()
                .flatMap(share -> share.waiting.values().stream().flatMap(Set::stream))
                .sorted()
                .limit(limit)
                .map(waiting -> known.get(waiting.id()))
                .toList();
    }

    /// The jobs that run, as far as this process has heard.
    synchronized List<Job> running() {
        return known.values().stream()
                .filter(job -> job.getState() == Job.State.RUNNING)
                .toList();
    }

    @Override
    public void close() {
        listening.close();
    }

    private Optional<Job> best() {
        for (Priority priority : MOST_URGENT_FIRST) {
            Optional<Job> first = shares.values().stream()
                    .map(share -> firstOf(share, priority))
                    .flatMap(Optional::stream)
                    .min(Comparator.comparing(Job::getTenant, this::compareTenants)
                            .thenComparing(Waiting::of));
            if (first.isPresent()) {
                return first;
            }
        }
        return Optional.empty();
    }

    private Optional<Job> firstOf(Share share, Priority priority) {
        return share.waiting(priority).stream()
                .filter(waiting -> !claimed.contains(waiting.id()))
                .findFirst()
                .map(waiting -> known.get(waiting.id()));
    }

    private boolean goesBefore(Job best, Job named) {
        int urgency = Integer.compare(rank(best), rank(named));
        if (urgency != 0) {
            return urgency < 0;
        }
        if (!best.getTenant().equals(named.getTenant())) {
            return compareTenants(best.getTenant(), named.getTenant()) < 0;
        }
        Instant since = Waiting.of(best).since();
        return since.plus(NEARLY_AS_OLD).isBefore(Waiting.of(named).since());
    }

    private int compareTenants(String one, String other) {
        int load = Long.compare(running(one), running(other));
        return load != 0 ? load : Long.compare(lastServed(one), lastServed(other));
    }

    /// With those that are about to start here.
    private long running(String tenant) {
        Share share = shares.get(tenant);
        long starting = claimed.stream()
                .map(known::get)
                .filter(job -> job != null && job.getState() == Job.State.QUEUED)
                .filter(job -> job.getTenant().equals(tenant))
                .count();
        return (share == null ? 0 : share.running) + starting;
    }

    private long lastServed(String tenant) {
        Share share = shares.get(tenant);
        return share == null ? 0 : share.lastServed;
    }

    private static int rank(Job job) {
        return MOST_URGENT_FIRST.indexOf(priorityOf(job));
    }

    private static Priority priorityOf(Job job) {
        return job.getPriority() == Priority.BATCH ? Priority.BATCH : Priority.INTERACTIVE;
    }

    /// A snapshot from a list may be old by now; the one looked up inside the lock is followed by every later one.
    private synchronized void takeLatest(String jobId) {
        states.find(jobId).ifPresent(this::take);
    }

    private synchronized void take(Job job) {
        if (!queue.holds(job)) {
            return;
        }
        forget(job.getId());
        if (JobLife.isFinal(job.getState())) {
            return;
        }
        known.put(job.getId(), job);
        Share share = shares.computeIfAbsent(job.getTenant(), any -> new Share());
        switch (job.getState()) {
            case QUEUED -> share.waiting(priorityOf(job)).add(Waiting.of(job));
            case RUNNING -> {
                share.running++;
                share.lastServed = ++starts;
                byRecord.put(job.getQueueRecord(), job.getId());
            }
            default -> throw new IllegalArgumentException("job " + job.getId() + " is " + job.getState());
        }
    }

    private void forget(String jobId) {
        Job before = known.remove(jobId);
        if (before == null) {
            return;
        }
        Share share = shares.get(before.getTenant());
        if (before.getState() == Job.State.QUEUED) {
            share.waiting(priorityOf(before)).remove(Waiting.of(before));
        } else {
            share.running--;
            byRecord.remove(before.getQueueRecord(), jobId);
        }
    }
}
