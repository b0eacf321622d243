package dev.assay.drill;

import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;

/// One process of a mesh under test, which a drill may kill, freeze, stop and start again.
final class Member implements AutoCloseable {

    private static final Duration TIME_TO_STOP = Duration.ofSeconds(30);

    private final String name;
    private final List<String> command;
    private final Path log;
    private Process process;

    Member(String name, List<String> command, Path folder) {
        this.name = name;
        this.command = List.copyOf(command);
        this.log = folder.resolve(name + ".log");
    }

    String name() {
        return name;
    }

    long pid() {
        return process.pid();
    }

    synchronized boolean isAlive() {
        return process != null && process.isAlive();
    }

    synchronized void start() throws IOException {
        if (!isAlive()) {
            process = new ProcessBuilder(command)
                    .redirectErrorStream(true)
                    .redirectOutput(ProcessBuilder.Redirect.appendTo(log.toFile()))
                    .redirectInput(new File("/dev/null"))
                    .start();
        }
    }

    /// As a power cut would.
    synchronized void kill() throws InterruptedException {
        if (process != null) {
            process.destroyForcibly().waitFor();
        }
    }

    /// SIGTERM, as an orchestrator does it: with a bound on its patience.
    ///
    /// @return whether the process ended by itself in time
    synchronized boolean stop() throws InterruptedException {
        if (process == null) {
            return true;
        }
        process.destroy();
        boolean ended = process.waitFor(TIME_TO_STOP.toSeconds(), TimeUnit.SECONDS);
        kill();
        return ended;
    }

    void freeze() throws IOException, InterruptedException {
        signal("STOP");
    }

    void thaw() throws IOException, InterruptedException {
        signal("CONT");
    }

    /// Resident memory in MiB.
    long residentMib() throws IOException {
        String status = Files.readString(Path.of("/proc/" + pid() + "/status"));
        String kib = status.lines()
                .filter(line -> line.startsWith("VmRSS:"))
                .findFirst()
                .orElseThrow(() -> new IOException(name + " has no resident memory"))
                .replaceAll("\\D", "");
        return Long.parseLong(kib) >> 10;
    }

    @Override
    public void close() throws InterruptedException {
        kill();
    }

    private void signal(String signal) throws IOException, InterruptedException {
        if (isAlive()) {
            new ProcessBuilder("kill", "-" + signal, Long.toString(pid()))
                    .inheritIO()
                    .start()
                    .waitFor();
        }
    }
}
