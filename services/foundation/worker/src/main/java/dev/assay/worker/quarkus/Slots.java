package dev.assay.worker.quarkus;

import com.sun.management.OperatingSystemMXBean;
import dev.assay.worker.WorkQueue;
import io.quarkus.runtime.configuration.MemorySize;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.function.LongSupplier;

/// How many jobs a worker runs at the same time.
final class Slots {

    private static final String AUTO = "auto";
    private static final int MOST = 64;
    private static final List<String> ASK_DRIVER =
            List.of("nvidia-smi", "--query-gpu=memory.total", "--format=csv,noheader,nounits");

    private Slots() {}

    /// @throws IllegalArgumentException if the setting is neither a number nor `auto`, or the device cannot be asked
    static int of(WorkerSettings.Worker settings) {
        return of(
                settings.slots(),
                settings.slotMemory().asLongValue(),
                () -> settings.deviceMemory().map(MemorySize::asLongValue).orElseGet(() -> memory(settings)));
    }

    /// @param slots a number, or `auto`
    /// @param job what one job may need, in bytes
    /// @param device tells its memory in bytes
    static int of(String slots, long job, LongSupplier device) {
        if (slots.equals(AUTO)) {
            return fitting(device.getAsLong(), job);
        }
        try {
            return Integer.parseInt(slots);
        } catch (NumberFormatException malformed) {
            throw new IllegalArgumentException(
                    "assay.worker.slots is '" + slots + "': a number from 1 to " + MOST + ", or auto", malformed);
        }
    }

    private static int fitting(long device, long job) {
        return (int) Math.clamp(device / Math.max(1, job), 1, MOST);
    }

    private static long memory(WorkerSettings.Worker settings) {
        return settings.devices().contains(WorkQueue.CUDA) ? gpuMemory() : machineMemory();
    }

    /// Of the container if it has a limit.
    static long machineMemory() {
        return ((OperatingSystemMXBean) ManagementFactory.getOperatingSystemMXBean()).getTotalMemorySize();
    }

    /// Of the first GPU.
    private static long gpuMemory() {
        try {
            Process driver =
                    new ProcessBuilder(ASK_DRIVER).redirectErrorStream(true).start();
            String answer = new String(driver.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
            return Long.parseLong(answer.lines().findFirst().orElse("").strip()) << 20;
        } catch (IOException | NumberFormatException unknown) {
            throw new IllegalArgumentException(
                    "assay.worker.slots is auto and nvidia-smi does not tell the GPU's memory: set"
                            + " assay.worker.device-memory, or a number of slots",
                    unknown);
        }
    }
}
