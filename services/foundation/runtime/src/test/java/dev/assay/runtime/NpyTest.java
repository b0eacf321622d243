package dev.assay.runtime;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.assay.computation.ProblemException;
import dev.assay.onnx.ElementType;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Random;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/// The files under resources/numpy were written by numpy 2.4.6.
class NpyTest {

    @Property(tries = 100)
    void whatIsWrittenIsReadBack(@ForAll("types") ElementType type, @ForAll("shapes") long[] shape, @ForAll long seed)
            throws IOException {
        try (Tensor tensor = Tensor.allocate(type, shape)) {
            byte[] random = new byte[(int) tensor.byteSize()];
            new Random(seed).nextBytes(random);
            tensor.bytes().put(random);
            try (Tensor back = read(written(tensor))) {
                assertThat(back.type()).isEqualTo(type);
                assertThat(back.shape()).isEqualTo(shape);
                assertThat(back.memory().mismatch(tensor.memory())).isEqualTo(-1);
            }
        }
    }

    @Property(tries = 100)
    void aFileCutAnywhereIsRefused(@ForAll("shapes") long[] shape, @ForAll long seed) throws IOException {
        byte[] whole;
        try (Tensor tensor = Tensor.allocate(ElementType.INT32, shape)) {
            whole = written(tensor);
        }
        byte[] cut = java.util.Arrays.copyOf(whole, new Random(seed).nextInt(whole.length));
        assertThatThrownBy(() -> read(cut))
                .isInstanceOfSatisfying(
                        ProblemException.class,
                        problem -> assertThat(problem.type()).isEqualTo("damaged-npy"));
    }

    @ParameterizedTest
    @ValueSource(strings = {"float32_2x3", "int64_scalar", "bool_vector", "empty_0x4"})
    void whatNumpyWroteIsWrittenByteForByte(String name) throws IOException {
        byte[] golden = resource(name);
        try (Tensor tensor = read(golden)) {
            assertThat(written(tensor)).isEqualTo(golden);
        }
    }

    @Test
    void numpysValuesAreRead() throws IOException {
        try (Tensor tensor = read(resource("float32_2x3"))) {
            assertThat(tensor.shape()).containsExactly(2, 3);
            assertThat(tensor.toFloats()).containsExactly(0, 0.25f, 0.5f, 0.75f, 1, 1.25f);
        }
        try (Tensor scalar = read(resource("int64_scalar"))) {
            assertThat(scalar.shape()).isEmpty();
            assertThat(scalar.longAt(0)).isEqualTo(-7);
        }
        try (Tensor two = read(resource("version2"));
                Tensor three = read(resource("version3"))) {
            assertThat(two.doubles().get(1)).isEqualTo(2.5);
            assertThat(three.toBytes()).containsExactly(9);
        }
    }

    @Test
    void fortranOrderIsTurnedIntoCOrder() throws IOException {
        try (Tensor tensor = read(resource("fortran_3x2x2"))) {
            int[] values = new int[12];
            tensor.ints().get(values);
            assertThat(values).containsExactly(0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11);
        }
    }

    @Test
    void bigEndianIsTurnedIntoNativeOrder() throws IOException {
        try (Tensor tensor = read(resource("big_endian"))) {
            short[] values = new short[4];
            tensor.bytes().asShortBuffer().get(values);
            assertThat(values).containsExactly((short) 1, (short) -2, (short) 300, (short) -400);
        }
    }

    @ParameterizedTest
    @CsvSource({"text, <U2", "structured, structured"})
    void elementsThatAreNoNumbersAreRefused(String name, String found) {
        assertThatThrownBy(() -> read(resource(name)))
                .isInstanceOfSatisfying(
                        ProblemException.class,
                        problem -> assertThat(problem.type()).isEqualTo("unsupported-element-type"))
                .hasMessageContaining(found);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "{",
                "{}",
                "{'descr': '<f4', 'fortran_order': False, 'shape': (2,)",
                "{'descr': '<f4', 'fortran_order': Maybe, 'shape': (2,)}",
                "{'descr': '<f4', 'shape': (2,)}",
                "{'descr': '<f4', 'fortran_order': False, 'shape': (-2,)}",
                "{'descr': '<f4', 'fortran_order': False, 'shape': (99999999999999999999,)}",
                "{'descr': '<f4', 'fortran_order': False, 'shape': (4294967296, 4294967296, 4294967296)}",
                "{'descr': '<f4', 'fortran_order': False, 'shape': (1152921504606846976,)}",
                "{'descr': '<f4', 'fortran_order': False, 'shape': (3,)}",
                "{'descr': '<f4', 'fortran_order': False, 'shape': (1,)}",
                "{'descr': '<f4', 'fortran_order': False, 'shape': (2,), 'evil': 'x'}",
                "{'descr': '<f4', 'fortran_order': False, 'shape': (2,)} import os",
            })
    void hostileHeadersAreRefusedBeforeAllocation(String text) {
        assertThatThrownBy(() -> read(file(text, new byte[8])))
                .isInstanceOfSatisfying(
                        ProblemException.class,
                        problem -> assertThat(problem.type()).isIn("damaged-npy", "invalid-shape"));
    }

    @Test
    void aHandWrittenHeaderIsReadWhenItIsRight() throws IOException {
        String text = "{\"shape\": (1L, 2), \"fortran_order\": False, \"descr\": \"<f4\"}";
        try (Tensor tensor = read(file(text, new byte[8]))) {
            assertThat(tensor.shape()).containsExactly(1, 2);
        }
    }

    @Test
    void aFileIsWrittenWholeOrNotAtAll(@TempDir Path folder) throws IOException {
        Path file = folder.resolve("x.npy");
        try (Tensor tensor = Tensor.ofFloats(new float[] {1, 2}, 2)) {
            Npy.write(tensor, file);
            assertThat(Npy.readShape(file)).containsExactly(2);
        }
        assertThat(folder.toFile().list()).containsExactly("x.npy");
    }

    @Provide
    Arbitrary<ElementType> types() {
        return Arbitraries.of(
                ElementType.FLOAT16,
                ElementType.FLOAT,
                ElementType.DOUBLE,
                ElementType.INT8,
                ElementType.INT16,
                ElementType.INT32,
                ElementType.INT64,
                ElementType.UINT8,
                ElementType.UINT16,
                ElementType.UINT32,
                ElementType.UINT64,
                ElementType.BOOL);
    }

    @Provide
    Arbitrary<long[]> shapes() {
        return Arbitraries.longs()
                .between(0, 5)
                .array(long[].class)
                .ofMinSize(0)
                .ofMaxSize(4);
    }

    private static byte[] written(Tensor tensor) throws IOException {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        Npy.write(tensor, out);
        return out.toByteArray();
    }

    private static Tensor read(byte[] file) throws IOException {
        return Npy.read(new ByteArrayInputStream(file), file.length, "test.npy");
    }

    private static byte[] file(String header, byte[] elements) {
        byte[] text = header.getBytes(StandardCharsets.US_ASCII);
        byte[] file = new byte[10 + text.length + elements.length];
        System.arraycopy(new byte[] {(byte) 0x93, 'N', 'U', 'M', 'P', 'Y', 1, 0}, 0, file, 0, 8);
        file[8] = (byte) text.length;
        System.arraycopy(text, 0, file, 10, text.length);
        return file;
    }

    private static byte[] resource(String name) throws IOException {
        try (InputStream in = NpyTest.class.getResourceAsStream("/numpy/" + name + ".npy")) {
            return in.readAllBytes();
        }
    }
}
