package dev.assay.local;

import dev.assay.computation.ProblemException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.List;
import redis.embedded.core.ExecutableProvider;

/// The command that runs redis-server as a cache on loopback: nothing is written to disk, the least recently
/// used entries make room when the memory budget is reached.
public final class RedisCommand {

    private RedisCommand() {}

    /// Unpacks the server for this operating system into `folder` when it is not there yet.
    ///
    /// @throws ProblemException `redis-start` when this machine has no server or the folder cannot be written
    public static List<String> of(Path folder, int port, int maxMemoryMib) {
        return List.of(
                binary(folder).toString(),
                "--bind",
                "127.0.0.1",
                "--port",
                Integer.toString(port),
                "--dir",
                folder.toAbsolutePath().toString(),
                "--save",
                "",
                "--appendonly",
                "no",
                "--maxmemory",
                maxMemoryMib + "mb",
                "--maxmemory-policy",
                "allkeys-lru",
                "--daemonize",
                "no");
    }

    private static Path binary(Path folder) {
        Path binary = folder.resolve("bin").resolve("redis-server").toAbsolutePath();
        if (Files.isExecutable(binary)) {
            return binary;
        }
        try {
            Files.createDirectories(binary.getParent());
            Path unpacking = Files.createTempDirectory(binary.getParent(), "unpacking");
            try {
                Path unpacked = ExecutableProvider.newJarResourceProvider(unpacking.toFile())
                        .get()
                        .toPath();
                unpacked.toFile().setExecutable(true);
                Files.move(unpacked, binary, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
            } finally {
                Folders.delete(unpacking);
            }
            return binary;
        } catch (IOException | RuntimeException failure) {
            throw new ProblemException(
                    "redis-start",
                    folder.toString(),
                    "could not unpack a redis-server for " + System.getProperty("os.name") + " "
                            + System.getProperty("os.arch") + ": " + failure,
                    "check that the folder is writable and allows programs to run",
                    failure);
        }
    }
}
