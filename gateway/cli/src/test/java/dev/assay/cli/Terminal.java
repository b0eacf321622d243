package dev.assay.cli;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.Map;

/// Runs command lines and keeps what they print.
final class Terminal {

    /// @param code the exit code
    record Outcome(int code, String out, String err) {}

    private final String gateway;
    private final Screen screen;

    private Terminal(String gateway, Screen screen) {
        this.gateway = gateway;
        this.screen = screen;
    }

    static Terminal at(RecordedGateway gateway) {
        return new Terminal(gateway.address(), Screen.NONE);
    }

    static Terminal at(String gateway) {
        return new Terminal(gateway, Screen.NONE);
    }

    Terminal withColumns(int columns) {
        return new Terminal(gateway, () -> java.util.OptionalInt.of(columns));
    }

    Outcome run(String... arguments) {
        return runReading("", arguments);
    }

    Outcome runReading(String input, String... arguments) {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        ByteArrayOutputStream err = new ByteArrayOutputStream();
        Console console = new Console(
                new ByteArrayInputStream(input.getBytes(StandardCharsets.UTF_8)),
                new PrintStream(out, true, StandardCharsets.UTF_8),
                new PrintStream(err, true, StandardCharsets.UTF_8),
                Map.of("ASSAY_GATEWAY", gateway),
                screen);
        int code = new AssayCommand(console).run(arguments);
        return new Outcome(code, out.toString(StandardCharsets.UTF_8), err.toString(StandardCharsets.UTF_8));
    }
}
