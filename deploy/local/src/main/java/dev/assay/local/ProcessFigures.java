package dev.assay.local;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.OptionalLong;

/// What the operating system says about a process.
final class ProcessFigures {

    private ProcessFigures() {}

    /// Resident memory in bytes; empty when the process is gone or the machine has no /proc.
    static OptionalLong residentBytes(long pid) {
        try {
            return Files.readAllLines(Path.of("/proc", Long.toString(pid), "status")).stream()
                    .filter(line -> line.startsWith("VmRSS:"))
                    .mapToLong(line -> Long.parseLong(line.replaceAll("[^0-9]", "")) << 10)
                    .findFirst();
        } catch (IOException gone) {
            return OptionalLong.empty();
        }
    }

    /// Processor time used so far, of all threads; zero when it is not known.
    static Duration cpuTime(ProcessHandle process) {
        return process.info().totalCpuDuration().orElse(Duration.ZERO);
    }
}
