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

/// A real broker that can be stopped and started again with its data, and artifacts on a real disk of 8 MiB where
/// this machine lets us have one.
public final class FragileMesh implements QuarkusTestResourceLifecycleManager {

    private Path folder;
    private EmbeddedBroker broker;
    private int port;
    private boolean smallDisk;

    @Override
    public Map<String, String> start() {
        try {
            folder = Files.createTempDirectory("assay-gateway-fragile");
            Files.createDirectories(artifacts());
        } catch (IOException unwritable) {
            throw new UncheckedIOException(unwritable);
        }
        smallDisk = run(
                "mount", "-t", "tmpfs", "-o", "size=8m", "tmpfs", artifacts().toString());
        broker = EmbeddedBroker.start(folder.resolve("kafka"), 0);
        port = broker.port();
        return Map.of(
                "assay.kafka.bootstrap-servers",
                broker.bootstrapServers(),
                "assay.artifacts.folder",
                artifacts().toString(),
                "assay.artifacts.free-space-floor",
                "1M",
                "assay.gateway.artifact-limit",
                "64M");
    }

    @Override
    public void inject(TestInjector injector) {
        injector.injectIntoFields(this, new TestInjector.MatchesType(FragileMesh.class));
    }

    void stopBroker() {
        broker.close();
    }

    void startBroker() {
        broker = EmbeddedBroker.start(folder.resolve("kafka"), port);
    }

    String bootstrapServers() {
        return broker.bootstrapServers();
    }

    Path artifacts() {
        return folder.resolve("artifacts");
    }

    boolean hasSmallDisk() {
        return smallDisk;
    }

    @Override
    public void stop() {
        broker.close();
        if (smallDisk) {
            run("umount", artifacts().toString());
        }
        try (Stream<Path> files = Files.walk(folder)) {
            files.sorted(Comparator.reverseOrder())
                    .forEach(file -> file.toFile().delete());
        } catch (IOException unreadable) {
            throw new UncheckedIOException(unreadable);
        }
    }

    private static boolean run(String... command) {
        try {
            return new ProcessBuilder(command).start().waitFor() == 0;
        } catch (IOException noSuchCommand) {
            return false;
        } catch (InterruptedException stopped) {
            throw new AssertionError(stopped);
        }
    }
}
