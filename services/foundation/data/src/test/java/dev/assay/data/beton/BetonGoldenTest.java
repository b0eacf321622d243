package dev.assay.data.beton;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.assay.data.Fixtures;
import dev.assay.runtime.Npy;
import dev.assay.runtime.Tensor;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// Against files that FFCV 1.0.1 wrote (fixtures/loading/README.md).
class BetonGoldenTest {

    @TempDir
    Path folder;

    @ParameterizedTest
    @ValueSource(strings = {"cifar_raw", "mixed", "page_spill", "empty_bytes", "scalars", "page8m", "image_only"})
    void whatFfcvWroteIsWrittenByteForByteFromItsContents(String name) throws Exception {
        Path rewritten = folder.resolve("rewritten.beton");
        try (BetonReader reader = BetonReader.open(Fixtures.beton(name, folder));
                BetonWriter writer =
                        BetonWriter.create(rewritten, reader.fields(), reader.count(), reader.pageBytes())) {
            for (int sample = 0; sample < reader.count(); sample++) {
                writer.append(values(reader, sample));
            }
            writer.finish();
        }
        assertThat(sha256(rewritten)).isEqualTo(expected(name).get("sha256").asText());
        assertThat(folder.toFile().list()).containsExactlyInAnyOrder(name + ".beton", "rewritten.beton");
    }

    @Test
    void rawImagesAndLabelsAreReadExactly() throws IOException {
        JsonNode expected = expected("cifar_raw");
        try (BetonReader reader = BetonReader.open(Fixtures.beton("cifar_raw", folder));
                Tensor images = Npy.read(Fixtures.file("loading/cifar_raw.images.npy"))) {
            assertThat(reader.count()).isEqualTo(64);
            for (int sample = 0; sample < 64; sample++) {
                MemorySegment pixels = reader.imageAt(0, sample).pixels();
                assertThat(pixels.mismatch(images.slice(sample, 1).memory())).isEqualTo(-1);
                assertThat(reader.intAt(1, sample))
                        .isEqualTo(expected.get("labels").get(sample).asLong());
            }
        }
    }

    @Test
    void everyTypeOfFieldIsReadExactly() throws Exception {
        try (BetonReader reader = BetonReader.open(Fixtures.beton("mixed", folder))) {
            JsonNode rows = expected("mixed").get("rows");
            assertThat(reader.count()).isEqualTo(rows.size());
            for (int sample = 0; sample < rows.size(); sample++) {
                JsonNode row = rows.get(sample);
                assertThat(Double.toString(((BetonValue.FloatValue) value(reader, "float", sample)).value()))
                        .isEqualTo(pythonFloat(row.get("float").asText()));
                assertThat(((BetonValue.IntValue) value(reader, "int", sample)).value())
                        .isEqualTo(Long.parseLong(row.get("int").asText()));
                assertThat(hex(((BetonValue.Bytes) value(reader, "bytes", sample)).bytes()))
                        .isEqualTo(row.get("bytes").asText());
                for (String array : List.of("array_f4", "array_be_i2", "array_bool", "tensor_i8", "tensor_f2")) {
                    assertThat(hex(((BetonValue.Array) value(reader, array, sample)).bytes()))
                            .isEqualTo(row.get(array).asText());
                }
                String json = ((BetonValue.Json) value(reader, "json", sample)).text();
                assertThat(new ObjectMapper().readTree(json)).isEqualTo(row.get("json"));
                var image = (BetonValue.RawImage) value(reader, "image", sample);
                assertThat(List.of(image.height(), image.width()))
                        .containsExactly(
                                row.get("image_shape").get(0).asInt(),
                                row.get("image_shape").get(1).asInt());
                assertThat(sha256(image.pixels()))
                        .isEqualTo(row.get("image_sha256").asText());
            }
        }
    }

    @Test
    void aFileOfTwoWriterProcessesIsReadInTheOrderOfItsSamples() throws IOException {
        try (BetonReader reader = BetonReader.open(Fixtures.beton("two_workers", folder))) {
            for (int sample = 0; sample < reader.count(); sample++) {
                assertThat(reader.intAt(0, sample)).isEqualTo(sample);
                MemorySegment bytes = ((BetonValue.Bytes) reader.value(1, sample)).bytes();
                assertThat(bytes.byteSize()).isEqualTo(300_000 + 1000 * (sample % 7));
                for (int k = 0; k < bytes.byteSize(); k += 997) {
                    assertThat(bytes.get(ValueLayout.JAVA_BYTE, k))
                            .isEqualTo((byte) (k * (2 * sample + 1) + 131 * sample));
                }
            }
        }
    }

    private static List<BetonValue> values(BetonReader reader, int sample) {
        List<BetonValue> values = new ArrayList<>();
        IntStream.range(0, reader.fields().size()).forEach(field -> values.add(reader.value(field, sample)));
        return values;
    }

    private static BetonValue value(BetonReader reader, String field, int sample) {
        return reader.value(reader.fieldIndex(field).orElseThrow(), sample);
    }

    private static String pythonFloat(String text) {
        return switch (text) {
            case "nan" -> "NaN";
            case "inf" -> "Infinity";
            case "-inf" -> "-Infinity";
            default -> Double.toString(Double.parseDouble(text));
        };
    }

    private static String hex(MemorySegment bytes) {
        return HexFormat.of().formatHex(bytes.toArray(ValueLayout.JAVA_BYTE));
    }

    private static String sha256(MemorySegment bytes) throws Exception {
        MessageDigest digest = MessageDigest.getInstance("SHA-256");
        digest.update(bytes.asByteBuffer());
        return HexFormat.of().formatHex(digest.digest());
    }

    private static String sha256(Path file) throws Exception {
        return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(Files.readAllBytes(file)));
    }

    private static JsonNode expected(String name) throws IOException {
        return new ObjectMapper()
                .readTree(Fixtures.file("loading/expected.json").toFile())
                .get(name);
    }
}
