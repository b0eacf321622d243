package dev.assay.runtime;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.assay.computation.ProblemException;
import dev.assay.onnx.ElementType;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class NpzTest {

    @TempDir
    Path folder;

    @Test
    void anArchiveOfNumpysIsRead() throws IOException {
        Path file = folder.resolve("two.npz");
        try (InputStream in = NpzTest.class.getResourceAsStream("/numpy/two_arrays.npz")) {
            Files.copy(in, file);
        }
        try (Npz npz = Npz.open(file);
                Tensor images = npz.read("images");
                Tensor labels = npz.read("labels")) {
            assertThat(npz.names()).containsExactly("images", "labels");
            assertThat(images.shape()).containsExactly(2, 2, 2);
            assertThat(images.toBytes()).containsExactly(0, 1, 2, 3, 4, 5, 6, 7);
            assertThat(labels.toLongs()).containsExactly(4, 2);
        }
    }

    @Test
    void whatIsWrittenIsReadBackAndTheSameArraysGiveTheSameBytes() throws IOException {
        Path one = folder.resolve("one.npz");
        Path other = folder.resolve("other.npz");
        try (Tensor a = Tensor.ofFloats(new float[] {1, 2, 3}, 3);
                Tensor b = Tensor.ofLongs(new long[] {9}, 1)) {
            Map<String, Tensor> arrays = new LinkedHashMap<>();
            arrays.put("a", a);
            arrays.put("b", b);
            Npz.write(one, arrays);
            Npz.write(other, arrays);
        }
        assertThat(Files.mismatch(one, other)).isEqualTo(-1);
        try (Npz npz = Npz.open(one);
                Tensor a = npz.read("a")) {
            assertThat(npz.names()).containsExactly("a", "b");
            assertThat(a.toFloats()).containsExactly(1, 2, 3);
        }
    }

    @Test
    void aMissingArrayIsAnsweredWithTheNamesThatAreThere() throws IOException {
        try (Npz npz = Npz.open(archiveOfZeros(4))) {
            assertThatThrownBy(() -> npz.read("y"))
                    .isInstanceOfSatisfying(
                            ProblemException.class,
                            problem -> assertThat(problem.type()).isEqualTo("array-not-found"))
                    .hasMessageContaining("[x]");
        }
    }

    @Test
    void anArrayLargerThanTheBoundIsRefusedBeforeItIsUnpacked() throws IOException {
        try (Npz npz = Npz.open(archiveOfZeros(1_000_000), 100_000)) {
            assertThatThrownBy(() -> npz.read("x"))
                    .isInstanceOfSatisfying(
                            ProblemException.class,
                            problem -> assertThat(problem.type()).isEqualTo("array-too-large"));
        }
    }

    @Test
    void aSizeThatTheCompressedBytesCannotYieldIsRefused() throws IOException {
        Path file = archiveOfZeros(4);
        byte[] bytes = Files.readAllBytes(file);
        ByteBuffer buffer = ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN);
        int directory = buffer.getInt(bytes.length - 22 + 16);
        buffer.putInt(directory + 24, 2_000_000_000); // the uncompressed size in the central directory
        Files.write(file, bytes);
        try (Npz npz = Npz.open(file)) {
            assertThatThrownBy(() -> npz.read("x"))
                    .isInstanceOfSatisfying(
                            ProblemException.class,
                            problem -> assertThat(problem.type()).isEqualTo("damaged-npz"))
                    .hasMessageContaining("2000000000");
        }
    }

    @Test
    void aChangedByteIsNoticed() throws IOException {
        Path file = folder.resolve("stored.npz");
        try (ZipOutputStream zip = new ZipOutputStream(Files.newOutputStream(file));
                Tensor tensor = Tensor.allocate(ElementType.FLOAT, 1000)) {
            zip.setLevel(0);
            zip.putNextEntry(new ZipEntry("x.npy"));
            Npy.write(tensor, zip);
            zip.closeEntry();
        }
        byte[] bytes = Files.readAllBytes(file);
        bytes[2000] ^= 1;
        Files.write(file, bytes);
        try (Npz npz = Npz.open(file)) {
            assertThatThrownBy(() -> npz.read("x"))
                    .isInstanceOf(ProblemException.class)
                    .hasMessageContaining("checksum");
        }
    }

    @Test
    void aFileThatIsNoArchiveIsRefused() throws IOException {
        Path file = Files.writeString(folder.resolve("x.npz"), "not a zip");
        assertThatThrownBy(() -> Npz.open(file))
                .isInstanceOfSatisfying(
                        ProblemException.class,
                        problem -> assertThat(problem.type()).isEqualTo("damaged-npz"));
    }

    private Path archiveOfZeros(long elements) throws IOException {
        Path file = folder.resolve("zeros.npz");
        try (OutputStream out = Files.newOutputStream(file);
                ZipOutputStream zip = new ZipOutputStream(out);
                Tensor tensor = Tensor.allocate(ElementType.FLOAT, elements)) {
            zip.putNextEntry(new ZipEntry("x.npy"));
            Npy.write(tensor, zip);
            zip.closeEntry();
        }
        return file;
    }
}
