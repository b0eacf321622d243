package dev.assay.local;

import java.time.Instant;
import java.util.Objects;
import java.util.Optional;

/// What the supervisor knows about one service.
///
/// @param process the running process, or the last one
/// @param since when the state was entered
/// @param restarts how often it was started again since the mesh came up
/// @param detail why it is in this state, or empty
record ServiceStatus(
        String name,
        Protocol protocol,
        int port,
        ServiceState state,
        Optional<ProcessIdentity> process,
        Instant since,
        int restarts,
        String detail) {

    ServiceStatus {
        Objects.requireNonNull(name, "name");
        Objects.requireNonNull(protocol, "protocol");
        Objects.requireNonNull(state, "state");
        Objects.requireNonNull(process, "process");
        Objects.requireNonNull(since, "since");
        Objects.requireNonNull(detail, "detail");
    }

    static ServiceStatus waiting(ServiceDefinition service) {
        return new ServiceStatus(
                service.name(),
                service.protocol(),
                service.port(),
                ServiceState.WAITING,
                Optional.empty(),
                Instant.now(),
                0,
                "");
    }

    ServiceStatus to(ServiceState next, String why) {
        return new ServiceStatus(name, protocol, port, next, process, Instant.now(), restarts, why);
    }

    ServiceStatus startedAs(ProcessIdentity started) {
        return new ServiceStatus(
                name, protocol, port, ServiceState.STARTING, Optional.of(started), Instant.now(), restarts, "");
    }

    ServiceStatus restarted() {
        return new ServiceStatus(name, protocol, port, state, process, since, restarts + 1, detail);
    }
}
