package dev.assay.data.beton;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.assay.computation.ProblemException;
import dev.assay.data.Fixtures;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HexFormat;
import java.util.Random;
import java.util.stream.Stream;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.io.TempDir;

class DamagedBetonTest {

    @TestFactory
    Stream<DynamicTest> everyDamageIsAnsweredByAClearError(@TempDir Path folder) throws IOException {
        JsonNode cases = new ObjectMapper()
                .readTree(Fixtures.file("loading/damaged.json").toFile());
        for (String base : new String[] {"cifar_raw", "photo_smart", "mixed"}) {
            Fixtures.beton(base, folder);
        }
        return cases.valueStream()
                .map(damage -> DynamicTest.dynamicTest(damage.get("name").asText(), () -> {
                    Path file = folder.resolve("damaged.beton");
                    Files.copy(
                            folder.resolve(damage.get("base").asText() + ".beton"),
                            file,
                            java.nio.file.StandardCopyOption.REPLACE_EXISTING);
                    damage(file, damage);
                    assertThatThrownBy(() -> readAll(file)).isInstanceOfSatisfying(ProblemException.class, problem -> {
                        assertThat(problem.type())
                                .isIn("damaged-beton", "unsupported-field", "invalid-fields", "unsupported-image-mode");
                        assertThat(problem.oneLine()).contains("damaged.beton");
                    });
                }));
    }

    /// Whatever a few bytes of header, descriptors and metadata are changed to: a value or a problem, nothing
    /// else.
    @Property(tries = 200)
    void bytesChangedAnywhereGiveValuesOrAProblem(@ForAll long seed) throws IOException {
        Path folder = Files.createTempDirectory("assay-damage");
        try {
            Path file = folder.resolve("x.beton");
            Samples.write(file, 5);
            Random random = new Random(seed);
            try (RandomAccessFile damaged = new RandomAccessFile(file.toFile(), "rw")) {
                long interesting = 24 + 1041 * 6 + 5 * 80;
                for (int change = 0; change < 4; change++) {
                    long at = random.nextInt(10) == 0
                            ? damaged.length() - 1 - random.nextInt(500)
                            : random.nextInt((int) interesting);
                    damaged.seek(at);
                    damaged.write(random.nextBoolean() ? 255 : random.nextInt(256));
                }
            }
            try {
                readAll(file);
            } catch (ProblemException expected) {
                assertThat(expected.detail()).isNotBlank();
            }
        } finally {
            try (Stream<Path> files = Files.list(folder)) {
                for (Path file : files.toList()) {
                    Files.delete(file);
                }
            }
            Files.delete(folder);
        }
    }

    @Test
    void aFileThatIsSomethingElseIsRefused(@TempDir Path folder) throws IOException {
        Path file = Files.writeString(folder.resolve("x.beton"), "this is some other kind of file altogether");
        assertThatThrownBy(() -> BetonReader.open(file))
                .isInstanceOf(ProblemException.class)
                .hasMessageContaining("version");
    }

    private static void damage(Path file, JsonNode damage) throws IOException {
        try (RandomAccessFile damaged = new RandomAccessFile(file.toFile(), "rw")) {
            for (JsonNode patch : damage.get("patches")) {
                damaged.seek(patch.get("offset").asLong());
                damaged.write(HexFormat.of().parseHex(patch.get("hex").asText()));
            }
            if (!damage.get("truncate_to").isNull()) {
                damaged.setLength(damage.get("truncate_to").asLong());
            }
        }
    }

    private static void readAll(Path file) throws IOException {
        try (BetonReader reader = BetonReader.open(file)) {
            for (int sample = 0; sample < reader.count(); sample++) {
                for (int field = 0; field < reader.fields().size(); field++) {
                    reader.value(field, sample);
                }
            }
        }
    }
}
