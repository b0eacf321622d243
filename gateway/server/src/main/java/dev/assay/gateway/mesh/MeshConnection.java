package dev.assay.gateway.mesh;

import dev.assay.computation.ProblemException;
import dev.assay.gateway.GatewayConfiguration;
import dev.assay.gateway.callback.CallbackSettings;
import dev.assay.gateway.callback.Callbacks;
import dev.assay.gateway.callback.DeliveryHandler;
import dev.assay.gateway.pipeline.PipelineHandler;
import dev.assay.worker.ArtifactStore;
import dev.assay.worker.FeatureCache;
import dev.assay.worker.JobConsumer;
import dev.assay.worker.JobControl;
import dev.assay.worker.JobEventLog;
import dev.assay.worker.JobStates;
import dev.assay.worker.JobSubmitter;
import dev.assay.worker.KafkaConnection;
import dev.assay.worker.Mesh;
import dev.assay.worker.Registry;
import dev.assay.worker.WorkerConfiguration;
import dev.assay.worker.WorkerLog;
import dev.assay.worker.WorkerMember;
import io.micrometer.core.instrument.MeterRegistry;
import io.opentelemetry.api.OpenTelemetry;
import io.quarkus.runtime.Quarkus;
import io.quarkus.runtime.ShutdownEvent;
import io.quarkus.runtime.StartupEvent;
import io.vertx.core.Vertx;
import jakarta.enterprise.event.Observes;
import jakarta.inject.Inject;
import jakarta.inject.Singleton;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.jboss.logging.Logger;

/// The gateway's connection to the mesh, made in the background: the door answers at once, and says "not yet"
/// until the
/// state of all jobs has been read.
@Singleton
public class MeshConnection {

    private static final Logger LOG = Logger.getLogger(MeshConnection.class);
    private static final Duration TIME_TO_CONNECT = Duration.ofSeconds(30);
    private static final Duration PAUSE = Duration.ofSeconds(1);

    /// What runs here waits for others: when its gateway dies, something else is to blame.
    private static final int WAITING_ATTEMPTS = 8;

    private record Connected(
            Mesh mesh, JobEventLog events, ActiveJobs active, JobConsumer pipelines, JobConsumer callbacks) {}

    private final KafkaConnection kafka;
    private final GatewayConfiguration configuration;
    private final ArtifactStore artifacts;
    private final Callbacks callbacks;
    private final CallbackSettings callbackSettings;
    private final Vertx vertx;
    private final OpenTelemetry telemetry;
    private final MeterRegistry meters;
    private volatile Optional<WorkerLog> log = Optional.empty();
    private volatile Optional<Connected> connected = Optional.empty();
    private volatile boolean stopping;
    private volatile Thread connecting;

    @Inject
    MeshConnection(
            KafkaConnection kafka,
            ArtifactStore artifacts,
            GatewayConfiguration configuration,
            Callbacks callbacks,
            CallbackSettings callbackSettings,
            Vertx vertx,
            OpenTelemetry telemetry,
            MeterRegistry meters) {
        this.kafka = kafka;
        this.artifacts = artifacts;
        this.configuration = configuration;
        this.callbacks = callbacks;
        this.callbackSettings = callbackSettings;
        this.vertx = vertx;
        this.telemetry = telemetry;
        this.meters = meters;
    }

    void start(@Observes StartupEvent event) {
        log = Optional.of(WorkerLog.keep(artifacts.workerLogs(), configuration.name()));
        connecting = Thread.ofPlatform().daemon().name("mesh-connection").start(this::connect);
    }

    void stop(@Observes ShutdownEvent event) throws InterruptedException {
        stopping = true;
        connecting.interrupt();
        connecting.join(Duration.ofSeconds(5));
        connected.ifPresent(parts -> {
            parts.callbacks().close();
            parts.pipelines().close();
            parts.mesh().close();
        });
        log.ifPresent(WorkerLog::close);
    }

    /// @throws ProblemException `mesh-unavailable` while the connection is being made; so do all below
    public JobStates states() {
        return require().mesh().states();
    }

    public JobSubmitter submitter() {
        return require().mesh().submitter();
    }

    public JobControl control() {
        return require().mesh().control();
    }

    public Registry registry() {
        return require().mesh().registry();
    }

    public JobEventLog events() {
        return require().events();
    }

    /// The slots that take jobs at this moment.
    List<WorkerMember> members() {
        return require().mesh().members();
    }

    public ActiveJobs active() {
        return require().active();
    }

    /// Asks the broker itself.
    ///
    /// @throws ProblemException `mesh-unavailable` when it does not answer
    public void requireReady() {
        require().mesh().requireReady();
    }

    private Connected require() {
        return connected.orElseThrow(() -> new ProblemException(
                "mesh-unavailable",
                "",
                "the gateway is still connecting to the broker at " + kafka.bootstrapServers(),
                "try again in a moment; if it stays, check that the broker runs and that"
                        + " assay.kafka.bootstrap-servers names it"));
    }

    private void connect() {
        while (!stopping && connected.isEmpty()) {
            try {
                Mesh mesh =
                        Mesh.connect(kafka, configuration.name(), JobStates.Detail.WHOLE, telemetry, TIME_TO_CONNECT);
                ActiveJobs active = new ActiveJobs(mesh.states());
                connected = Optional.of(
                        new Connected(mesh, mesh.openEventLog(), active, runPipelines(mesh), deliverCallbacks(mesh)));
                active.measure(meters);
                mesh.onDrain(Quarkus::asyncExit);
                LOG.infof("connected to the mesh at %s", kafka.bootstrapServers());
            } catch (ProblemException unavailable) {
                LOG.warnf("not connected yet: %s", unavailable.oneLine());
                pause();
            }
        }
    }

    /// A pipeline waits for its jobs and computes nothing, so its worker lives here. It hands back at once when the
    /// gateway stops: what it knows lies in its jobs.
    private JobConsumer runPipelines(Mesh mesh) {
        var worker = WorkerConfiguration.named(configuration.name())
                .withSlots(configuration.pipelines())
                .withAttempts(WAITING_ATTEMPTS)
                .withGrace(Duration.ZERO);
        return JobConsumer.start(mesh, worker, List.of(new PipelineHandler()), artifacts, FeatureCache.NONE, meters);
    }

    /// A delivery waits most of the time, and is kept at each step, so its worker lives here, too. Without a secret one
    /// slot is enough to say so.
    private JobConsumer deliverCallbacks(Mesh mesh) {
        var worker = WorkerConfiguration.named(configuration.name())
                .withSlots(callbacks.isOn() ? configuration.callbacks() : 1)
                .withAttempts(WAITING_ATTEMPTS)
                .withGrace(Duration.ZERO);
        var handler = new DeliveryHandler(callbacks, callbackSettings, vertx, mesh.states());
        return JobConsumer.start(mesh, worker, List.of(handler), artifacts, FeatureCache.NONE, meters);
    }

    private void pause() {
        try {
            Thread.sleep(PAUSE);
        } catch (InterruptedException stopped) {
            Thread.currentThread().interrupt();
        }
    }
}
