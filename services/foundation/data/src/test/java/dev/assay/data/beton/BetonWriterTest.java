package dev.assay.data.beton;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.assay.computation.ProblemException;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Random;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class BetonWriterTest {

    @TempDir
    Path folder;

    @Property(tries = 20)
    void whatIsWrittenIsReadBack(@ForAll long seed, @ForAll @IntRange(min = 1, max = 30) int count) throws IOException {
        Path file = Files.createTempFile("assay-round-trip", ".beton");
        try {
            Random random = new Random(seed);
            try (BetonWriter writer =
                    BetonWriter.create(file, Samples.FIELDS, count, BetonWriter.SMALLEST_PAGE_BYTES)) {
                for (int sample = 0; sample < count; sample++) {
                    writer.append(Samples.random(random));
                }
                writer.finish();
            }
            Random again = new Random(seed);
            try (BetonReader reader = BetonReader.open(file)) {
                assertThat(reader.fields()).isEqualTo(Samples.FIELDS);
                assertThat(reader.count()).isEqualTo(count);
                for (int sample = 0; sample < count; sample++) {
                    List<BetonValue> expected = Samples.random(again);
                    for (int field = 0; field < expected.size(); field++) {
                        assertSame(reader.value(field, sample), expected.get(field));
                    }
                }
            }
        } finally {
            Files.delete(file);
        }
    }

    @Test
    void aWriterThatIsClosedTooEarlyLeavesNothingBehind() throws IOException {
        Path file = folder.resolve("x.beton");
        try (BetonWriter writer = BetonWriter.create(file, Samples.FIELDS, 2)) {
            writer.append(Samples.random(new Random(1)));
            assertThatThrownBy(writer::finish)
                    .isInstanceOf(IllegalStateException.class)
                    .hasMessageContaining("1 of 2");
        }
        assertThat(folder).isEmptyDirectory();
    }

    @Test
    void aSampleThatFitsNoPageIsRefusedAtOnce() throws IOException {
        List<BetonField> fields = List.of(new BetonField.BytesField("a"), new BetonField.BytesField("b"));
        try (BetonWriter writer =
                BetonWriter.create(folder.resolve("x.beton"), fields, 1, BetonWriter.SMALLEST_PAGE_BYTES)) {
            BetonValue half = new BetonValue.Bytes(MemorySegment.ofArray(new byte[1_100_000]));
            assertThatThrownBy(() -> writer.append(List.of(half, half)))
                    .isInstanceOfSatisfying(
                            ProblemException.class,
                            problem -> assertThat(problem.type()).isEqualTo("sample-too-large"));
        }
    }

    @Test
    void fieldsThatCannotBeAreRefused() {
        assertThatThrownBy(() -> new BetonField.IntField("a_name_that_is_too_long"))
                .isInstanceOf(ProblemException.class);
        assertThatThrownBy(() -> new BetonField.IntField("größe")).isInstanceOf(ProblemException.class);
        List<BetonField> twice = List.of(new BetonField.IntField("a"), new BetonField.FloatField("a"));
        assertThatThrownBy(() -> BetonWriter.create(folder.resolve("x.beton"), twice, 1))
                .isInstanceOf(ProblemException.class)
                .hasMessageContaining("'a'");
        assertThatThrownBy(() -> BetonWriter.create(folder.resolve("x.beton"), Samples.FIELDS, 0))
                .isInstanceOf(ProblemException.class);
        assertThatThrownBy(() -> BetonWriter.create(folder.resolve("x.beton"), Samples.FIELDS, 1, 1 << 20))
                .isInstanceOf(ProblemException.class);
        assertThat(folder).isEmptyDirectory();
    }

    @Test
    void aValueOfAnotherFieldIsRefused() throws IOException {
        List<BetonField> fields = List.of(new BetonField.IntField("label"));
        try (BetonWriter writer = BetonWriter.create(folder.resolve("x.beton"), fields, 1)) {
            assertThatThrownBy(() -> writer.append(List.of(new BetonValue.FloatValue(1))))
                    .isInstanceOf(IllegalArgumentException.class);
            assertThatThrownBy(() -> writer.append(List.of())).isInstanceOf(IllegalArgumentException.class);
        }
    }

    private static void assertSame(BetonValue found, BetonValue expected) {
        switch (expected) {
            case BetonValue.RawImage image -> {
                BetonValue.RawImage read = (BetonValue.RawImage) found;
                assertThat(read.width()).isEqualTo(image.width());
                assertThat(read.height()).isEqualTo(image.height());
                assertThat(read.pixels().mismatch(image.pixels())).isEqualTo(-1);
            }
            case BetonValue.Bytes(MemorySegment bytes) ->
                assertThat(((BetonValue.Bytes) found).bytes().mismatch(bytes)).isEqualTo(-1);
            case BetonValue.Array(MemorySegment bytes) ->
                assertThat(((BetonValue.Array) found).bytes().mismatch(bytes)).isEqualTo(-1);
            case BetonValue.Json(String text) ->
                assertThat(((BetonValue.Json) found).text())
                        .isEqualTo(text.replace("ä", "\\u00e4").replace("漢", "\\u6f22"));
            case BetonValue.IntValue _, BetonValue.FloatValue _ ->
                assertThat(found).isEqualTo(expected);
        }
    }
}
