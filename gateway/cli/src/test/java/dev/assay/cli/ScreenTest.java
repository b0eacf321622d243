package dev.assay.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.assay.cli.Screen.ProcessScreen;
import java.util.Map;
import java.util.OptionalInt;
import org.junit.jupiter.api.Test;

class ScreenTest {

    @Test
    void theWidthIsWhatTheTerminalSaysOrTheUsualOne() {
        assertThat(ProcessScreen.parse("terminal\n24 132\n")).isEqualTo(OptionalInt.of(132));
        assertThat(ProcessScreen.parse("terminal\n0 0\n")).isEqualTo(OptionalInt.of(80));
        assertThat(ProcessScreen.parse("terminal\n")).isEqualTo(OptionalInt.of(80));
        assertThat(ProcessScreen.parse("")).isEmpty();
    }

    @Test
    void continuousIntegrationAndDumbTerminalsGetPlainLines() {
        assertThat(Screen.of(Map.of("CI", "true")).columns()).isEmpty();
        assertThat(Screen.of(Map.of("TERM", "dumb")).columns()).isEmpty();
    }
}
