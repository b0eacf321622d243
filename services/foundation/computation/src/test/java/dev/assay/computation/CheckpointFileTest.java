package dev.assay.computation;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class CheckpointFileTest {

    private static final CheckpointFile FORM = new CheckpointFile("sums 1", "data sha256:ab, seed 3");

    @TempDir
    Path folder;

    @Test
    void whatWasWrittenIsReadAgainAlsoOverAnOlderAndLongerOne() throws Exception {
        Path file = folder.resolve("checkpoint");
        Files.write(file, new byte[10_000]);

        FORM.write(file, out -> out.writeLong(42));

        assertThat(FORM.<Long>read(file, in -> in.readLong())).isEqualTo(42);
    }

    @Property(tries = 200)
    void aCheckpointThatIsCutOffOrHasAnotherByteIsRefused(
            @ForAll @IntRange(min = 0, max = 10_000) int where, @ForAll @IntRange(min = 1, max = 255) int difference)
            throws IOException {
        Path file = Files.createTempFile("checkpoint-", "");
        try {
            FORM.write(file, out -> out.writeUTF("a state of some length"));
            byte[] sound = Files.readAllBytes(file);
            int place = where % sound.length;

            Files.write(file, Arrays.copyOf(sound, place));
            assertThatThrownBy(() -> FORM.read(file, in -> in.readUTF())).isInstanceOf(UnfitCheckpointException.class);
            byte[] changed = sound.clone();
            changed[place] ^= (byte) difference;
            Files.write(file, changed);
            assertThatThrownBy(() -> FORM.read(file, in -> in.readUTF()))
                    .isInstanceOf(UnfitCheckpointException.class)
                    .hasMessageContaining("damaged");
        } finally {
            Files.delete(file);
        }
    }

    @Test
    void aCheckpointOfOtherWorkOrAnotherVersionIsRefusedWithTheReason() throws IOException {
        Path file = folder.resolve("checkpoint");
        FORM.write(file, out -> out.writeLong(42));

        assertThatThrownBy(() -> new CheckpointFile("sums 2", FORM.identity()).read(file, in -> in.readLong()))
                .isInstanceOf(UnfitCheckpointException.class)
                .hasMessageContaining("sums 2");
        assertThatThrownBy(() -> new CheckpointFile(FORM.kind(), "seed 4").read(file, in -> in.readLong()))
                .isInstanceOf(UnfitCheckpointException.class)
                .hasMessageContaining("other settings");
        assertThatThrownBy(() -> FORM.read(folder.resolve("none"), in -> in.readLong()))
                .isInstanceOf(UnfitCheckpointException.class);
    }

    @Test
    void aReaderThatWantsMoreThanThereIsIsRefused() throws IOException {
        Path file = folder.resolve("checkpoint");
        FORM.write(file, out -> out.writeInt(1));

        assertThatThrownBy(() -> FORM.read(file, in -> in.readNBytes(8).length + in.readLong()))
                .isInstanceOf(UnfitCheckpointException.class)
                .hasMessageContaining("EOF");
    }
}
