package dev.assay.data;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.ObjectMapper;
import dev.assay.computation.ProblemException;
import dev.assay.computation.Progress;
import dev.assay.data.beton.ArrayElements;
import dev.assay.data.beton.BetonField;
import dev.assay.data.beton.BetonReader;
import dev.assay.data.beton.BetonValue;
import dev.assay.data.beton.BetonWriter;
import dev.assay.onnx.ElementType;
import dev.assay.runtime.Npy;
import dev.assay.runtime.Npz;
import dev.assay.runtime.Tensor;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.FloatBuffer;
import java.nio.LongBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class LabelledImagesTest {

    @TempDir
    Path folder;

    @Test
    void ffcvsRawImagesComeAsPlanarFloats() throws IOException {
        var expected = new ObjectMapper()
                .readTree(Fixtures.file("loading/expected.json").toFile())
                .get("cifar_raw")
                .get("labels");
        try (LabelledImages images = LabelledImages.open(Fixtures.beton("cifar_raw", folder));
                Tensor stored = Npy.read(Fixtures.file("loading/cifar_raw.images.npy"))) {
            assertThat(images.count()).isEqualTo(64);
            assertThat(images.imageShape()).isEqualTo(new ImageShape(3, 32, 32));
            assertThat(images.classes()).isEqualTo(10);
            float[] image = new float[3072];
            for (int sample = 0; sample < 64; sample++) {
                assertThat(images.label(sample)).isEqualTo(expected.get(sample).asInt());
                images.copyTo(sample, MemorySegment.ofArray(image), 0);
                for (int i = 0; i < image.length; i++) {
                    int interleaved = i % 1024 * 3 + i / 1024;
                    int pixel = Byte.toUnsignedInt(stored.bytes().get(sample * 3072 + interleaved));
                    assertThat(image[i]).isEqualTo(pixel / 255f);
                }
            }
        }
    }

    /// Counts and moments by numpy: bincount, mean and std of images / 16.
    @Test
    void theDigitsAreImportedIntoABetonFileAndKeepTheirFigures() throws IOException {
        Path beton = folder.resolve("digits.beton");
        try (LabelledImages digits = NpzImages.read(Fixtures.file("digits/digits.npz"), PixelScale.maximum(16))) {
            BetonImages.write(digits, beton, Progress.SILENT);
        }
        try (LabelledImages digits = LabelledImages.open(beton)) {
            DataSetSummary summary = DataSetSummary.of(digits, Progress.SILENT);
            assertThat(summary.count()).isEqualTo(1797);
            assertThat(summary.shape()).isEqualTo(new ImageShape(1, 8, 8));
            assertThat(summary.perClass()).containsExactly(178, 182, 177, 183, 181, 182, 181, 179, 174, 180);
            // A pixel is off by at most half of 1/255 after rounding to a byte.
            assertThat(summary.means().getFirst()).isCloseTo(0.30526028624095713, within(0.5 / 255));
            assertThat(summary.deviations().getFirst()).isCloseTo(0.3760492217920148, within(0.5 / 255));
            assertThat(summary.smallest()).isZero();
            assertThat(summary.largest()).isEqualTo(1);
        }
    }

    @Property(tries = 30)
    void aDataSetWrittenAsBetonIsTheSame(
            @ForAll @IntRange(min = 1, max = 9) int count,
            @ForAll @IntRange(min = 1, max = 4) int channels,
            @ForAll @IntRange(min = 1, max = 9) int side,
            @ForAll boolean floats)
            throws IOException {
        Path file = Files.createTempFile("assay-data", ".beton");
        Tensor tensor = Tensor.allocate(floats ? ElementType.FLOAT : ElementType.UINT8, count, channels, side, side);
        for (int i = 0; i < tensor.size(); i++) {
            if (floats) {
                tensor.floats().put(i, i % 97 / 97f);
            } else {
                tensor.bytes().put(i, (byte) (i * 31));
            }
        }
        long[] labels = IntStream.range(0, count).mapToLong(i -> i % 3).toArray();
        try (LabelledImages images = LabelledImages.of(tensor, labels)) {
            BetonImages.write(images, file, Progress.SILENT);
            try (LabelledImages back = LabelledImages.open(file);
                    Tensor before = images.images(all(count));
                    Tensor after = back.images(all(count))) {
                assertThat(back.imageShape()).isEqualTo(images.imageShape());
                assertThat(back.labels()).isEqualTo(images.labels());
                assertThat(after.toFloats()).isEqualTo(before.toFloats());
            }
        } finally {
            Files.delete(file);
        }
    }

    @Test
    void greyImagesAreStoredAsArraysAndColouredOnesAsRgb() throws IOException {
        Path grey = folder.resolve("grey.beton");
        Path coloured = folder.resolve("coloured.beton");
        try (LabelledImages images = bytes(1);
                LabelledImages rgb = bytes(3)) {
            BetonImages.write(images, grey, Progress.SILENT);
            BetonImages.write(rgb, coloured, Progress.SILENT);
        }
        try (BetonReader greyReader = BetonReader.open(grey);
                BetonReader rgbReader = BetonReader.open(coloured)) {
            assertThat(greyReader.fields())
                    .containsExactly(
                            new BetonField.ArrayField("image", ArrayElements.UINT8, 1, 2, 2),
                            new BetonField.IntField("label"));
            assertThat(rgbReader.fields())
                    .containsExactly(new BetonField.ImageField("image"), new BetonField.IntField("label"));
        }
    }

    @Test
    void batchesAreCopiedIntoAnyBuffer() {
        try (LabelledImages images = bytes(1)) {
            FloatBuffer buffer = FloatBuffer.allocate(9);
            buffer.put(-1);
            images.copyTo(new int[] {1, 0}, buffer);
            assertThat(buffer.position()).isEqualTo(9);
            assertThat(buffer.array())
                    .containsExactly(-1, 4 / 255f, 5 / 255f, 6 / 255f, 7 / 255f, 0, 1 / 255f, 2 / 255f, 3 / 255f);
            LongBuffer labels = LongBuffer.allocate(2);
            images.copyLabelsTo(new int[] {1, 0}, labels);
            assertThat(labels.array()).containsExactly(1, 0);
            assertThatThrownBy(() -> images.copyTo(new int[] {2}, FloatBuffer.allocate(4)))
                    .isInstanceOf(IndexOutOfBoundsException.class);
            assertThatThrownBy(() -> images.copyTo(new int[] {0, 1}, FloatBuffer.allocate(7)))
                    .isInstanceOf(IndexOutOfBoundsException.class);
        }
    }

    @Test
    void aSelectionKeepsItsOrderAndTheNumberOfClasses() {
        try (LabelledImages images = bytes(1);
                LabelledImages second = images.select(new int[] {0});
                Tensor pixels = second.images(new int[] {0})) {
            assertThat(second.count()).isEqualTo(1);
            assertThat(second.classes()).isEqualTo(2);
            assertThat(pixels.toFloats()).containsExactly(0, 1 / 255f, 2 / 255f, 3 / 255f);
            assertProblem("empty-data-set", () -> images.select(new int[0]));
            assertProblem("single-class", () -> second.requireSeveralClasses("x"));
        }
    }

    @Test
    void channelsLastIsTurnedIntoChannelsFirst() throws IOException {
        try (LabelledImages images = npz(
                        Tensor.ofFloats(new float[] {0, .1f, .2f, .3f, .4f, .5f}, 1, 1, 2, 3),
                        Tensor.ofLongs(new long[] {4}, 1));
                Tensor pixels = images.images(new int[] {0})) {
            assertThat(images.imageShape()).isEqualTo(new ImageShape(1, 2, 3)); // [N, C, H, W] goes first
            assertThat(pixels.toFloats()).containsExactly(0, .1f, .2f, .3f, .4f, .5f);
        }
        try (LabelledImages images = npz(
                        Tensor.ofFloats(new float[] {0, .1f, .2f, .3f, .4f, .5f}, 1, 2, 1, 3),
                        Tensor.ofLongs(new long[] {4}, 1, 1));
                Tensor pixels = images.images(new int[] {0})) {
            assertThat(images.imageShape()).isEqualTo(new ImageShape(3, 2, 1));
            assertThat(pixels.toFloats()).containsExactly(0, .3f, .1f, .4f, .2f, .5f);
        }
    }

    @Test
    void aStatedMaximumScalesIntegersAndFloats() throws IOException {
        Path file = folder.resolve("scaled.npz");
        try (Tensor integers = Tensor.ofLongs(new long[] {0, 8, 16, 1}, 1, 2, 2);
                Tensor floats = Tensor.ofFloats(new float[] {0, 51, 255, 102}, 1, 2, 2);
                Tensor labels = Tensor.ofLongs(new long[] {0}, 1)) {
            Npz.write(file, Map.of("a", integers, "b", floats, "y", labels));
        }
        try (LabelledImages a = NpzImages.read(file, new NpzImages.Keys("a", "y"), PixelScale.maximum(16));
                LabelledImages b = NpzImages.read(file, new NpzImages.Keys("b", "y"), PixelScale.maximum(255));
                Tensor pixelsOfA = a.images(new int[] {0});
                Tensor pixelsOfB = b.images(new int[] {0})) {
            // 8·255/16 = 127.5 rounds to 128, 255/16 = 15.94 to 16.
            assertThat(pixelsOfA.toFloats()).containsExactly(0, 128 / 255f, 1, 16 / 255f);
            assertThat(pixelsOfB.toFloats()).containsExactly(0, 0.2f, 1, 0.4f);
        }
    }

    @Test
    void arraysThatAreNoLabelledImagesAreAnsweredWithWhatWouldBeRight() {
        assertProblem("pixel-out-of-range", () -> npz(floats(1.5f), labels(0)));
        assertProblem("pixel-out-of-range", () -> npz(floats(Float.NaN), labels(0)));
        assertProblem("pixel-out-of-range", () -> npz(Tensor.ofLongs(new long[] {256}, 1, 1, 1), labels(0)));
        assertProblem("label-out-of-range", () -> npz(floats(0), labels(-1)));
        assertProblem("label-out-of-range", () -> npz(floats(0), labels(1_000_000)));
        assertProblem("wrong-labels", () -> npz(floats(0), labels(0, 1)));
        assertProblem("wrong-labels", () -> npz(floats(0), Tensor.ofFloats(new float[1], 1)));
        assertProblem("wrong-images", () -> npz(Tensor.ofFloats(new float[4], 1, 4), labels(0)));
        assertProblem("wrong-images", () -> npz(Tensor.ofFloats(new float[16], 1, 2, 4, 2), labels(0)));
        assertProblem(
                "empty-data-set", () -> npz(Tensor.ofFloats(new float[0], 0, 2, 2), Tensor.ofLongs(new long[0], 0)));
    }

    @Test
    void anArchiveWithOtherNamesIsAnsweredWithThem() throws IOException {
        Path file = folder.resolve("other.npz");
        try (Tensor images = floats(0);
                Tensor labels = labels(0)) {
            Npz.write(file, Map.of("pictures", images, "classes", labels));
        }
        assertThatThrownBy(() -> LabelledImages.open(file))
                .isInstanceOf(ProblemException.class)
                .hasMessageContaining("pictures");
    }

    @Test
    void aBetonFileOfJpegsMixedSizesOrWithoutPixelsIsRefused() throws IOException {
        assertProblem("unsupported-image-mode", () -> LabelledImages.open(Fixtures.beton("cifar_jpg", folder)));
        assertProblem("mixed-image-sizes", () -> LabelledImages.open(Fixtures.beton("mixed", folder)));
        assertProblem("missing-field", () -> LabelledImages.open(Fixtures.beton("scalars", folder)));
        assertProblem("missing-field", () -> LabelledImages.open(Fixtures.beton("image_only", folder)));
        Path floats = folder.resolve("floats.beton");
        List<BetonField> fields = List.of(
                new BetonField.ArrayField("image", ArrayElements.FLOAT32, 1, 1), new BetonField.IntField("label"));
        try (BetonWriter writer = BetonWriter.create(floats, fields, 1)) {
            MemorySegment two = MemorySegment.ofArray(new byte[] {0, 0, 0, 0x40});
            writer.append(List.of(new BetonValue.Array(two), new BetonValue.IntValue(0)));
            writer.finish();
        }
        assertProblem("pixel-out-of-range", () -> LabelledImages.open(floats));
    }

    @Test
    void anotherFileIsRefused() throws IOException {
        Path text = Files.writeString(folder.resolve("data.txt"), "label,pixel");
        Path empty = Files.createFile(folder.resolve("empty.beton"));
        assertProblem("unsupported-data-set", () -> LabelledImages.open(text));
        assertProblem("unsupported-data-set", () -> LabelledImages.open(empty));
    }

    /// Two images of 2 x 2 pixels with the values 0, 1, 2…, of classes 0 and 1.
    private static LabelledImages bytes(int channels) {
        byte[] values = new byte[2 * channels * 4];
        for (int i = 0; i < values.length; i++) {
            values[i] = (byte) i;
        }
        return LabelledImages.of(Tensor.ofBytes(ElementType.UINT8, values, 2, channels, 2, 2), new long[] {0, 1});
    }

    private LabelledImages npz(Tensor images, Tensor labels) throws IOException {
        Path file = folder.resolve("x.npz");
        try (images;
                labels) {
            Npz.write(file, Map.of("images", images, "labels", labels));
        }
        return LabelledImages.open(file);
    }

    private static Tensor floats(float value) {
        return Tensor.ofFloats(new float[] {value}, 1, 1, 1);
    }

    private static Tensor labels(long... labels) {
        return Tensor.ofLongs(labels, labels.length);
    }

    private static int[] all(int count) {
        return IntStream.range(0, count).toArray();
    }

    private static void assertProblem(String type, ThrowingCallable call) {
        assertThatThrownBy(call)
                .isInstanceOfSatisfying(
                        ProblemException.class,
                        problem -> assertThat(problem.type()).isEqualTo(type));
    }
}
