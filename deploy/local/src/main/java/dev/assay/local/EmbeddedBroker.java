package dev.assay.local;

import dev.assay.computation.ProblemException;
import java.io.IOException;
import java.io.OutputStream;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import kafka.server.BrokerServer;
import kafka.server.ControllerServer;
import kafka.server.KafkaConfig;
import kafka.server.KafkaRaftServer;
import kafka.server.Server$;
import kafka.server.SharedServer;
import org.apache.kafka.common.Uuid;
import org.apache.kafka.common.network.ListenerName;
import org.apache.kafka.common.utils.Time;
import org.apache.kafka.metadata.bootstrap.BootstrapMetadata;
import org.apache.kafka.metadata.properties.MetaPropertiesEnsemble;
import org.apache.kafka.metadata.storage.Formatter;
import org.apache.kafka.raft.DynamicVoters;
import org.apache.kafka.raft.QuorumConfig;
import org.apache.kafka.server.ServerSocketFactory;
import org.slf4j.LoggerFactory;

/// A real Kafka broker in this JVM: one KRaft node that is controller and broker at once, reachable on
/// loopback only. Made for one machine: replication factors are 1, share groups (KIP-932) are on with locks
/// from 1 s, groups assign without delay. Topics are never created by use: whoever needs one creates it.
///
/// ```java
/// try (var broker = EmbeddedBroker.temporary()) {
///     properties.put("bootstrap.servers", broker.bootstrapServers());
/// }
/// ```
///
/// Starting takes about two seconds. Several brokers can run in one JVM.
public final class EmbeddedBroker implements AutoCloseable {

    private final Path folder;
    private final Folder lifetime;
    private final BrokerServer broker;
    private final ControllerServer controller;

    private enum Folder {
        KEPT,
        DELETED_ON_CLOSE
    }

    private EmbeddedBroker(Path folder, Folder lifetime, BrokerServer broker, ControllerServer controller) {
        this.folder = folder;
        this.lifetime = lifetime;
        this.broker = broker;
        this.controller = controller;
    }

    /// A broker on a free port with its data in a fresh temporary folder, deleted on close.
    public static EmbeddedBroker temporary() {
        try {
            return start(Files.createTempDirectory("assay-broker"), 0, Folder.DELETED_ON_CLOSE);
        } catch (IOException failure) {
            throw folderProblem(System.getProperty("java.io.tmpdir"), failure);
        }
    }

    /// A broker with its data in `folder`, formatted when it is empty and read again when it is not.
    ///
    /// @param port TCP port on 127.0.0.1; 0 takes a free one
    /// @throws ProblemException `port-in-use`, or `broker-start` when the folder cannot be used or holds
    /// something else
    public static EmbeddedBroker start(Path folder, int port) {
        return start(folder, port, Folder.KEPT);
    }

    private static EmbeddedBroker start(Path folder, int port, Folder lifetime) {
        if (port < 0 || port > 65_535) {
            throw new IllegalArgumentException("port " + port + " is outside 0..65535");
        }
        if (port != 0) {
            Ports.requireFree("broker", port);
        }
        try {
            Files.createDirectories(folder);
            var config = new KafkaConfig(BrokerSettings.of(folder, port), false);
            format(folder);
            var directories = KafkaRaftServer.initializeLogDirs(
                    config, LoggerFactory.getLogger(EmbeddedBroker.class), "[EmbeddedBroker] ");
            return start(folder, lifetime, config, directories._1(), directories._2());
        } catch (ProblemException problem) {
            throw problem;
        } catch (Exception failure) {
            throw folderProblem(folder.toString(), failure);
        }
    }

    private static EmbeddedBroker start(
            Path folder,
            Folder lifetime,
            KafkaConfig config,
            MetaPropertiesEnsemble properties,
            BootstrapMetadata bootstrap) {
        String clusterId = properties.clusterId().orElseThrow();
        var shared = new SharedServer(
                config,
                properties,
                Time.SYSTEM,
                Server$.MODULE$.initializeMetrics(config, Time.SYSTEM, clusterId),
                CompletableFuture.completedFuture(Map.of()),
                QuorumConfig.parseBootstrapServers(config.quorumConfig().bootstrapServers()),
                new ReportedFaults(),
                ServerSocketFactory.INSTANCE);
        var server = new EmbeddedBroker(
                folder,
                lifetime,
                new BrokerServer(shared),
                new ControllerServer(shared, KafkaRaftServer.configSchema(), bootstrap));
        try {
            server.controller.startup();
            server.broker.startup();
        } catch (RuntimeException failure) {
            try {
                server.close();
            } catch (RuntimeException second) {
                failure.addSuppressed(second);
            }
            throw failure;
        }
        return server;
    }

    /// `127.0.0.1:port`, as `bootstrap.servers` wants it.
    public String bootstrapServers() {
        return "127.0.0.1:" + port();
    }

    /// The bound port, also when a free one was asked for.
    public int port() {
        return broker.boundPort(ListenerName.normalised(BrokerSettings.BROKER_LISTENER));
    }

    /// Stops the broker, waits for it, and deletes the data if the folder was temporary.
    @Override
    public void close() {
        broker.shutdown();
        controller.shutdown();
        broker.awaitShutdown();
        controller.awaitShutdown();
        if (lifetime == Folder.DELETED_ON_CLOSE) {
            Folders.delete(folder);
        }
    }

    /// The node is the only voter of its quorum, found again by the address that it writes into its own log,
    /// so that the controller's port may differ from one start to the next.
    private static void format(Path folder) throws Exception {
        var voter = Uuid.randomUuid();
        new Formatter()
                .setPrintStream(new PrintStream(OutputStream.nullOutputStream()))
                .setNodeId(BrokerSettings.NODE_ID)
                .setClusterId(existingClusterId(folder)
                        .orElseGet(() -> Uuid.randomUuid().toString()))
                .addDirectory(folder.toString())
                .setMetadataLogDirectory(folder.toString())
                .setControllerListenerName(BrokerSettings.CONTROLLER_LISTENER)
                .setInitialControllers(DynamicVoters.parse(BrokerSettings.NODE_ID + "@127.0.0.1:1:" + voter))
                .setHasDynamicQuorum(true)
                .setWriteBootstrapSnapshot(true)
                .setIgnoreFormatted(true)
                .run();
    }

    private static Optional<String> existingClusterId(Path folder) throws IOException {
        Path properties = folder.resolve("meta.properties");
        if (!Files.exists(properties)) {
            return Optional.empty();
        }
        return Files.readAllLines(properties).stream()
                .filter(line -> line.startsWith("cluster.id="))
                .map(line -> line.substring("cluster.id=".length()))
                .findFirst();
    }

    private static ProblemException folderProblem(String folder, Exception failure) {
        return new ProblemException(
                "broker-start",
                folder,
                "the Kafka broker did not start: " + failure,
                "check that the folder is writable, has free space and holds only broker data",
                failure);
    }
}
