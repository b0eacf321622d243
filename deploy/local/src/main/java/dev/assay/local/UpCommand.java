package dev.assay.local;

import dev.assay.computation.ProblemException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;

/// Starts the mesh in the background and waits until it is ready.
record UpCommand(Checkout checkout, HomeFolder home, Options options) {

    private static final long POLL_MILLIS = 50;

    int run() throws IOException, InterruptedException {
        home.create();
        Optional<MeshState> found = MeshState.read(home.state());
        if (found.isPresent() && found.get().supervisor().find().isPresent()) {
            System.out.println(
                    "The mesh is already up: " + gatewayUrl(found.get()) + " (./assay status, ./assay down)");
            return 0;
        }
        List<ProcessHandle> left = found.map(MeshState::running).orElse(List.of());
        if (!left.isEmpty()) {
            String pids = left.stream().map(p -> Long.toString(p.pid())).collect(Collectors.joining(", "));
            throw new ProblemException(
                    "orphans",
                    home.root().toString(),
                    "processes of a mesh whose supervisor died still run: " + pids,
                    "stop them with ./assay down");
        }
        PortPlan ports = options.ports();
        // Asked here as well as by the supervisor, so that the answer appears on this terminal.
        new Services(checkout, home, ports, new AotCaches(checkout.aot(), AotCaches.Mode.OFF))
                .definitions()
                .forEach(service -> Ports.requireFree(service.name(), service.port()));
        Files.deleteIfExists(home.state());
        return follow(startSupervisor(), ports);
    }

    private Process startSupervisor() throws IOException {
        var mode = options.has(Options.NO_AOT) ? AotCaches.Mode.OFF : AotCaches.Mode.USE;
        var flags = new ArrayList<>(Services.LOCAL_FLAGS);
        flags.addAll(new AotCaches(checkout.aot(), mode).flags("local", checkout.localJar()));
        flags.add("-Dassay.checkout=" + checkout.root());
        flags.addAll(List.of("-jar", checkout.localJar().toString(), "supervise"));
        options.portBase().ifPresent(base -> flags.addAll(List.of("--port-base", Integer.toString(base))));
        if (mode == AotCaches.Mode.OFF) {
            flags.add(Options.NO_AOT);
        }
        Path log = home.log("supervisor");
        var builder = new ProcessBuilder(OwnSession.command(Checkout.java(flags)))
                .directory(home.root().toFile())
                .redirectInput(Path.of("/dev/null").toFile())
                .redirectErrorStream(true)
                .redirectOutput(ProcessBuilder.Redirect.appendTo(log.toFile()));
        builder.environment().put("ASSAY_HOME", home.root().toString());
        return builder.start();
    }

    private int follow(Process supervisor, PortPlan ports) throws IOException, InterruptedException {
        System.out.println("Starting the mesh in " + home.root());
        var progress = new MeshProgress(System.out);
        while (true) {
            List<ServiceStatus> services =
                    MeshState.read(home.state()).map(MeshState::services).orElse(List.of());
            services.forEach(progress);
            if (!services.isEmpty() && services.stream().allMatch(s -> s.state() == ServiceState.READY)) {
                System.out.printf(
                        "The mesh is up after %.1f s: %s%n", progress.seconds(Instant.now()), ports.gatewayUrl());
                return 0;
            }
            Optional<ServiceStatus> failed = services.stream()
                    .filter(s -> s.state() == ServiceState.FAILED)
                    .findFirst();
            if (failed.isPresent()) {
                System.err.println("assay: " + failed.get().name() + " "
                        + failed.get().detail() + "; the rest is up: ./assay status, ./assay down");
                return 1;
            }
            if (!supervisor.isAlive()) {
                System.err.println("assay: the supervisor ended: see " + home.log("supervisor"));
                LogsCommand.tail(home.log("supervisor"), 10).forEach(line -> System.err.println("  " + line));
                return 1;
            }
            Thread.sleep(POLL_MILLIS);
        }
    }

    private static String gatewayUrl(MeshState state) {
        return state.services().stream()
                .filter(service -> service.name().equals("gateway"))
                .map(service -> "http://127.0.0.1:" + service.port())
                .findFirst()
                .orElse("without a gateway");
    }
}
