package dev.assay.data;

import dev.assay.computation.ProblemException;
import dev.assay.onnx.ElementType;
import dev.assay.runtime.Tensor;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.FloatBuffer;
import java.nio.LongBuffer;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Objects;

/// An immutable data set of images of one shape, each with a class from 0. Images are handed out as float32 in
/// [0,1], channels first. May be read from many threads. Close it to free its memory or its mapping; views made
/// by {@link #select} end with it.
public final class LabelledImages implements AutoCloseable {

    /// More than any known data set has; a larger label is a mistake, such as an id in the label's place.
    public static final int MAXIMUM_CLASSES = 1_000_000;

    private final ImageShape shape;
    private final StoredPixels pixels;
    private final int[] labels;
    private final int classes;
    private final AutoCloseable owner;

    private LabelledImages(ImageShape shape, StoredPixels pixels, int[] labels, int classes, AutoCloseable owner) {
        this.shape = shape;
        this.pixels = pixels;
        this.labels = labels;
        this.classes = classes;
        this.owner = owner;
    }

    /// Opens a `.beton` file (memory-mapped) or a `.npz` archive of natural pixel scale (read into memory), told
    /// apart by their first bytes.
    ///
    /// @throws ProblemException `unsupported-data-set` for other files, `empty-data-set`, `label-out-of-range`,
    ///     and what {@link BetonImages} and {@link NpzImages} say
    public static LabelledImages open(Path file) throws IOException {
        return switch (DataSetFormat.of(file)) {
            case NPZ -> NpzImages.read(file, PixelScale.natural());
            case BETON -> BetonImages.open(file);
        };
    }

    /// @param subject names the data set in problems
    /// @param owner closed with the data set
    static LabelledImages of(
            ImageShape shape, StoredPixels pixels, long[] labels, String subject, AutoCloseable owner) {
        int[] checked = checked(labels, subject);
        return new LabelledImages(shape, pixels, checked, classes(checked), owner);
    }

    static int[] checked(long[] labels, String subject) {
        if (labels.length == 0) {
            throw new ProblemException(
                    "empty-data-set", subject, "the data set has no samples", "give at least one labelled image");
        }
        int[] checked = new int[labels.length];
        for (int sample = 0; sample < labels.length; sample++) {
            if (labels[sample] < 0 || labels[sample] >= MAXIMUM_CLASSES) {
                throw new ProblemException(
                        "label-out-of-range",
                        subject,
                        "sample %d has the label %d".formatted(sample, labels[sample]),
                        "number the classes from 0, below " + MAXIMUM_CLASSES);
            }
            checked[sample] = (int) labels[sample];
        }
        return checked;
    }

    static int classes(int[] labels) {
        return Arrays.stream(labels).max().orElse(-1) + 1;
    }

    /// A data set in memory. Takes over the tensor and closes it with the data set, also when this fails.
    ///
    /// @param images `[N, C, H, W]`: uint8 with white at 255, or float32 in [0,1] (not checked)
    public static LabelledImages of(Tensor images, long[] labels) {
        return of(images, labels, "images");
    }

    static LabelledImages of(Tensor images, long[] labels, String subject) {
        try {
            if (images.rank() != 4 || images.dimension(0) != labels.length) {
                throw new ProblemException(
                        "wrong-tensor-shape",
                        subject,
                        "images %s for %d labels".formatted(images, labels.length),
                        "give images of shape [N, channels, height, width] and N labels");
            }
            StoredPixels.Encoding encoding = switch (images.type()) {
                case UINT8 -> StoredPixels.Encoding.PLANAR_BYTES;
                case FLOAT -> StoredPixels.Encoding.PLANAR_FLOATS;
                default ->
                    throw new ProblemException(
                            "unsupported-element-type",
                            subject,
                            "images of type " + images.type(),
                            "give UINT8 or FLOAT");
            };
            if (labels.length == 0) {
                throw new ProblemException("empty-data-set", subject, "there are no images", "give at least one");
            }
            ImageShape shape = new ImageShape(
                    Math.toIntExact(images.dimension(1)),
                    Math.toIntExact(images.dimension(2)),
                    Math.toIntExact(images.dimension(3)));
            long bytes = images.byteSize() / labels.length;
            StoredPixels pixels =
                    new StoredPixels(encoding, sample -> images.memory().asSlice(sample * bytes, bytes));
            return of(shape, pixels, labels, subject, images);
        } catch (RuntimeException | Error failure) {
            images.close();
            throw failure;
        }
    }

