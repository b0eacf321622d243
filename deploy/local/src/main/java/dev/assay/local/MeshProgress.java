package dev.assay.local;

import java.io.PrintStream;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.Map;
import java.util.function.Consumer;

/// Prints a line whenever a service becomes ready or fails.
final class MeshProgress implements Consumer<ServiceStatus> {

    private final PrintStream out;
    private final Instant start = Instant.now();
    private final Map<String, ServiceState> printed = new HashMap<>();

    MeshProgress(PrintStream out) {
        this.out = out;
    }

    @Override
    public synchronized void accept(ServiceStatus service) {
        if (printed.put(service.name(), service.state()) == service.state()) {
            return;
        }
        switch (service.state()) {
            case READY ->
                out.printf(
                        "  %-9s ready on port %-5d after %.1f s%n",
                        service.name(), service.port(), seconds(service.since()));
            case RESTARTING, FAILED -> out.printf("  %-9s %s: %s%n", service.name(), service.state(), service.detail());
            case WAITING, STARTING, STOPPED -> {}
        }
    }

    double seconds(Instant end) {
        return Duration.between(start, end).toMillis() / 1000.0;
    }
}
