package dev.assay.gateway.artifact;

import dev.assay.computation.ProblemException;
import io.quarkus.runtime.configuration.MemorySize;
import jakarta.inject.Inject;
import jakarta.inject.Singleton;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.eclipse.microprofile.config.inject.ConfigProperty;

/// Keeps the disk of the artifacts from filling up: a broker that shares it would stop, and every running job would
/// lose its result.
@Singleton
public class FreeSpace {

    private final Path folder;
    private final long floor;

    @Inject
    FreeSpace(
            @ConfigProperty(name = "assay.artifacts.folder") Path folder,
            @ConfigProperty(name = "assay.artifacts.free-space-floor", defaultValue = "512M") MemorySize floor) {
        this.folder = folder;
        this.floor = floor.asLongValue();
    }

    /// @param bytes about to be written; 0 when it is not known
    /// @throws ProblemException `storage-full` when less than the floor would be left
    public void requireRoomFor(long bytes) {
        long free = free();
        if (free - bytes < floor) {
            throw new ProblemException(
                    "storage-full",
                    folder.toString(),
                    "the disk of the artifacts has " + free + " bytes left, of which " + floor + " stay free",
                    "free space on it, move assay.artifacts.folder, or lower assay.artifacts.free-space-floor");
        }
    }

    private long free() {
        try {
            return Files.getFileStore(folder).getUsableSpace();
        } catch (IOException failure) {
            throw new ProblemException(
                    "storage-unavailable",
                    folder.toString(),
                    "the artifact folder cannot be used: " + failure,
                    "check assay.artifacts.folder and its permissions",
                    failure);
        }
    }
}
