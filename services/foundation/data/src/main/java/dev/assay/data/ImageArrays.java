package dev.assay.data;

import dev.assay.computation.ProblemException;
import dev.assay.onnx.ElementType;
import dev.assay.runtime.Tensor;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Arrays;

/// Turns arrays as people store them into a data set: any order of axes, type and scale that can be told apart.
///
/// Images are `[N, H, W]`, `[N, C, H, W]` or `[N, H, W, C]`; the channels are the axis of length 1 or 3 right
/// after N, else the last one. Integers become uint8: as they are (0 to 255), or v·255/maximum rounded. Floats
/// stay float32: as they are, in [0,1], or v/maximum. Labels are integers `[N]` or `[N, 1]`.
final class ImageArrays {

    private ImageArrays() {}

    /// Reads both arrays and leaves them to the caller to close.
    static LabelledImages labelledImages(Tensor images, Tensor labels, PixelScale scale, String subject) {
        Axes axes = Axes.of(images.shape(), subject);
        long[] numbers = labels(labels, axes.count(), subject);
        Tensor planar = switch (images.type()) {
            case FLOAT, DOUBLE, FLOAT16 -> floats(images, axes, scale, subject);
            case UINT8, INT8, INT16, UINT16, INT32, UINT32, INT64, UINT64 -> bytes(images, axes, scale, subject);
            default ->
                throw new ProblemException(
                        "unsupported-element-type",
                        subject,
                        "the images are of type " + images.type(),
                        "store pixels as integers from 0 to 255 or floats from 0 to 1");
        };
        return LabelledImages.of(planar, numbers, subject);
    }

    /// What the shape of the images and the labels tell, without a look at the pixels.
    static DataSetOutline outline(long[] images, Tensor labels, String subject) {
        Axes axes = Axes.of(images, subject);
        int[] checked = LabelledImages.checked(labels(labels, axes.count(), subject), subject);
        return new DataSetOutline(axes.count(), axes.shape(), LabelledImages.classes(checked));
    }

    static void requireUnitRange(MemorySegment floats, int sample, String subject) {
        for (long i = 0; i < floats.byteSize(); i += Float.BYTES) {
            requireUnit(floats.get(ValueLayout.JAVA_FLOAT_UNALIGNED, i), sample, subject);
        }
    }

    private static Tensor floats(Tensor images, Axes axes, PixelScale scale, String subject) {
        double white = switch (scale) {
            case PixelScale.Natural _ -> 1;
            case PixelScale.Maximum(double value) -> value;
        };
        return filled(ElementType.FLOAT, images, axes, (target, index, value) -> {
            double scaled = value / white;
            requireUnit(scaled, index / axes.shape().elements(), subject);
            target.setAtIndex(ValueLayout.JAVA_FLOAT, index, (float) scaled);
        });
    }

    private static Tensor bytes(Tensor images, Axes axes, PixelScale scale, String subject) {
        double white = switch (scale) {
            case PixelScale.Natural _ -> 255;
            case PixelScale.Maximum(double value) -> value;
        };
        return filled(ElementType.UINT8, images, axes, (target, index, value) -> {
            if (value < 0 || value > white) {
                throw outOfRange(value, index / axes.shape().elements(), white, subject);
            }
            target.set(ValueLayout.JAVA_BYTE, index, (byte) Math.round(value * 255 / white));
        });
    }

    @FunctionalInterface
    private interface Placement {
        void put(MemorySegment target, long index, double value);
    }

    private static Tensor filled(ElementType type, Tensor images, Axes axes, Placement placement) {
        Tensor planar = Tensor.allocate(type, axes.shape().batch(axes.count()));
        try {
            MemorySegment source = images.memory();
            MemorySegment target = planar.memory();
            for (long index = 0; index < planar.size(); index++) {
                placement.put(target, index, number(source, images.type(), axes.storedIndex(index)));
            }
            return planar;
        } catch (RuntimeException | Error failure) {
            planar.close();
            throw failure;
        }
    }

    private static long[] labels(Tensor labels, int count, String subject) {
        boolean column = labels.rank() == 2 && labels.dimension(1) == 1;
        if (labels.rank() != 1 && !column || labels.dimension(0) != count) {
            throw new ProblemException(
                    "wrong-labels",
                    subject,
                    "%d images have labels of shape %s".formatted(count, Arrays.toString(labels.shape())),
                    "give one class number for each image");
        }
        boolean integers = switch (labels.type()) {
            case UINT8, INT8, INT16, UINT16, INT32, UINT32, INT64, UINT64 -> true;
            default -> false;
        };
        if (!integers) {
            throw new ProblemException(
                    "wrong-labels",
                    subject,
                    "the labels are of type " + labels.type(),
                    "give class numbers as integers from 0");
        }
        long[] numbers = new long[count];
        for (int sample = 0; sample < count; sample++) {
            numbers[sample] = (long) number(labels.memory(), labels.type(), sample);
        }
        return numbers;
    }

