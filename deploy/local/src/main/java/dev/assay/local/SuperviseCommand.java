package dev.assay.local;

import java.time.LocalTime;
import java.time.temporal.ChronoUnit;
import java.util.concurrent.CountDownLatch;

/// The resident process behind `up`: keeps the mesh of one home folder running until SIGTERM. Its output is
/// `logs/supervisor.log`.
record SuperviseCommand(Checkout checkout, HomeFolder home, Options options) {

    /// Another supervisor holds the home folder.
    static final int ALREADY_UP = 3;

    int run() throws Exception {
        home.create();
        try (var lock = HomeLock.tryTake(home).orElse(null)) {
            if (lock == null) {
                return ALREADY_UP;
            }
            var mode = options.has(Options.NO_AOT) ? AotCaches.Mode.OFF : AotCaches.Mode.USE;
            PortPlan ports = options.ports();
            var services = new Services(checkout, home, ports, new AotCaches(checkout.aot(), mode));
            Supervisor supervisor =
                    Supervisor.start(home, services.definitions(), Supervision.STANDARD, SuperviseCommand::log);
            Runtime.getRuntime().addShutdownHook(Thread.ofPlatform().unstarted(supervisor::close));
            new CountDownLatch(1).await();
        }
        return 0;
    }

    private static void log(ServiceStatus service) {
        String pid = service.process().map(process -> " pid " + process.pid()).orElse("");
        String detail = service.detail().isEmpty() ? "" : ": " + service.detail();
        System.out.println(LocalTime.now().truncatedTo(ChronoUnit.MILLIS) + " " + service.name() + " " + service.state()
                + pid + detail);
    }
}
