package dev.assay.data;

import dev.assay.computation.ProblemException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;

/// The files that hold a data set, told apart by their first bytes.
enum DataSetFormat {
    BETON,
    NPZ;

    /// @throws ProblemException `unsupported-data-set` for other files
    static DataSetFormat of(Path file) throws IOException {
        byte[] start;
        try (InputStream in = Files.newInputStream(file)) {
            start = in.readNBytes(4);
        }
        if (start.length == 4 && start[0] == 'P' && start[1] == 'K') {
            return NPZ;
        }
        if (start.length == 4 && start[0] == 2 && start[1] == 0) {
            return BETON;
        }
        throw new ProblemException(
                "unsupported-data-set",
                file.getFileName().toString(),
                "the file is neither a .beton file of version 2 nor a .npz archive",
                "import the data set first: `assay loading import` takes folders of images, .npz and IDX files");
    }
}
