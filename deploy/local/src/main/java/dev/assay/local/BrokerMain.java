package dev.assay.local;

import dev.assay.computation.ProblemException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Path;
import java.util.logging.LogManager;

/// The broker as a process of its own: `BrokerMain FOLDER PORT`. Ends in order on SIGTERM.
final class BrokerMain {

    private BrokerMain() {}

    public static void main(String[] arguments) throws IOException {
        try (InputStream settings = BrokerMain.class.getResourceAsStream("broker-logging.properties")) {
            LogManager.getLogManager().readConfiguration(settings);
        }
        try {
            EmbeddedBroker broker = EmbeddedBroker.start(Path.of(arguments[0]), Integer.parseInt(arguments[1]));
            Runtime.getRuntime().addShutdownHook(Thread.ofPlatform().unstarted(broker::close));
            System.out.println("broker ready at " + broker.bootstrapServers());
        } catch (ProblemException problem) {
            System.err.println("broker: " + problem.oneLine());
            if (problem.getCause() != null) {
                problem.getCause().printStackTrace();
            }
            System.exit(1);
        }
    }
}
