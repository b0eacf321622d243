package dev.assay.data;

import dev.assay.computation.ProblemException;
import dev.assay.runtime.Npz;
import dev.assay.runtime.Tensor;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;

/// Labelled images in an archive of numpy arrays. See {@link ImageArrays} for what the arrays may look like.
public final class NpzImages {

    /// The names of an archive's two arrays.
    public record Keys(String images, String labels) {}

    /// Taken when the caller names none; the first pair that is there.
    private static final List<Keys> COMMON = List.of(
            new Keys("images", "labels"),
            new Keys("x", "y"),
            new Keys("X", "y"),
            new Keys("data", "target"),
            new Keys("x_train", "y_train"),
            new Keys("train_images", "train_labels"),
            new Keys("x_test", "y_test"),
            new Keys("test_images", "test_labels"),
            new Keys("arr_0", "arr_1"));

    private NpzImages() {}

    /// Reads the archive's images and labels under one of the common pairs of names.
    ///
    /// @throws ProblemException `array-not-found`, `wrong-images`, `wrong-labels`, `pixel-out-of-range`,
    ///     `empty-data-set`, `label-out-of-range`, and as {@link Npz#read}
    public static LabelledImages read(Path file, PixelScale scale) throws IOException {
        try (Npz npz = Npz.open(file)) {
            String subject = file.getFileName().toString();
            return read(npz, commonKeys(npz, subject), scale, subject);
        }
    }

    /// As {@link #read(Path, PixelScale)}, but without the pixels: neither unpacked nor checked.
    static DataSetOutline outline(Path file) throws IOException {
        try (Npz npz = Npz.open(file)) {
            String subject = file.getFileName().toString();
            Keys keys = commonKeys(npz, subject);
            long[] images = npz.shape(keys.images());
            try (Tensor labels = npz.read(keys.labels())) {
                return ImageArrays.outline(images, labels, subject);
            }
        }
    }

    /// Reads the arrays of these names.
    public static LabelledImages read(Path file, Keys keys, PixelScale scale) throws IOException {
        try (Npz npz = Npz.open(file)) {
            return read(npz, keys, scale, file.getFileName().toString());
        }
    }

    private static Keys commonKeys(Npz npz, String subject) {
        return COMMON.stream()
                .filter(pair -> npz.contains(pair.images()) && npz.contains(pair.labels()))
                .findFirst()
                .orElseThrow(() -> new ProblemException(
                        "array-not-found",
                        subject,
                        "the archive has the arrays %s; none are known as images and labels".formatted(npz.names()),
                        "call them images and labels, or name them at the import"));
    }

    private static LabelledImages read(Npz npz, Keys keys, PixelScale scale, String subject) throws IOException {
        try (Tensor labels = npz.read(keys.labels());
                Tensor images = npz.read(keys.images())) {
            return ImageArrays.labelledImages(images, labels, scale, subject);
        }
    }
}
