package dev.assay.local;

import dev.assay.computation.ProblemException;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/// Starts a mesh of its own on free ports with fresh data, runs the main job on it through the command line,
/// and stops everything again, however it ends.
record DemoCommand(Checkout checkout, HomeFolder home, Options options) {

    /// Ctrl-C in a demo means now: nobody waits for the jobs that it interrupts.
    private static final Map<String, String> SETTINGS = Map.of("assay.worker.grace", "0s");

    int run() throws Exception {
        home.create();
        try (var lock = HomeLock.tryTake(home)
                .orElseThrow(() -> new ProblemException(
                        "already-running",
                        home.root().toString(),
                        "another ./assay demo is running",
                        "wait for it, or end it with Ctrl-C"))) {
            for (Path data : List.of(home.kafka(), home.artifacts(), home.logs())) {
                Folders.delete(data);
            }
            return runMesh();
        }
    }

    private int runMesh() throws Exception {
        var mode = options.has(Options.NO_AOT) ? AotCaches.Mode.OFF : AotCaches.Mode.USE;
        PortPlan ports = PortPlan.free();
        var aot = new AotCaches(checkout.aot(), mode);
        List<ServiceDefinition> services = new Services(checkout, home, ports, aot, SETTINGS).definitions();
        List<String> client = client(ports, aot);

        System.err.println("Starting a mesh for the demo (logs in " + home.logs() + ")");
        var progress = new MeshProgress(System.err);
        try (Supervisor supervisor = Supervisor.start(home, services, Supervision.STANDARD, progress)) {
            Runtime.getRuntime().addShutdownHook(Thread.ofPlatform().unstarted(supervisor::close));
            if (!supervisor.awaitReady()) {
                return failed(supervisor);
            }
            System.err.printf("The mesh is ready after %.1f s%n", progress.seconds(Instant.now()));
            return runClient(client);
        }
    }

    private static int runClient(List<String> command) throws Exception {
        Process client = new ProcessBuilder(command).inheritIO().start();
        Runtime.getRuntime().addShutdownHook(Thread.ofPlatform().unstarted(client::destroy));
        try {
            return client.waitFor();
        } finally {
            client.destroy();
            if (!client.waitFor(5, TimeUnit.SECONDS)) {
                client.destroyForcibly();
            }
        }
    }

    private int failed(Supervisor supervisor) throws Exception {
        for (ServiceStatus service : supervisor.statuses()) {
            if (service.state() == ServiceState.FAILED) {
                System.err.println("assay: " + service.name() + " " + service.detail());
                LogsCommand.tail(home.log(service.name()), 15).forEach(line -> System.err.println("  " + line));
            }
        }
        return 1;
    }

    /// The demo's flow lives in the command line, which talks to the mesh as any client would.
    private List<String> client(PortPlan ports, AotCaches aot) {
        var flags = new ArrayList<>(Services.CLIENT_FLAGS);
        flags.addAll(aot.flags("cli", checkout.cliJar()));
        flags.addAll(List.of("-jar", checkout.cliJar().toString(), "demo"));
        flags.addAll(List.of("--gateway", ports.gatewayUrl()));
        flags.addAll(List.of("--out", home.root().resolve("out").toString()));
        return Checkout.java(flags);
    }
}
