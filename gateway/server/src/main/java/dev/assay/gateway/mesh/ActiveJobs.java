package dev.assay.gateway.mesh;

import dev.assay.contract.Operations;
import dev.assay.job.v1.Job;
import dev.assay.worker.JobStates;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/// How many jobs of each capability wait and run, kept up with every snapshot instead of counted anew. Thread-safe.
public final class ActiveJobs {

    private static final int PAGE = 500;
    private static final List<Job.State> ACTIVE = List.of(Job.State.QUEUED, Job.State.RUNNING);

    private record Kind(String capability, Job.State state) {}

    private final Map<String, Kind> active = new HashMap<>();
    private final Map<Kind, Integer> counts = new HashMap<>();

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

    /// Shows the counts as the gauge `assay.jobs`.
    public void measure(MeterRegistry registry) {
        for (String capability : Operations.everyCapability()) {
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
        Kind before = ACTIVE.contains(job.getState())
                ? active.put(job.getId(), new Kind(job.getCapability(), job.getState()))
                : active.remove(job.getId());
        if (before != null) {
            counts.merge(before, -1, Integer::sum);
        }
        if (ACTIVE.contains(job.getState())) {
            counts.merge(active.get(job.getId()), 1, Integer::sum);
        }
    }
}
