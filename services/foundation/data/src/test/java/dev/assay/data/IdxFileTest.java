package dev.assay.data;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.assay.computation.ProblemException;
import dev.assay.runtime.Tensor;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.zip.GZIPOutputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class IdxFileTest {

    private static final byte[] TWO_IMAGES = idx(0x08, new int[] {2, 1, 2}, new byte[] {0, 51, 102, (byte) 255});

    @TempDir
    Path folder;

    @Test
    void imagesAndLabelsBecomeADataSetPackedOrNot() throws IOException {
        Path images = Files.write(folder.resolve("images-idx3-ubyte.gz"), gzip(TWO_IMAGES));
        Path labels = Files.write(folder.resolve("labels-idx1-ubyte"), idx(0x08, new int[] {2}, new byte[] {7, 3}));
        try (LabelledImages data = IdxFile.labelledImages(images, labels, PixelScale.natural());
                Tensor pixels = data.images(new int[] {0, 1})) {
            assertThat(data.imageShape()).isEqualTo(new ImageShape(1, 1, 2));
            assertThat(data.labels()).containsExactly(7, 3);
            assertThat(pixels.toFloats()).containsExactly(0, 0.2f, 0.4f, 1);
        }
    }

    @Test
    void bigEndianElementsBecomeNative() throws IOException {
        byte[] elements = ByteBuffer.allocate(8).putInt(-2).putInt(70_000).array();
        try (Tensor tensor = IdxFile.read(Files.write(folder.resolve("x"), idx(0x0C, new int[] {2}, elements)))) {
            assertThat(tensor.ints().get(0)).isEqualTo(-2);
            assertThat(tensor.ints().get(1)).isEqualTo(70_000);
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 1, 3, 4, 9, 15, 16, 19})
    void aFileCutShortIsRefused(int length) throws IOException {
        assertDamaged(Arrays.copyOf(TWO_IMAGES, length));
        if (length > 0) {
            assertDamaged(gzip(Arrays.copyOf(TWO_IMAGES, length)));
            assertDamaged(Arrays.copyOf(gzip(TWO_IMAGES), length));
        }
    }

    @Test
    void sizesThatTheFileCannotHoldAreRefusedBeforeAllocation() throws IOException {
        assertDamaged(idx(0x08, new int[] {-1, -1, -1}, new byte[4]));
        assertDamaged(idx(0x08, new int[] {2_000_000_000}, new byte[4]));
        assertDamaged(gzip(idx(0x08, new int[] {2_000_000_000}, new byte[4])));
        assertDamaged(idx(0x08, new int[] {3}, new byte[4]));
        assertDamaged(idx(0x0A, new int[] {4}, new byte[4]));
        assertDamaged("not an idx file".getBytes());
    }

    private void assertDamaged(byte[] bytes) throws IOException {
        Path file = Files.write(folder.resolve("damaged"), bytes);
        assertThatThrownBy(() -> IdxFile.read(file))
                .isInstanceOfSatisfying(
                        ProblemException.class,
                        problem -> assertThat(problem.type()).isEqualTo("damaged-idx"));
    }

    private static byte[] idx(int type, int[] shape, byte[] elements) {
        ByteBuffer file = ByteBuffer.allocate(4 + 4 * shape.length + elements.length);
        file.put((byte) 0).put((byte) 0).put((byte) type).put((byte) shape.length);
        Arrays.stream(shape).forEach(file::putInt);
        return file.put(elements).array();
    }

    private static byte[] gzip(byte[] bytes) throws IOException {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        try (GZIPOutputStream packed = new GZIPOutputStream(out)) {
            packed.write(bytes);
        }
        return out.toByteArray();
    }
}
