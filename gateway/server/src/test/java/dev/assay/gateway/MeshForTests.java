package dev.assay.gateway;

import dev.assay.local.EmbeddedBroker;
import io.quarkus.test.common.QuarkusTestResourceLifecycleManager;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.Map;
import java.util.stream.Stream;

/// A real broker and an artifact folder for the gateway under test.
public final class MeshForTests implements QuarkusTestResourceLifecycleManager {

    private EmbeddedBroker broker;
    private Path artifacts;

    @Override
    public Map<String, String> start() {
        broker = EmbeddedBroker.temporary();
        try {
            artifacts = Files.createTempDirectory("assay-gateway-test");
        } catch (IOException unwritable) {
            throw new UncheckedIOException(unwritable);
        }
        return Map.of(
                "assay.kafka.bootstrap-servers", broker.bootstrapServers(),
                "assay.artifacts.folder", artifacts.toString(),
                "assay.gateway.artifact-limit", "5M",
                "assay.gateway.request-limit", "64K",
                "assay.gateway.queue-limit", "40",
                "assay.gateway.heartbeat", "300ms",
                "assay.outbound.allowed-hosts", "127.0.0.1",
                "assay.callbacks.secret", "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw");
    }

    @Override
    public void stop() {
        broker.close();
        try (Stream<Path> files = Files.walk(artifacts)) {
            files.sorted(Comparator.reverseOrder())
                    .forEach(file -> file.toFile().delete());
        } catch (IOException unreadable) {
            throw new UncheckedIOException(unreadable);
        }
    }
}
