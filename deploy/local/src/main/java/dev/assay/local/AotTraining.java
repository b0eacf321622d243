package dev.assay.local;

import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/// Makes the ahead-of-time caches: starts each process once on free ports with fresh data, lets it become
/// ready, and ends it in order, at which each writes down what it had loaded and linked.
record AotTraining(Checkout checkout) {

    private static final String CLIENT_TRAINING = "dev.assay.cli.StartTraining";

    /// A process that ends writes its cache first, which takes many seconds when others do so too.
    private static final Supervision PATIENT = new Supervision(
            Supervision.STANDARD.restarts(), Supervision.STANDARD.startTimeout(), Duration.ofMinutes(5));

    int run() throws Exception {
        var aot = new AotCaches(checkout.aot(), AotCaches.Mode.TRAIN);
        Files.createDirectories(aot.folder());
        Path folder = Files.createTempDirectory("assay-aot");
        try {
            var home = new HomeFolder(folder);
            PortPlan ports = PortPlan.free();
            List<ServiceDefinition> services = new Services(checkout, home, ports, aot).definitions();
            boolean ready;
            try (Supervisor supervisor = Supervisor.start(home, services, PATIENT, _ -> {})) {
                Runtime.getRuntime().addShutdownHook(Thread.ofPlatform().unstarted(supervisor::close));
                ready = supervisor.awaitReady();
                if (ready) {
                    trainClient(aot, ports, folder);
                } else {
                    supervisor
                            .statuses()
                            .forEach(s -> System.err.println(s.name() + " " + s.state() + " " + s.detail()));
                }
            }
            aot.deleteUnfinished(services.stream().map(ServiceDefinition::name).toList());
            return ready ? 0 : 1;
        } finally {
            Folders.delete(folder);
        }
    }

    /// Some commands in one process load what every command of the command line needs.
    private void trainClient(AotCaches aot, PortPlan ports, Path folder) throws Exception {
        var flags = new ArrayList<>(Services.CLIENT_FLAGS);
        flags.addAll(aot.flags("cli", checkout.cliJar()));
        flags.addAll(List.of("-cp", checkout.cliJar().toString(), CLIENT_TRAINING, ports.gatewayUrl()));
        new ProcessBuilder(Checkout.java(flags))
                .redirectErrorStream(true)
                .redirectOutput(folder.resolve("cli.log").toFile())
                .start()
                .waitFor();
    }
}
