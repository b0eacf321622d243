package dev.assay.cli;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import java.util.OptionalInt;
import java.util.concurrent.TimeUnit;

/// The terminal behind standard error, if it is one.
@FunctionalInterface
public interface Screen {

    /// Its width in columns at this moment; empty when standard error is no terminal, or one that cannot redraw a
    /// line.
    OptionalInt columns();

    Screen NONE = OptionalInt::empty;

    /// The terminal of this process. Java does not tell whether standard error alone is a terminal, so the shell is
    /// asked. Continuous integration and dumb terminals get plain lines.
    static Screen of(Map<String, String> environment) {
        boolean plain = environment.containsKey("CI") || "dumb".equals(environment.get("TERM"));
        return plain ? NONE : new ProcessScreen();
    }

    /// Asks again after a while, because windows are resized.
    final class ProcessScreen implements Screen {

        private static final Duration VALID = Duration.ofSeconds(2);
        private static final int USUAL_WIDTH = 80;
        private static final int NARROWEST = 20;

        private Instant asked = Instant.EPOCH;
        private OptionalInt known = OptionalInt.empty();

        @Override
        public synchronized OptionalInt columns() {
            if (Duration.between(asked, Instant.now()).compareTo(VALID) > 0) {
                asked = Instant.now();
                known = ask();
            }
            return known;
        }

        private static OptionalInt ask() {
            try {
                Process shell = new ProcessBuilder("sh", "-c", "test -t 2 && echo terminal && stty size <&2")
                        .redirectError(ProcessBuilder.Redirect.INHERIT)
                        .start();
                String said = new String(shell.getInputStream().readAllBytes(), StandardCharsets.US_ASCII);
                shell.waitFor(1, TimeUnit.SECONDS);
                return parse(said);
            } catch (IOException noShell) {
                return OptionalInt.empty();
            } catch (InterruptedException interrupted) {
                Thread.currentThread().interrupt();
                return OptionalInt.empty();
            }
        }

        /// `terminal`, then rows and columns if the terminal knows them.
        static OptionalInt parse(String said) {
            String[] words = said.strip().split("\\s+");
            if (!words[0].equals("terminal")) {
                return OptionalInt.empty();
            }
            boolean known = words.length == 3 && words[2].matches("[0-9]{1,5}");
            int columns = known ? Integer.parseInt(words[2]) : 0;
            return OptionalInt.of(columns < NARROWEST ? USUAL_WIDTH : columns);
        }
    }
}
