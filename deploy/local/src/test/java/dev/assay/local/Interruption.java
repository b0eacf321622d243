package dev.assay.local;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;

/// Sends a process what Ctrl-C sends. Where this JVM was started with SIGINT ignored, as in the background of
/// a script, its children ignore it, too; they get SIGTERM instead, which takes the same way through the
/// program.
enum Interruption {
    INT(130),
    TERM(143);

    private final int exitCode;

    Interruption(int exitCode) {
        this.exitCode = exitCode;
    }

    static Interruption ofThisMachine() throws IOException {
        Path status = Path.of("/proc/self/status");
        boolean ignored = Files.exists(status)
                && Files.readAllLines(status).stream()
                        .filter(line -> line.startsWith("SigIgn:"))
                        .anyMatch(line ->
                                (Long.parseUnsignedLong(line.substring(7).strip(), 16) & 0b10) != 0);
        return ignored ? TERM : INT;
    }

    /// The code with which an interrupted process ends.
    int exitCode() {
        return exitCode;
    }

    /// @return the exit code of the process
    int send(Process process) throws IOException, InterruptedException {
        new ProcessBuilder("kill", "-" + name(), Long.toString(process.pid()))
                .start()
                .waitFor();
        if (!process.waitFor(60, TimeUnit.SECONDS)) {
            process.destroyForcibly();
            throw new AssertionError("the process did not end within 60 s after SIG" + name());
        }
        return process.exitValue();
    }
}
