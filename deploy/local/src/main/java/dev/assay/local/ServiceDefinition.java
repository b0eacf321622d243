package dev.assay.local;

import java.util.List;
import java.util.Objects;
import java.util.Set;

/// One process of the mesh.
///
/// @param name short name, also of its log file
/// @param protocol how readiness is asked for
/// @param port the port on 127.0.0.1 that the process listens on
/// @param command program and arguments
/// @param needs names of the services that it talks to. It starts with them and itself waits until they answer; they
///     stop after it
record ServiceDefinition(String name, Protocol protocol, int port, List<String> command, Set<String> needs) {

    ServiceDefinition {
        Objects.requireNonNull(protocol, "protocol");
        command = List.copyOf(command);
        needs = Set.copyOf(needs);
        if (!name.matches("[a-z][a-z0-9-]*")) {
            throw new IllegalArgumentException("service name " + name + " is not a lower-case word");
        }
        if (port < 1 || port > 65_535) {
            throw new IllegalArgumentException(name + ": port " + port + " is outside 1..65535");
        }
        if (command.isEmpty()) {
            throw new IllegalArgumentException(name + ": no command");
        }
    }
}
