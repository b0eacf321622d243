package dev.assay.cli;

import dev.assay.cli.progress.ProgressBar;
import dev.assay.cli.progress.ProgressLines;
import dev.assay.cli.progress.ProgressView;
import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.InputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.Map;

/// Where the command line reads and writes.
///
/// @param in standard input, for `--spec -`
/// @param out standard output: results, and nothing else
/// @param err standard error: progress and problems
/// @param environment the process's variables
public record Console(
        InputStream in, PrintStream out, PrintStream err, Map<String, String> environment, Screen screen) {

    public Console {
        environment = Map.copyOf(environment);
    }

    /// Always UTF-8: JSON is, whatever the locale says.
    static Console ofThisProcess() {
        Map<String, String> environment = System.getenv();
        return new Console(
                System.in,
                new PrintStream(new FileOutputStream(FileDescriptor.out), false, StandardCharsets.UTF_8),
                new PrintStream(new FileOutputStream(FileDescriptor.err), true, StandardCharsets.UTF_8),
                environment,
                Screen.of(environment));
    }

    /// A bar that is redrawn on a terminal, plain lines elsewhere.
    ProgressView progress() {
        return screen.columns().isPresent()
                ? new ProgressBar(err, () -> screen.columns().orElse(80))
                : new ProgressLines(err);
    }

    void print(Iterable<String> lines) {
        lines.forEach(line -> out.print(line + "\n"));
        out.flush();
    }

    void print(String line) {
        out.print(line + "\n");
        out.flush();
    }

    /// A line about what happened, on standard error.
    void note(String line) {
        err.print(line + "\n");
        err.flush();
    }
}
