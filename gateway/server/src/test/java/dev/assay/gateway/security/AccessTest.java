package dev.assay.gateway.security;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.assay.gateway.security.SecuritySettings.Mode;
import io.quarkus.runtime.configuration.ConfigurationException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class AccessTest {

    private record Settings(
            Mode mode, Optional<Path> keysFile, boolean openMetrics, double requestsPerSecond, int burst)
            implements SecuritySettings {

        static Settings with(Optional<Path> keysFile) {
            return new Settings(Mode.AUTO, keysFile, false, 100, 200);
        }
    }

    @ParameterizedTest
    @CsvSource({
        "AUTO, 127.0.0.1, false",
        "AUTO, localhost, false",
        "AUTO, ::1, false",
        "AUTO, 0.0.0.0, true",
        "AUTO, ::, true",
        "AUTO, 192.0.2.7, true",
        "KEYS, 127.0.0.1, true",
        "NONE, 0.0.0.0, false"
    })
    void keysAreAskedForWhereverOthersCanReachTheGatewayUnlessSomebodySaysOtherwise(
            Mode mode, String host, boolean expected) {
        assertThat(Access.needsKeys(mode, host)).isEqualTo(expected);
    }

    @Test
    void withoutAFileOfKeysTheGatewayDoesNotStartAndSaysTheCure() {
        assertThatThrownBy(() -> Access.keys(Settings.with(Optional.empty()), "0.0.0.0"))
                .isInstanceOf(ConfigurationException.class)
                .hasMessageContainingAll("0.0.0.0", "./assay keys new", "assay.security.keys-file")
                .message()
                .doesNotContain("\n");
    }

    @Test
    void aFileWithoutKeysOrWithAnEntryThatIsNoneIsRefusedByItsLine(@TempDir Path folder) throws IOException {
        Path file = Files.writeString(folder.resolve("keys"), "# nothing\n");
        assertThatThrownBy(() -> Access.keys(Settings.with(Optional.of(file)), "0.0.0.0"))
                .isInstanceOf(ConfigurationException.class)
                .hasMessageContaining("there is no key in it");

        Files.writeString(file, "# one\nci read sha256:abc\n");
        assertThatThrownBy(() -> Access.keys(Settings.with(Optional.of(file)), "0.0.0.0"))
                .hasMessageContaining("line 2");

        String entry = "ci read sha256:" + "0".repeat(64);
        Files.writeString(file, entry + "\n" + entry);
        assertThatThrownBy(() -> Access.keys(Settings.with(Optional.of(file)), "0.0.0.0"))
                .hasMessageContaining("a second key is named ci");
    }
}