    public int count() {
        return labels.length;
    }

    public ImageShape imageShape() {
        return shape;
    }

    /// The largest label plus one.
    public int classes() {
        return classes;
    }

    /// A copy of all labels, each in [0, classes).
    public int[] labels() {
        return labels.clone();
    }

    public int label(int sample) {
        return labels[sample];
    }

    /// Writes images as float32 in [0,1], `[samples.length, C, H, W]`, from the start of the target.
    ///
    /// @throws IndexOutOfBoundsException if a sample is not there or the target is too small
    public void copyTo(int[] samples, MemorySegment target) {
        long imageBytes = 4L * shape.elements();
        for (int i = 0; i < samples.length; i++) {
            copyTo(samples[i], target, i * imageBytes);
        }
    }

    /// As {@link #copyTo(int[], MemorySegment)}, at the buffer's position, which moves on.
    public void copyTo(int[] samples, FloatBuffer target) {
        MemorySegment memory = MemorySegment.ofBuffer(target);
        copyTo(samples, memory);
        target.position(target.position() + samples.length * shape.elements());
    }

    /// Writes one image at a byte offset of the target.
    public void copyTo(int sample, MemorySegment target, long offset) {
        Objects.checkIndex(sample, labels.length);
        pixels.copy(sample, shape, target, offset);
    }

    /// Writes the samples' labels at the buffer's position, which moves on.
    public void copyLabelsTo(int[] samples, LongBuffer target) {
        for (int sample : samples) {
            target.put(labels[sample]);
        }
    }

    /// The images as a new tensor `[samples.length, C, H, W]` of float32, which the caller closes.
    public Tensor images(int[] samples) {
        Tensor tensor = Tensor.allocate(ElementType.FLOAT, shape.batch(samples.length));
        try {
            copyTo(samples, tensor.memory());
            return tensor;
        } catch (RuntimeException | Error failure) {
            tensor.close();
            throw failure;
        }
    }

    /// A view of some samples, in the given order, with the same number of classes. Closing it does nothing.
    ///
    /// @throws ProblemException `empty-data-set` for none
    public LabelledImages select(int[] samples) {
        if (samples.length == 0) {
            throw new ProblemException("empty-data-set", "", "no samples are selected", "select at least one");
        }
        int[] chosen = samples.clone();
        int[] chosenLabels = Arrays.stream(chosen).map(sample -> labels[sample]).toArray();
        StoredPixels chosenPixels =
                new StoredPixels(pixels.encoding(), i -> pixels.samples().apply(chosen[i]));
        return new LabelledImages(shape, chosenPixels, chosenLabels, classes, () -> {});
    }

    /// @throws ProblemException `single-class` if all samples are of one class: nothing can be told apart there
    public LabelledImages requireSeveralClasses(String subject) {
        if (Arrays.stream(labels).distinct().count() < 2) {
            throw new ProblemException(
                    "single-class",
                    subject,
                    "all %d samples are of class %d".formatted(labels.length, labels[0]),
                    "give samples of at least two classes");
        }
        return this;
    }

    StoredPixels stored() {
        return pixels;
    }

    @Override
    public void close() {
        try {
            owner.close();
        } catch (RuntimeException unchecked) {
            throw unchecked;
        } catch (Exception failure) {
            throw new IllegalStateException("the data set could not be closed: " + failure.getMessage(), failure);
        }
    }
}
