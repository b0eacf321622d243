package dev.assay.local;

import java.io.IOException;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;

/// Processor and memory use of each service, again every two seconds until Ctrl-C; once when the output is not
/// a terminal. The processor share is measured over the interval, 100 % being one core.
record UsageCommand(HomeFolder home) {

    private static final Duration INTERVAL = Duration.ofSeconds(2);
    private static final String CLEAR_SCREEN = "\u001b[H\u001b[2J";

    int run() throws IOException, InterruptedException {
        boolean terminal = System.console() != null && System.console().isTerminal();
        Map<Long, Duration> before = cpuTimes();
        if (before.isEmpty()) {
            System.out.println("No mesh is up in " + home.root() + " (./assay up)");
            return 1;
        }
        do {
            long start = System.nanoTime();
            Thread.sleep(INTERVAL);
            Map<Long, Duration> now = cpuTimes();
            System.out.print((terminal ? CLEAR_SCREEN : "") + table(before, now, System.nanoTime() - start));
            before = now;
        } while (terminal && !before.isEmpty());
        return 0;
    }

    private String table(Map<Long, Duration> before, Map<Long, Duration> now, long nanos) {
        var text = new StringBuilder("%-11s %-11s %8s %7s %9s%n".formatted("SERVICE", "STATE", "PID", "CPU", "MEMORY"));
        for (ServiceStatus service : services()) {
            Optional<ProcessHandle> process = service.process().flatMap(ProcessIdentity::find);
            if (process.isEmpty()) {
                text.append("%-11s %-11s%n".formatted(service.name(), service.state()));
                continue;
            }
            long pid = process.get().pid();
            Duration used = now.getOrDefault(pid, Duration.ZERO).minus(before.getOrDefault(pid, Duration.ZERO));
            OptionalLong resident = ProcessFigures.residentBytes(pid);
            text.append("%-11s %-11s %8d %5.0f %% %5d MiB%n"
                    .formatted(
                            service.name(),
                            service.state(),
                            pid,
                            100.0 * used.toNanos() / nanos,
                            resident.orElse(0) >> 20));
        }
        return text.toString();
    }

    private Map<Long, Duration> cpuTimes() {
        var times = new HashMap<Long, Duration>();
        services()
                .forEach(service -> service.process()
                        .flatMap(ProcessIdentity::find)
                        .ifPresent(process -> times.put(process.pid(), ProcessFigures.cpuTime(process))));
        return times;
    }

    private List<ServiceStatus> services() {
        return MeshState.read(home.state()).map(MeshState::services).orElse(List.of());
    }
}
