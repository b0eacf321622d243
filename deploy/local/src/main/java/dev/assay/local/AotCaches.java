package dev.assay.local;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.util.List;
import java.util.stream.Stream;

/// The ahead-of-time caches (JEP 483, 514) that let each process start in about half the time: one file per
/// service.
///
/// A cache is named to the JVM only when nothing of the program is newer: JDK 25 notices another JDK or other
/// flags and goes on without the cache, but was seen to load classes from the cache of a jar that had changed
/// since.
record AotCaches(Path folder, Mode mode) {

    /// Whatever the JVM has to say about a cache is not for the user: it starts either way.
    private static final String SILENT = "-Xlog:aot*=off,cds*=off";

    enum Mode {
        USE,
        /// Each process writes its cache when it ends in order.
        TRAIN,
        OFF
    }

    /// JVM flags for the process of this service.
    ///
    /// @param jar the program; its libraries lie beside it in `lib/`, `app/` and `quarkus/`
    List<String> flags(String service, Path jar) {
        Path cache = folder.resolve(service + ".aot");
        return switch (mode) {
            case USE -> isCurrent(cache, jar) ? List.of("-XX:AOTCache=" + cache, SILENT) : List.of();
            case TRAIN -> List.of("-XX:AOTCacheOutput=" + cache, SILENT);
            case OFF -> List.of();
        };
    }

    /// Deletes the caches of these services that their processes did not live to finish: beside each lies the JVM's
    /// temporary configuration.
    void deleteUnfinished(List<String> services) throws IOException {
        for (String service : services) {
            if (Files.deleteIfExists(folder.resolve(service + ".aot.config"))) {
                Files.deleteIfExists(folder.resolve(service + ".aot"));
            }
        }
    }

    private static boolean isCurrent(Path cache, Path jar) {
        if (!Files.isReadable(cache)) {
            return false;
        }
        try {
            FileTime made = Files.getLastModifiedTime(cache);
            for (Path part :
                    List.of(jar, jar.resolveSibling("lib"), jar.resolveSibling("app"), jar.resolveSibling("quarkus"))) {
                if (Files.exists(part) && newest(part).compareTo(made) > 0) {
                    return false;
                }
            }
            return true;
        } catch (IOException vanished) {
            return false;
        }
    }

    private static FileTime newest(Path root) throws IOException {
        try (Stream<Path> files = Files.walk(root)) {
            return files.filter(Files::isRegularFile)
                    .map(AotCaches::lastModified)
                    .reduce(FileTime.fromMillis(0), (a, b) -> a.compareTo(b) > 0 ? a : b);
        }
    }

    private static FileTime lastModified(Path file) {
        try {
            return Files.getLastModifiedTime(file);
        } catch (IOException failure) {
            throw new UncheckedIOException(failure);
        }
    }
}
