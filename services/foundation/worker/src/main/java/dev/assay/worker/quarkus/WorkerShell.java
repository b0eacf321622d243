package dev.assay.worker.quarkus;

import dev.assay.computation.ProblemException;
import dev.assay.worker.ArtifactStore;
import dev.assay.worker.FileArtifactStore;
import dev.assay.worker.JobConsumer;
import dev.assay.worker.JobHandler;
import dev.assay.worker.JobStates;
import dev.assay.worker.KafkaConnection;
import dev.assay.worker.Mesh;
import dev.assay.worker.RedisConnection;
import dev.assay.worker.RedisFeatureCache;
import dev.assay.worker.WorkerConfiguration;
import dev.assay.worker.WorkerLog;
import io.micrometer.core.instrument.MeterRegistry;
import io.opentelemetry.api.OpenTelemetry;
import io.quarkus.arc.All;
import io.quarkus.runtime.Quarkus;
import io.quarkus.runtime.ShutdownEvent;
import io.quarkus.runtime.StartupEvent;
import io.quarkus.runtime.configuration.ConfigurationException;
import jakarta.enterprise.event.Observes;
import jakarta.inject.Inject;
import jakarta.inject.Singleton;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import org.eclipse.microprofile.config.Config;
import org.jboss.logging.Logger;

/// Makes a worker of a Quarkus application: connects to the mesh in the background, then hands jobs to the
/// application's {@link JobHandler} beans until it stops. A service needs nothing else.
@Singleton
public class WorkerShell {

    private static final Logger LOG = Logger.getLogger(WorkerShell.class);
    private static final Duration TIME_TO_CONNECT = Duration.ofSeconds(30);
    private static final Duration PAUSE = Duration.ofSeconds(1);
    private static final Duration TIME_TO_LIVE = Duration.ofDays(7);

    private record Running(Mesh mesh, JobConsumer consumer) {}

    private final WorkerSettings settings;
    private final List<JobHandler<?, ?>> handlers;
    private final OpenTelemetry telemetry;
    private final MeterRegistry meters;
    private final Config configuration;
    private final ArtifactStore artifacts;
    private final RedisFeatureCache cache;
    private volatile Optional<WorkerLog> log = Optional.empty();
    private volatile Optional<Running> running = Optional.empty();
    private volatile boolean stopping;
    private volatile Thread connecting;

    @Inject
    WorkerShell(
            WorkerSettings settings,
            @All List<JobHandler<?, ?>> handlers,
            OpenTelemetry telemetry,
            MeterRegistry meters,
            Config configuration) {
        this.settings = settings;
        this.configuration = configuration;
        this.handlers = handlers;
        this.telemetry = telemetry;
        this.meters = meters;
        this.artifacts = new FileArtifactStore(settings.artifacts().folder());
        var redis = RedisConnection.to(
                settings.redis().uri(),
                settings.redis().passwordFile(),
                settings.redis().trustFile());
        this.cache = new RedisFeatureCache(redis, TIME_TO_LIVE, settings.redis().largestValue(), meters);
    }

    /// @throws ConfigurationException naming the setting and what it takes: the worker stops
    void start(@Observes StartupEvent event) {
        WorkerConfiguration worker = worker();
        log = Optional.of(
                WorkerLog.keep(artifacts.workerLogs(), settings.worker().name()));
        connecting = Thread.ofPlatform().daemon().name("mesh-connection").start(() -> connect(worker));
    }

    void stop(@Observes ShutdownEvent event) throws InterruptedException {
        stopping = true;
        if (connecting == null) { // it was never started
            return;
        }
        connecting.interrupt();
        connecting.join(Duration.ofSeconds(5));
        running.ifPresent(parts -> {
            parts.consumer().close();
            parts.mesh().close();
        });
        cache.close();
        log.ifPresent(WorkerLog::close);
    }

    /// Fails unless jobs are being taken and what they need can be reached.
    ///
    /// @throws ProblemException `mesh-unavailable`, `storage-unavailable`, `storage-full`
    void requireReady() {
        Running parts = running.orElseThrow(() -> new ProblemException(
                "mesh-unavailable",
                "",
                "the worker is still connecting to the broker at "
                        + settings.kafka().bootstrapServers(),
                "if it stays, check that the broker runs and that assay.kafka.bootstrap-servers names it"));
        parts.mesh().requireReady();
        artifacts.requireWritable();
        if (!parts.consumer().isAlive()) {
            throw new ProblemException(
                    "mesh-unavailable", "", "a slot of this worker takes no more jobs", "see its log, and restart it");
        }
    }

    /// Whether Redis answered the last time it was asked; without it jobs only take longer.
    boolean isCacheReachable() {
        return cache.isReachable();
    }

    private WorkerConfiguration worker() {
        try {
            return new WorkerConfiguration(
                    settings.worker().name(),
                    Slots.of(settings.worker()),
                    settings.worker().attempts(),
                    settings.worker().lock(),
                    settings.worker().grace(),
                    devices(settings.worker().devices()));
        } catch (IllegalArgumentException wrong) {
            throw new ConfigurationException("the worker does not start: " + wrong.getMessage(), wrong);
        }
    }

    private void connect(WorkerConfiguration worker) {
        KafkaConnection kafka = KafkaConnection.to(
                settings.kafka().bootstrapServers(), name -> configuration.getOptionalValue(name, String.class));
        while (!stopping && running.isEmpty()) {
            try {
                Mesh mesh = Mesh.connect(
                        kafka,
                        worker.name(),
                        JobStates.Detail.OUTLINE,
                        telemetry,
                        Clock.offset(Clock.systemUTC(), settings.worker().clockOffset()),
                        TIME_TO_CONNECT);
                running = Optional.of(new Running(mesh, consume(mesh, worker)));
                mesh.onDrain(() -> {
                    LOG.infof("%s was told to stop", worker.name());
                    Quarkus.asyncExit();
                });
                LOG.infof("taking jobs from the mesh at %s", kafka.bootstrapServers());
            } catch (ProblemException unavailable) {
                LOG.warnf("not connected yet: %s", unavailable.oneLine());
                pause();
            }
        }
    }

    private static Set<String> devices(List<String> names) {
        return names.stream()
                .map(name -> name.equals("cpu") ? WorkerConfiguration.ANY_DEVICE : name)
                .collect(Collectors.toSet());
    }

    private JobConsumer consume(Mesh mesh, WorkerConfiguration configuration) {
        try {
            return JobConsumer.start(mesh, configuration, handlers, artifacts, cache, meters);
        } catch (RuntimeException failure) {
            mesh.close();
            throw failure;
        }
    }

    private static void pause() {
        try {
            Thread.sleep(PAUSE);
        } catch (InterruptedException stopped) {
            Thread.currentThread().interrupt();
        }
    }
}
