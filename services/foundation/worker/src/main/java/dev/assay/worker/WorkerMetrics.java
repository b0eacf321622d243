package dev.assay.worker;

import dev.assay.job.v1.Job;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Tag;
import io.micrometer.core.instrument.Timer;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.atomic.AtomicInteger;

/// What a worker counts. The names are listed in docs/mesh.md.
final class WorkerMetrics {

    private final MeterRegistry meters;
    private final String capability;
    private final AtomicInteger running;
    private final Counter redeliveries;
    private final Counter lostLocks;
    private final Counter buried;

    WorkerMetrics(MeterRegistry meters, String capability) {
        this.meters = meters;
        this.capability = capability;
        this.running = new AtomicInteger();
        meters.gauge("assay.jobs.running", List.of(Tag.of("capability", capability)), running);
        this.redeliveries = counter("assay.jobs.redeliveries", "Jobs started again after their worker was lost");
        this.lostLocks = counter("assay.jobs.lost.locks", "Jobs whose lock ran out while they were running");
        this.buried = counter("assay.jobs.dead", "Records copied to assay.jobs.dead");
    }

    void started(int attempt) {
        running.incrementAndGet();
        if (attempt > 1) {
            redeliveries.increment();
        }
    }

    /// The worker has let go of a job, whatever became of it.
    void ended() {
        running.decrementAndGet();
    }

    /// @param duration from the start of the attempt
    void finished(Job job, Duration duration) {
        Timer.builder("assay.jobs.duration")
                .description("Jobs finished, by outcome, and how long their last attempt took")
                .tag("capability", capability)
                .tag("operation", job.getOperation())
                .tag("outcome", job.getState().name().toLowerCase(Locale.ROOT))
                .register(meters)
                .record(duration);
    }

    void lostLock() {
        lostLocks.increment();
    }

    void buried() {
        buried.increment();
    }

    private Counter counter(String name, String description) {
        return Counter.builder(name)
                .description(description)
                .tag("capability", capability)
                .register(meters);
    }
}
