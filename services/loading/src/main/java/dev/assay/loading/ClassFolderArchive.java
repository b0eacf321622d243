package dev.assay.loading;

import dev.assay.computation.ProblemException;
import java.io.IOException;
import java.nio.file.FileSystem;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Collections;
import java.util.List;
import java.util.stream.Stream;
import java.util.zip.ZipEntry;
import java.util.zip.ZipError;
import java.util.zip.ZipException;
import java.util.zip.ZipFile;

/// A zip archive of class folders, opened as a file system: nothing is unpacked to disk, so no name in it can
/// reach a
/// file
/// outside. What it claims to hold is bounded before anything is read.
final class ClassFolderArchive implements AutoCloseable {

    private static final int MAXIMUM_ENTRIES = 5_000_000;

    /// Deflate cannot pack better than about 1030:1, and pictures are packed already: more is a bomb.
    private static final long MAXIMUM_RATIO = 200;

    private final FileSystem files;

    private ClassFolderArchive(FileSystem files) {
        this.files = files;
    }

    /// @throws ProblemException `damaged-archive`, `archive-bomb`
    static ClassFolderArchive open(Path archive) throws IOException {
        try {
            requireBounded(archive);
            return new ClassFolderArchive(FileSystems.newFileSystem(archive));
        } catch (ZipException | ZipError damaged) {
            throw new ProblemException(
                    "damaged-archive",
                    "source",
                    "the zip archive cannot be read: " + damaged.getMessage(),
                    "make it again; it may have been cut short on its way",
                    damaged);
        }
    }

    /// The folder whose folders are the classes: the top, or the only folder in it when that holds further folders.
    Path root() throws IOException {
        Path root = files.getPath("/");
        while (true) {
            List<Path> children = visibleChildren(root);
            if (children.size() != 1
                    || !Files.isDirectory(children.getFirst())
                    || visibleChildren(children.getFirst()).stream().noneMatch(Files::isDirectory)) {
                return root;
            }
            root = children.getFirst();
        }
    }

    @Override
    public void close() throws IOException {
        files.close();
    }

    private static List<Path> visibleChildren(Path folder) throws IOException {
        try (Stream<Path> children = Files.list(folder)) {
            return children.filter(child -> !child.getFileName().toString().startsWith("."))
                    .filter(child -> !child.getFileName().toString().startsWith("__MACOSX"))
                    .toList();
        }
    }

    private static void requireBounded(Path archive) throws IOException {
        long packed = Files.size(archive);
        try (ZipFile zip = new ZipFile(archive.toFile())) {
            long unpacked = Collections.list(zip.entries()).stream()
                    .mapToLong(ZipEntry::getSize)
                    .sum();
            if (zip.size() > MAXIMUM_ENTRIES || unpacked < 0 || unpacked > packed * MAXIMUM_RATIO) {
                throw new ProblemException(
                        "archive-bomb",
                        "source",
                        "the archive of %d bytes claims %d entries of %d bytes".formatted(packed, zip.size(), unpacked),
                        "at most %d entries, and at most %d times the archive's size, are accepted"
                                .formatted(MAXIMUM_ENTRIES, MAXIMUM_RATIO));
            }
        }
    }
}
