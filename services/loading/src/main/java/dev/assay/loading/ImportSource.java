package dev.assay.loading;

import dev.assay.computation.ProblemException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.zip.ZipEntry;
import java.util.zip.ZipException;
import java.util.zip.ZipFile;

/// What labelled images are imported from.
public sealed interface ImportSource {

    /// An archive of numpy arrays.
    record Npz(Path file) implements ImportSource {}

    /// An IDX image file and its label file.
    record Idx(Path images, Path labels) implements ImportSource {}

    /// A zip archive of one folder of images per class.
    record ClassFolders(Path archive) implements ImportSource {}

    /// Tells the format by the file's bytes.
    ///
    /// @param labels the IDX label file; needed for IDX images, refused otherwise
    /// @throws ProblemException `unsupported-source` for bytes of another format, and as the named formats below
    static ImportSource detect(Path file, Optional<Path> labels) throws IOException {
        byte[] head = head(file);
        if (head.length >= 2 && head[0] == 'P' && head[1] == 'K') {
            return isNumpyArchive(file) ? npz(file, labels) : classFolders(file, labels);
        }
        boolean isIdx = head.length >= 4 && head[0] == 0 && head[1] == 0;
        boolean isGzip = head.length >= 2 && (head[0] & 0xFF) == 0x1F && (head[1] & 0xFF) == 0x8B;
        if (isIdx || isGzip) {
            return idx(file, labels);
        }
        throw new ProblemException(
                "unsupported-source",
                "source",
                "the file is no .npz archive, no IDX file and no zip archive of class folders",
                "give one of these; a .beton file needs no import");
    }

    static ImportSource npz(Path file, Optional<Path> labels) {
        requireNoLabels(labels, "an .npz archive");
        return new Npz(file);
    }

    static ImportSource idx(Path file, Optional<Path> labels) {
        return new Idx(
                file,
                labels.orElseThrow(() -> new ProblemException(
                        "missing-labels",
                        "labels",
                        "an IDX image file holds no labels",
                        "give the IDX label file in the field labels")));
    }

    static ImportSource classFolders(Path file, Optional<Path> labels) {
        requireNoLabels(labels, "an archive of class folders");
        return new ClassFolders(file);
    }

    private static void requireNoLabels(Optional<Path> labels, String source) {
        if (labels.isPresent()) {
            throw new ProblemException(
                    "unexpected-labels", "labels", source + " holds its own labels", "leave the field labels out");
        }
    }

    private static byte[] head(Path file) throws IOException {
        try (InputStream stream = Files.newInputStream(file)) {
            return stream.readNBytes(4);
        }
    }

    private static boolean isNumpyArchive(Path file) throws IOException {
        try (ZipFile zip = new ZipFile(file.toFile())) {
            List<String> names = Collections.list(zip.entries()).stream()
                    .filter(entry -> !entry.isDirectory())
                    .map(ZipEntry::getName)
                    .toList();
            return !names.isEmpty() && names.stream().allMatch(name -> name.endsWith(".npy"));
        } catch (ZipException damaged) {
            throw new ProblemException(
                    "damaged-archive",
                    "source",
                    "the zip archive cannot be read: " + damaged.getMessage(),
                    "make it again; it may have been cut short on its way",
                    damaged);
        }
    }
}
