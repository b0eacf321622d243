package dev.assay.cli.mesh;

import dev.assay.computation.ProblemException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.LocalDateTime;
import java.util.List;
import java.util.stream.Stream;
import java.util.zip.Deflater;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;

/// A folder as a zip archive whose bytes depend on nothing but the names and contents of its files, so that the
/// same
/// folder is the same artifact on every machine: entries are sorted, times fixed, nothing compressed (compressed
/// bytes
/// differ between versions of zlib, and images are compressed already). Hidden files are left out.
final class FolderZip {

    /// The earliest time that a zip entry can hold.
    private static final LocalDateTime EPOCH = LocalDateTime.of(1980, 1, 1, 0, 0);

    private FolderZip() {}

    /// @throws ProblemException `empty-folder` when there is no file in it
    static void write(Path folder, Path zip) throws IOException {
        List<String> names;
        try (Stream<Path> files = Files.walk(folder)) {
            names = files.filter(Files::isRegularFile)
                    .map(file -> folder.relativize(file).toString().replace('\\', '/'))
                    .filter(name -> !name.startsWith(".") && !name.contains("/."))
                    .sorted()
                    .toList();
        }
        if (names.isEmpty()) {
            throw new ProblemException(
                    "empty-folder", folder.toString(), "there is no file in this folder", "name a folder with files");
        }
        try (ZipOutputStream out = new ZipOutputStream(Files.newOutputStream(zip))) {
            out.setLevel(Deflater.NO_COMPRESSION);
            for (String name : names) {
                ZipEntry entry = new ZipEntry(name);
                entry.setTimeLocal(EPOCH);
                out.putNextEntry(entry);
                Files.copy(folder.resolve(name), out);
                out.closeEntry();
            }
        }
    }
}
