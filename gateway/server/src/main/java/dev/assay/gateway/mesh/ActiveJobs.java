package dev.assay.gateway.mesh;

import com.google.protobuf.util.Durations;
import com.google.protobuf.util.Timestamps;
import dev.assay.contract.Operations;
import dev.assay.job.v1.Job;
import dev.assay.worker.JobStates;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Stream;

/// How many jobs of each capability wait and run, kept up with every snapshot instead of counted anew. Thread-safe.
public final class ActiveJobs {

    private static final int PAGE = 500;
    private static final List<Job.State> ACTIVE = List.of(Job.State.QUEUED, Job.State.RUNNING);

    private record Kind(String capability, Job.State state) {
        static Kind of(Job job) {
            return new Kind(job.getCapability(), job.getState());
        }
    }

    private record Share(String tenant, Kind kind) {
        static Share of(Job job) {
            return new Share(job.getTenant(), Kind.of(job));
        }
    }

    private final Map<String, Job> active = new HashMap<>();
    private final Map<Kind, Integer> counts = new HashMap<>();
    private final Map<Share, Integer> shares = new HashMap<>();

    /// @param states caught up with its topic or not
    public ActiveJobs(JobStates states) {
        states.onChange(this::take);
        JobStates.Filter filter = new JobStates.Filter("", ACTIVE);
        String cursor = "";
        do {
            JobStates.Page page = states.list(filter, cursor, PAGE);
            page.jobs().forEach(job -> takeLatest(states, job.getId()));
            cursor = page.next();
        } while (!cursor.isEmpty());
    }

    public synchronized int count(String capability, Job.State state) {
        return counts.getOrDefault(new Kind(capability, state), 0);
    }

    /// Of those, the jobs of one tenant.
    public synchronized int count(String tenant, String capability, Job.State state) {
        return shares.getOrDefault(new Share(tenant, new Kind(capability, state)), 0);
    }

    /// The jobs that wait or run, in no order.
    public synchronized List<Job> all() {
        return List.copyOf(active.values());
    }

    /// Seconds for which the oldest of these jobs has waited; 0 when none waits.
    static double longestWait(Stream<Job> jobs, Instant now) {
        return jobs.filter(job -> job.getState() == Job.State.QUEUED)
                .mapToDouble(job -> Durations.toMillis(
                                Timestamps.between(job.getCreatedAt(), Timestamps.fromMillis(now.toEpochMilli())))
                        / 1000.0)
                .reduce(0, Math::max);
    }

    /// Shows the counts as the gauge `assay.jobs`, and the longest wait as `assay.jobs.wait`.
    public void measure(MeterRegistry registry) {
        for (String capability : Operations.everyCapability()) {
            Gauge.builder(
                            "assay.jobs.wait",
                            () -> longestWait(
                                    all().stream()
                                            .filter(job -> job.getCapability().equals(capability)),
                                    Instant.now()))
                    .description("How long the oldest waiting job has waited")
                    .baseUnit("seconds")
                    .tag("capability", capability)
                    .register(registry);
            for (Job.State state : ACTIVE) {
                Gauge.builder("assay.jobs", () -> count(capability, state))
                        .description("Jobs that wait or run")
                        .tag("capability", capability)
                        .tag("state", state.name().toLowerCase(Locale.ROOT))
                        .register(registry);
            }
        }
    }

    /// A snapshot from a list may be old by now; the one looked up inside the lock is followed by every later one.
    private synchronized void takeLatest(JobStates states, String id) {
        states.find(id).ifPresent(this::take);
    }

    private synchronized void take(Job job) {
        boolean isActive = ACTIVE.contains(job.getState());
        Job before = isActive ? active.put(job.getId(), job) : active.remove(job.getId());
        if (before != null) {
            add(Share.of(before), -1);
        }
        if (isActive) {
            add(Share.of(job), 1);
        }
    }

    private void add(Share share, int change) {
        counts.merge(share.kind(), change, Integer::sum);
        // tenants come and go: what is zero is not kept
        shares.merge(share, change, (known, more) -> known + more == 0 ? null : known + more);
    }
}
