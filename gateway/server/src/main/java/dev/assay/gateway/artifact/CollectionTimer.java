package dev.assay.gateway.artifact;

import dev.assay.computation.ProblemException;
import dev.assay.contract.Tenant;
import dev.assay.gateway.mesh.MeshConnection;
import dev.assay.worker.ArtifactCollector;
import dev.assay.worker.ArtifactCollector.Mode;
import dev.assay.worker.ArtifactCollector.Outcome;
import dev.assay.worker.ArtifactStore;
import dev.assay.worker.JobStates;
import io.quarkus.runtime.ShutdownEvent;
import io.quarkus.runtime.StartupEvent;
import jakarta.enterprise.event.Observes;
import jakarta.inject.Inject;
import jakarta.inject.Singleton;
import java.time.Clock;
import java.time.Duration;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import org.eclipse.microprofile.config.inject.ConfigProperty;
import org.jboss.logging.Logger;

/// Removes unnamed artifacts of all tenants once an hour, if the operator has said after which age. Several gateways do
/// it side by side without harm.
@Singleton
public class CollectionTimer {

    private static final Logger LOG = Logger.getLogger(CollectionTimer.class);
    private static final long HOUR = 60;

    private final Optional<Duration> age;
    private final ArtifactStore store;
    private final MeshConnection mesh;
    private final ScheduledExecutorService timer = Executors.newSingleThreadScheduledExecutor(
            Thread.ofVirtual().name("collection-timer").factory());

    @Inject
    CollectionTimer(
            @ConfigProperty(name = "assay.artifacts.collect-after") Optional<Duration> age,
            ArtifactStore store,
            MeshConnection mesh) {
        this.age = age;
        this.store = store;
        this.mesh = mesh;
    }

    /// @throws IllegalArgumentException for an age of less than an hour: the gateway does not start
    void start(@Observes StartupEvent event) {
        age.ifPresent(value -> {
            if (value.compareTo(ArtifactCollector.SHORTEST_AGE) < 0) {
                throw new IllegalArgumentException(
                        "assay.artifacts.collect-after is " + value + ": at least one hour (1h, 7d)");
            }
            timer.scheduleWithFixedDelay(() -> collect(value), 1, HOUR, TimeUnit.MINUTES);
        });
    }

    void stop(@Observes ShutdownEvent event) {
        timer.shutdownNow();
    }

    /// What the timer does; a failure is told to the log.
    public void collect(Duration olderThan) {
        try {
            var collector = new ArtifactCollector(store, mesh.states(), mesh.registry(), Clock.systemUTC());
            for (String tenant : tenants()) {
                Outcome outcome = collector.collect(tenant, olderThan, Mode.DELETE);
                if (!outcome.artifacts().isEmpty()) {
                    LOG.infof(
                            "removed %d artifacts of tenant '%s' that nothing names, %d bytes",
                            outcome.artifacts().size(), tenant, outcome.bytes());
                }
            }
        } catch (ProblemException unavailable) {
            LOG.warnf("no artifacts are collected for an hour: %s", unavailable.oneLine());
        } catch (RuntimeException failure) { // one that escapes would end the timer
            LOG.error("collecting artifacts failed", failure);
        }
    }

    /// All that have jobs; one that only ever uploaded keeps its files.
    private Set<String> tenants() {
        Set<String> tenants = new TreeSet<>(Set.of(Tenant.NAMELESS));
        String cursor = "";
        do {
            JobStates.Page page = mesh.states().list(JobStates.Filter.ALL, cursor, 500);
            page.jobs().forEach(job -> tenants.add(job.getTenant()));
            cursor = page.next();
        } while (!cursor.isEmpty());
        return tenants;
    }
}
