package dev.assay.local;

import dev.assay.computation.ProblemException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Objects;
import java.util.concurrent.TimeUnit;

/// A real redis-server beside this JVM, reachable on loopback only, with the settings of a cache: bounded
/// memory (allkeys-lru), nothing on disk. Starts in about 0.2 s.
///
/// ```java
/// try (var redis = EmbeddedRedis.temporary()) {
///     RedisClient client = RedisClient.create(redis.uri());
/// }
/// ```
public final class EmbeddedRedis implements AutoCloseable {

    /// Memory budget of the cache in MiB.
    public static final int DEFAULT_MAX_MEMORY_MIB = 256;

    private static final Duration START_TIMEOUT = Duration.ofSeconds(20);
    private static final int FREE_PORT_ATTEMPTS = 5;

    private final Path folder;
    private final Folder lifetime;
    private final int port;
    private final Process process;
    private final Thread stopAtExit;

    private enum Folder {
        KEPT,
        DELETED_ON_CLOSE
    }

    private EmbeddedRedis(Path folder, Folder lifetime, int port, Process process) {
        this.folder = folder;
        this.lifetime = lifetime;
        this.port = port;
        this.process = process;
        this.stopAtExit = Thread.ofPlatform().unstarted(process::destroy);
        Runtime.getRuntime().addShutdownHook(stopAtExit);
    }

    /// A server on a free port with its folder in the temporary folder, deleted on close.
    public static EmbeddedRedis temporary() {
        try {
            return start(Files.createTempDirectory("assay-redis"), 0, DEFAULT_MAX_MEMORY_MIB, Folder.DELETED_ON_CLOSE);
        } catch (IOException failure) {
            throw problem(Path.of(System.getProperty("java.io.tmpdir")), failure.toString());
        }
    }

    /// A server that uses `folder` for its binary and its log.
    ///
    /// @param port TCP port on 127.0.0.1; 0 takes a free one
    /// @param maxMemoryMib budget of the cache in MiB, at least 1
    /// @throws ProblemException `port-in-use`, or `redis-start` with what the server said
    public static EmbeddedRedis start(Path folder, int port, int maxMemoryMib) {
        return start(folder, port, maxMemoryMib, Folder.KEPT);
    }

    private static EmbeddedRedis start(Path folder, int port, int maxMemoryMib, Folder lifetime) {
        if (port < 0 || port > 65_535 || maxMemoryMib < 1) {
            throw new IllegalArgumentException(
                    "port " + port + " (0..65535), maxMemoryMib " + maxMemoryMib + " (>= 1)");
        }
        try {
            Files.createDirectories(folder);
            if (port != 0) {
                Ports.requireFree("redis", port);
                return launch(folder, port, maxMemoryMib, lifetime);
            }
            for (int attempt = 1; ; attempt++) {
                try {
                    return launch(folder, Ports.free(1).getFirst(), maxMemoryMib, lifetime);
                } catch (ProblemException taken) {
                    // The port was free a moment ago; somebody may have been faster.
                    if (attempt == FREE_PORT_ATTEMPTS || !taken.detail().contains("Address already in use")) {
                        throw taken;
                    }
                }
            }
        } catch (IOException failure) {
            throw problem(folder, failure.toString());
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
            throw problem(folder, "interrupted while starting");
        }
    }

    private static EmbeddedRedis launch(Path folder, int port, int maxMemoryMib, Folder lifetime)
            throws IOException, InterruptedException {
        Path log = folder.resolve("redis.log");
        Process process = new ProcessBuilder(RedisCommand.of(folder, port, maxMemoryMib))
                .redirectErrorStream(true)
                .redirectOutput(log.toFile())
                .start();
        var server = new EmbeddedRedis(folder, lifetime, port, process);
        long deadline = System.nanoTime() + START_TIMEOUT.toNanos();
        while (!Probes.redis(port)) {
            if (!process.isAlive() || System.nanoTime() > deadline) {
                String said = Files.readString(log, StandardCharsets.ISO_8859_1).strip();
                server.stop();
                throw problem(folder, said.isEmpty() ? "it did not answer in time" : said);
            }
            Thread.sleep(10);
        }
        if (!process.isAlive()) {
            throw problem(
                    folder, Files.readString(log, StandardCharsets.ISO_8859_1).strip());
        }
        return server;
    }

    /// `redis://127.0.0.1:port`, as Lettuce and `assay.redis.uri` want it.
    public String uri() {
        return "redis://127.0.0.1:" + port;
    }

    public int port() {
        return port;
    }

    /// Stops the server and waits for it; deletes the folder if it was temporary.
    @Override
    public void close() {
        stop();
        if (lifetime == Folder.DELETED_ON_CLOSE) {
            Folders.delete(folder);
        }
    }

    private void stop() {
        try {
            Runtime.getRuntime().removeShutdownHook(stopAtExit);
        } catch (IllegalStateException exiting) {
            Objects.requireNonNull(exiting); // The hook itself is running, or will.
        }
        process.destroy();
        try {
            if (!process.waitFor(5, TimeUnit.SECONDS)) {
                process.destroyForcibly().waitFor();
            }
        } catch (InterruptedException interrupted) {
            process.destroyForcibly();
            Thread.currentThread().interrupt();
        }
    }

    private static ProblemException problem(Path folder, String detail) {
        return new ProblemException(
                "redis-start",
                folder.toString(),
                "the Redis server did not start: " + detail,
                "check the folder, and on Linux that libssl3 is installed");
    }
}