    private static double number(MemorySegment memory, ElementType type, long index) {
        return switch (type) {
            case UINT8 -> Byte.toUnsignedInt(memory.get(ValueLayout.JAVA_BYTE, index));
            case INT8 -> memory.get(ValueLayout.JAVA_BYTE, index);
            case INT16 -> memory.getAtIndex(ValueLayout.JAVA_SHORT, index);
            case UINT16 -> Short.toUnsignedInt(memory.getAtIndex(ValueLayout.JAVA_SHORT, index));
            case INT32 -> memory.getAtIndex(ValueLayout.JAVA_INT, index);
            case UINT32 -> Integer.toUnsignedLong(memory.getAtIndex(ValueLayout.JAVA_INT, index));
            // An unsigned one beyond 2^63 reads as negative and is refused as out of range.
            case INT64, UINT64 -> memory.getAtIndex(ValueLayout.JAVA_LONG, index);
            case FLOAT16 -> Float.float16ToFloat(memory.getAtIndex(ValueLayout.JAVA_SHORT, index));
            case FLOAT -> memory.getAtIndex(ValueLayout.JAVA_FLOAT, index);
            case DOUBLE -> memory.getAtIndex(ValueLayout.JAVA_DOUBLE, index);
            default -> throw new IllegalArgumentException("elements of type " + type);
        };
    }

    private static void requireUnit(double value, long sample, String subject) {
        if (!(value >= 0 && value <= 1)) {
            throw outOfRange(value, sample, 1, subject);
        }
    }

    private static ProblemException outOfRange(double value, long sample, double white, String subject) {
        return new ProblemException(
                "pixel-out-of-range",
                subject,
                "sample %d has a pixel of value %s; the scale is 0 to %s".formatted(sample, value, white),
                "state the largest pixel value at the import (maximumValue), or rescale the pixels");
    }

    /// Where the channels are, and how the images are laid out.
    private record Axes(int count, ImageShape shape, Order order) {

        enum Order {
            CHANNELS_FIRST,
            CHANNELS_LAST
        }

        static Axes of(long[] dimensions, String subject) {
            boolean known = dimensions.length == 3 || dimensions.length == 4;
            if (!known || Arrays.stream(dimensions).anyMatch(dimension -> dimension > Integer.MAX_VALUE)) {
                throw wrongShape(dimensions, subject);
            }
            int[] sizes = Arrays.stream(dimensions).mapToInt(Math::toIntExact).toArray();
            if (Arrays.stream(sizes).anyMatch(size -> size == 0)) {
                throw new ProblemException(
                        "empty-data-set",
                        subject,
                        "images of shape " + Arrays.toString(sizes),
                        "give at least one labelled image");
            }
            if (sizes.length == 3) {
                return new Axes(sizes[0], new ImageShape(1, sizes[1], sizes[2]), Order.CHANNELS_FIRST);
            }
            if (isChannels(sizes[1])) {
                return new Axes(sizes[0], new ImageShape(sizes[1], sizes[2], sizes[3]), Order.CHANNELS_FIRST);
            }
            if (isChannels(sizes[3])) {
                return new Axes(sizes[0], new ImageShape(sizes[3], sizes[1], sizes[2]), Order.CHANNELS_LAST);
            }
            throw wrongShape(dimensions, subject);
        }

        /// Where the element that comes at `index` channels first is stored.
        long storedIndex(long index) {
            if (order == Order.CHANNELS_FIRST) {
                return index;
            }
            long pixels = (long) shape.height() * shape.width();
            long sample = index / (pixels * shape.channels());
            long channel = index / pixels % shape.channels();
            return (sample * pixels + index % pixels) * shape.channels() + channel;
        }

        private static boolean isChannels(int size) {
            return size == 1 || size == 3;
        }

        private static ProblemException wrongShape(long[] dimensions, String subject) {
            return new ProblemException(
                    "wrong-images",
                    subject,
                    "images of shape " + Arrays.toString(dimensions),
                    "give [N, height, width], [N, channels, height, width] or [N, height, width, channels]"
                            + " with 1 or 3 channels");
        }
    }
}
