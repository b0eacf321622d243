package dev.assay.worker;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.BasicFileAttributeView;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.FileTime;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/// The files of one artifact store, with the time at which each was last wanted, and the way in which an unwanted one
/// goes without being lost to somebody who wants it at that moment.
///
/// Whoever wants a file first sets its time, then looks whether it is still in its place. Whoever removes one first
/// moves it aside, then looks at its time. So either the remover sees the time and puts the file back, or the other
/// finds the place empty and takes the file back itself, or, when it is gone for good, is told so and can store it
/// anew.
/// It is the time of access that is set: that of modification tells whether the bytes must be hashed again.
final class StoredFiles {

    private static final String ASIDE = "collecting-";

    /// Setting the time costs a write to the disk; the shortest age at which anything is removed is far longer.
    private static final Duration PRECISION = Duration.ofMinutes(1);

    private final Path objects;
    private final Path unfinished;

    StoredFiles(Path objects, Path unfinished) {
        this.objects = objects;
        this.unfinished = unfinished;
    }

    Path path(String digest) {
        String hex = Digests.hex(digest);
        return objects.resolve(hex.substring(0, 2)).resolve(hex.substring(2));
    }

    /// The file of an artifact, which counts as wanted from now on.
    ///
    /// @throws NoSuchFileException when there is none
    Path use(String digest) throws IOException {
        Path path = path(digest);
        try {
            refresh(path);
        } catch (NoSuchFileException movedAside) {
            takeBack(digest);
            refresh(path);
        }
        return path;
    }

    /// The artifacts that nobody has wanted since then.
    List<UnusedArtifact> unused(Instant before) throws IOException {
        try (Stream<Path> files = Files.walk(objects, 2)) {
            return files.map(this::stored)
                    .flatMap(Optional::stream)
                    .filter(artifact -> artifact.lastUsed().isBefore(before))
                    .toList();
        }
    }

    /// @return whether it is gone; it stays when somebody has wanted it since then
    boolean remove(String digest, Instant before) throws IOException {
        Path path = path(digest);
        Path aside = aside(digest);
        try {
            if (!lastUsed(path).isBefore(before)) {
                return false;
            }
            Files.move(path, aside, StandardCopyOption.ATOMIC_MOVE);
            if (!lastUsed(aside).isBefore(before)) {
                takeBack(digest);
                return false;
            }
            return Files.deleteIfExists(aside);
        } catch (NoSuchFileException takenBack) {
            return false;
        }
    }

    /// Deletes what writers and removers that died have left behind.
    ///
    /// @param before must leave the slowest upload time to bring its next byte
    /// @return how many
    int removeUnfinished(Instant before) throws IOException {
        int removed = 0;
        try (Stream<Path> files = Files.list(unfinished)) {
            for (Path file : files.toList()) {
                if (removeUnfinished(file, before)) {
                    removed++;
                }
            }
        }
        return removed;
    }

    private boolean removeUnfinished(Path file, Instant before) throws IOException {
        String name = file.getFileName().toString();
        try {
            if (lastUsed(file).isBefore(before)) {
                return Files.deleteIfExists(file);
            }
            String digest = "sha256:" + name.replaceFirst(ASIDE, "");
            if (name.startsWith(ASIDE) && Digests.isValid(digest)) {
                takeBack(digest);
            }
            return false;
        } catch (NoSuchFileException finished) {
            return false;
        }
    }

    private void refresh(Path path) throws IOException {
        Instant now = Instant.now();
        if (lastUsed(path).isAfter(now.minus(PRECISION))) {
            return;
        }
        var view = Files.getFileAttributeView(path, BasicFileAttributeView.class);
        view.setTimes(null, FileTime.from(now), null);
        if (lastUsed(path).isBefore(now.minus(PRECISION))) { // a file system that keeps no times of access
            view.setTimes(FileTime.from(now), null, null);
            lastUsed(path);
        }
    }

    private void takeBack(String digest) throws IOException {
        try {
            Files.move(aside(digest), path(digest), StandardCopyOption.ATOMIC_MOVE);
        } catch (NoSuchFileException notAside) {
            // it is where it should be, or nowhere: the caller looks
        }
    }

    private Path aside(String digest) {
        return unfinished.resolve(ASIDE + Digests.hex(digest));
    }

    private Optional<UnusedArtifact> stored(Path file) {
        String digest = "sha256:"
                + objects.relativize(file)
                        .toString()
                        .replace(file.getFileSystem().getSeparator(), "");
        if (!Digests.isValid(digest)) {
            return Optional.empty();
        }
        try {
            return Optional.of(new UnusedArtifact(digest, Files.size(file), lastUsed(file)));
        } catch (IOException gone) {
            return Optional.empty();
        }
    }

    private static Instant lastUsed(Path file) throws IOException {
        var attributes = Files.readAttributes(file, BasicFileAttributes.class);
        Instant modified = attributes.lastModifiedTime().toInstant();
        Instant accessed = attributes.lastAccessTime().toInstant();
        return modified.isAfter(accessed) ? modified : accessed;
    }
}
