package dev.assay.data;

import dev.assay.computation.ProblemException;
import dev.assay.computation.Progress;
import dev.assay.data.beton.ArrayElements;
import dev.assay.data.beton.BetonField;
import dev.assay.data.beton.BetonField.ArrayField;
import dev.assay.data.beton.BetonField.ImageField;
import dev.assay.data.beton.BetonField.IntField;
import dev.assay.data.beton.BetonReader;
import dev.assay.data.beton.BetonValue;
import dev.assay.data.beton.BetonWriter;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.file.Path;
import java.util.List;
import java.util.function.Predicate;
import java.util.stream.IntStream;

/// Labelled images in a `.beton` file.
///
/// Pixels come from the first RGB image field (raw) or, where there is none, from the first array of uint8 (white
/// is 255) or float32 (in [0,1]) of shape `[H, W]` or `[C, H, W]`; the label from the first integer field.
/// Written are `image` and `label`: an RGB image for three channels of bytes, an array for everything else, since
/// FFCV's image is RGB and nothing else.
public final class BetonImages {

    private static final int REPORT_EVERY = 1024;

    private BetonImages() {}

    /// @throws ProblemException `missing-field` without such fields, `mixed-image-sizes`, `pixel-out-of-range`
    ///     for a float outside [0,1]; `damaged-beton`, `unsupported-image-mode`, and as {@link LabelledImages#of}
    public static LabelledImages open(Path file) throws IOException {
        BetonReader reader = BetonReader.open(file);
        try {
            return read(reader, file.getFileName().toString());
        } catch (RuntimeException | Error failure) {
            reader.close();
            throw failure;
        }
    }

    /// Writes a data set; the file is not there until it is whole.
    public static void write(LabelledImages images, Path target, Progress progress) throws IOException {
        ImageShape shape = images.imageShape();
        List<BetonField> fields = List.of(imageField(images), new IntField("label"));
        try (BetonWriter writer = BetonWriter.create(target, fields, images.count(), pageBytes(images))) {
            for (int sample = 0; sample < images.count(); sample++) {
                if (sample % REPORT_EVERY == 0) {
                    progress.report("write", sample, images.count());
                }
                MemorySegment pixels = images.stored().samples().apply(sample);
                writer.append(List.of(
                        image(images.stored().encoding(), shape, pixels),
                        new BetonValue.IntValue(images.label(sample))));
            }
            writer.finish();
        }
        progress.report("write", images.count(), images.count());
    }

    /// The smallest page that holds a sample, so that a small data set stays a small file.
    static long pageBytes(long sampleBytes) {
        long page = BetonWriter.SMALLEST_PAGE_BYTES;
        while (page < sampleBytes) {
            page *= 2;
        }
        return page;
    }

    private static long pageBytes(LabelledImages images) {
        return pageBytes(images.stored().samples().apply(0).byteSize());
    }

    private static BetonField imageField(LabelledImages images) {
        ImageShape shape = images.imageShape();
        return switch (images.stored().encoding()) {
            case PLANAR_FLOATS -> array(ArrayElements.FLOAT32, shape);
            case PLANAR_BYTES, INTERLEAVED_BYTES ->
                shape.channels() == 3 ? new ImageField("image") : array(ArrayElements.UINT8, shape);
        };
    }

    private static ArrayField array(ArrayElements elements, ImageShape shape) {
        return new ArrayField("image", elements, shape.channels(), shape.height(), shape.width());
    }

    private static BetonValue image(StoredPixels.Encoding encoding, ImageShape shape, MemorySegment pixels) {
        boolean rgb = shape.channels() == 3;
        return switch (encoding) {
            case PLANAR_FLOATS -> new BetonValue.Array(pixels);
            case PLANAR_BYTES ->
                rgb
                        ? new BetonValue.RawImage(shape.width(), shape.height(), interleaved(shape, pixels))
                        : new BetonValue.Array(pixels);
            case INTERLEAVED_BYTES ->
                rgb
                        ? new BetonValue.RawImage(shape.width(), shape.height(), pixels)
                        : new BetonValue.Array(planar(shape, pixels));
        };
    }

    private static MemorySegment interleaved(ImageShape shape, MemorySegment planar) {
        return transposed(planar, shape.channels(), shape.height() * shape.width());
    }

