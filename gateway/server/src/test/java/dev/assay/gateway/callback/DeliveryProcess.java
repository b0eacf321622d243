package dev.assay.gateway.callback;

import dev.assay.worker.FeatureCache;
import dev.assay.worker.FileArtifactStore;
import dev.assay.worker.JobConsumer;
import dev.assay.worker.JobStates;
import dev.assay.worker.KafkaConnection;
import dev.assay.worker.Mesh;
import dev.assay.worker.OutboundHosts;
import dev.assay.worker.WorkerConfiguration;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.opentelemetry.api.OpenTelemetry;
import io.vertx.core.Vertx;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

/// The part of a gateway that delivers, inside this process or in one of its own that a test may kill.
final class DeliveryProcess implements AutoCloseable {

    static final String SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";

    private final Mesh mesh;
    private final Vertx vertx = Vertx.vertx();
    private final DeliveryHandler handler;
    private final JobConsumer consumer;

    DeliveryProcess(String bootstrapServers, String name, Path artifacts, DeliverySchedule schedule) {
        mesh = Mesh.connect(
                KafkaConnection.to(bootstrapServers),
                name,
                JobStates.Detail.WHOLE,
                OpenTelemetry.noop(),
                Duration.ofSeconds(30));
        var callbacks = new Callbacks(OutboundHosts.of(List.of("127.0.0.1")), Optional.of(SigningKeys.of(SECRET)));
        handler = new DeliveryHandler(callbacks, schedule, vertx, mesh.states(), Clock.systemUTC());
        consumer = JobConsumer.start(
                mesh,
                WorkerConfiguration.named(name)
                        .withSlots(4)
                        .withLock(Duration.ofSeconds(2))
                        .withGrace(Duration.ZERO),
                List.of(handler),
                new FileArtifactStore(artifacts),
                FeatureCache.NONE,
                new SimpleMeterRegistry());
    }

    @Override
    public void close() {
        consumer.close();
        handler.close();
        vertx.close();
        mesh.close();
    }

    /// Starts the same in a Java process of its own; its pauses are all as long as `pause`.
    static Process start(String bootstrapServers, String name, Path folder, Duration pause) throws IOException {
        return new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-Xmx192m",
                        "-XX:+UseSerialGC",
                        "-XX:TieredStopAtLevel=1",
                        "-cp",
                        System.getProperty("surefire.test.class.path", System.getProperty("java.class.path")),
                        DeliveryProcess.class.getName(),
                        bootstrapServers,
                        name,
                        folder.toString(),
                        pause.toString())
                .redirectErrorStream(true)
                .redirectOutput(folder.resolve(name + ".log").toFile())
                .start();
    }

    public static void main(String[] arguments) throws InterruptedException {
        Duration pause = Duration.parse(arguments[3]);
        var schedule = new DeliverySchedule(5, pause, pause, Duration.ofSeconds(5));
        new DeliveryProcess(arguments[0], arguments[1], Path.of(arguments[2]), schedule);
        Thread.currentThread().join();
    }
}
