package dev.assay.local;

import dev.assay.computation.ProblemException;
import java.io.IOException;
import java.io.Reader;
import java.io.Writer;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.Properties;
import java.util.stream.Stream;

/// What the supervisor writes down for `status`, `down` and the command line: who it is and how its services
/// are. Kept as one properties file that is replaced at once, so that a reader never sees half of it.
record MeshState(ProcessIdentity supervisor, List<ServiceStatus> services) {

    MeshState {
        services = List.copyOf(services);
    }

    /// Every process of this mesh that still runs, the supervisor first.
    List<ProcessHandle> running() {
        return Stream.concat(
                        supervisor.find().stream(),
                        services.stream()
                                .flatMap(service -> service.process().stream())
                                .flatMap(process -> process.find().stream()))
                .toList();
    }

    void write(Path file) throws IOException {
        var properties = new Properties();
        put(properties, "supervisor", supervisor);
        properties.setProperty(
                "services",
                String.join(",", services.stream().map(ServiceStatus::name).toList()));
        for (ServiceStatus service : services) {
            String name = service.name();
            properties.setProperty(name + ".protocol", service.protocol().name());
            properties.setProperty(name + ".port", Integer.toString(service.port()));
            properties.setProperty(name + ".state", service.state().name());
            properties.setProperty(name + ".since", service.since().toString());
            properties.setProperty(name + ".restarts", Integer.toString(service.restarts()));
            properties.setProperty(name + ".detail", service.detail());
            service.process().ifPresent(process -> put(properties, name, process));
        }
        Path written = file.resolveSibling(file.getFileName() + ".new");
        try (Writer writer = Files.newBufferedWriter(written)) {
            properties.store(writer, "Written by the supervisor; read by ./assay status and ./assay down");
        }
        Files.move(written, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
    }

    /// Empty when no mesh was started in this folder, or it was stopped in order.
    ///
    /// @throws ProblemException `mesh-state` when the file is damaged
    static Optional<MeshState> read(Path file) {
        var properties = new Properties();
        try (Reader reader = Files.newBufferedReader(file)) {
            properties.load(reader);
        } catch (NoSuchFileException notUp) {
            return Optional.empty();
        } catch (IOException | IllegalArgumentException failure) {
            throw damaged(file, failure);
        }
        try {
            List<ServiceStatus> services = Stream.of(
                            properties.getProperty("services", "").split(","))
                    .filter(name -> !name.isEmpty())
                    .map(name -> service(properties, name))
                    .toList();
            return Optional.of(new MeshState(identity(properties, "supervisor").orElseThrow(), services));
        } catch (RuntimeException failure) {
            throw damaged(file, failure);
        }
    }

    private static ServiceStatus service(Properties properties, String name) {
        return new ServiceStatus(
                name,
                Protocol.valueOf(properties.getProperty(name + ".protocol")),
                Integer.parseInt(properties.getProperty(name + ".port")),
                ServiceState.valueOf(properties.getProperty(name + ".state")),
                identity(properties, name),
                Instant.parse(properties.getProperty(name + ".since")),
                Integer.parseInt(properties.getProperty(name + ".restarts")),
                properties.getProperty(name + ".detail"));
    }

    private static void put(Properties properties, String name, ProcessIdentity process) {
        properties.setProperty(name + ".pid", Long.toString(process.pid()));
        properties.setProperty(name + ".started", process.started().toString());
    }

    private static Optional<ProcessIdentity> identity(Properties properties, String name) {
        return Optional.ofNullable(properties.getProperty(name + ".pid"))
                .map(pid -> new ProcessIdentity(
                        Long.parseLong(pid), Instant.parse(properties.getProperty(name + ".started"))));
    }

    private static ProblemException damaged(Path file, Exception failure) {
        return new ProblemException(
                "mesh-state",
                file.toString(),
                "cannot be read: " + failure,
                "check with ps that no Assay process runs, then delete the file",
                failure);
    }
}