    private static MemorySegment planar(ImageShape shape, MemorySegment interleaved) {
        return transposed(interleaved, shape.height() * shape.width(), shape.channels());
    }

    private static MemorySegment transposed(MemorySegment source, int rows, int columns) {
        byte[] target = new byte[rows * columns];
        for (int row = 0; row < rows; row++) {
            for (int column = 0; column < columns; column++) {
                target[column * rows + row] = source.get(ValueLayout.JAVA_BYTE, (long) row * columns + column);
            }
        }
        return MemorySegment.ofArray(target);
    }

    private static LabelledImages read(BetonReader reader, String subject) {
        int label = first(reader, IntField.class::isInstance);
        if (label < 0) {
            throw missing(subject, reader, "no integer field for the label");
        }
        long[] labels = IntStream.range(0, reader.count())
                .mapToLong(sample -> reader.intAt(label, sample))
                .toArray();
        int image = first(reader, ImageField.class::isInstance);
        if (image >= 0) {
            ImageShape shape = commonShape(reader, image, subject);
            StoredPixels pixels = new StoredPixels(
                    StoredPixels.Encoding.INTERLEAVED_BYTES,
                    sample -> reader.imageAt(image, sample).pixels());
            return LabelledImages.of(shape, pixels, labels, subject, reader);
        }
        int array = first(reader, BetonImages::isImageArray);
        if (array < 0) {
            throw missing(subject, reader, "no RGB image and no array of uint8 or float32 pixels");
        }
        return LabelledImages.of(
                shape((ArrayField) reader.fields().get(array)),
                arrayPixels(reader, array, subject),
                labels,
                subject,
                reader);
    }

    /// Looks at every sample once, so that damage shows now and not in the middle of a training.
    private static ImageShape commonShape(BetonReader reader, int field, String subject) {
        ImageShape common = null;
        for (int sample = 0; sample < reader.count(); sample++) {
            BetonValue.RawImage image = reader.imageAt(field, sample);
            ImageShape shape = new ImageShape(3, image.height(), image.width());
            if (common != null && !common.equals(shape)) {
                throw new ProblemException(
                        "mixed-image-sizes",
                        subject,
                        "sample 0 has the shape %s, sample %d has %s".formatted(common, sample, shape),
                        "give images of one size, or resize them at the import");
            }
            common = shape;
        }
        if (common == null) {
            throw new ProblemException(
                    "empty-data-set", subject, "the data set has no samples", "give at least one labelled image");
        }
        return common;
    }

    private static StoredPixels arrayPixels(BetonReader reader, int field, String subject) {
        boolean floats = ((ArrayField) reader.fields().get(field)).elements() == ArrayElements.FLOAT32;
        for (int sample = 0; sample < reader.count(); sample++) {
            MemorySegment pixels = reader.arrayAt(field, sample);
            if (floats) {
                ImageArrays.requireUnitRange(pixels, sample, subject);
            }
        }
        return new StoredPixels(
                floats ? StoredPixels.Encoding.PLANAR_FLOATS : StoredPixels.Encoding.PLANAR_BYTES,
                sample -> reader.arrayAt(field, sample));
    }

    private static boolean isImageArray(BetonField field) {
        return field instanceof ArrayField array
                && (array.elements() == ArrayElements.UINT8 || array.elements() == ArrayElements.FLOAT32)
                && (array.shape().size() == 2 || array.shape().size() == 3)
                && array.shape().stream().allMatch(dimension -> dimension > 0);
    }

    private static ImageShape shape(ArrayField array) {
        int[] dimensions = array.shape().stream().mapToInt(Math::toIntExact).toArray();
        return dimensions.length == 2
                ? new ImageShape(1, dimensions[0], dimensions[1])
                : new ImageShape(dimensions[0], dimensions[1], dimensions[2]);
    }

    private static int first(BetonReader reader, Predicate<BetonField> wanted) {
        return IntStream.range(0, reader.fields().size())
                .filter(field -> wanted.test(reader.fields().get(field)))
                .findFirst()
                .orElse(-1);
    }

    private static ProblemException missing(String subject, BetonReader reader, String what) {
        return new ProblemException(
                "missing-field",
                subject,
                "the data set has %s; its fields are %s".formatted(what, reader.fields()),
                "write an RGB image field (or an array [C, H, W]) and an integer field for the label");
    }
}
