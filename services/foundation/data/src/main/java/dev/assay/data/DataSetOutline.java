package dev.assay.data;

import java.io.IOException;
import java.nio.file.Path;

/// What a data set's file says of itself, in little memory.
///
/// @param count samples
/// @param classes the largest label plus one
public record DataSetOutline(int count, ImageShape shape, int classes) {

    /// Opens a `.beton` file or a `.npz` archive as {@link LabelledImages#open} does, but leaves the pixels of an
    /// archive packed and unchecked.
    ///
    /// @throws dev.assay.computation.ProblemException as {@link LabelledImages#open}
    public static DataSetOutline of(Path file) throws IOException {
        return switch (DataSetFormat.of(file)) {
            case NPZ -> NpzImages.outline(file);
            case BETON -> {
                try (LabelledImages images = BetonImages.open(file)) {
                    yield new DataSetOutline(images.count(), images.imageShape(), images.classes());
                }
            }
        };
    }
}
