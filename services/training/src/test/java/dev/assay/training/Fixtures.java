package dev.assay.training;

import static org.junit.jupiter.api.Assumptions.abort;

import java.nio.file.Files;
import java.nio.file.Path;

/// The shared fixtures beside the checkout.
final class Fixtures {

    private Fixtures() {}

    /// A file or folder of the fixtures. Says loudly when there are none, and aborts the test.
    static Path path(String name) {
        Path folder = Path.of(System.getProperty("assay.fixtures", "fixtures"));
        Path path = folder.resolve(name);
        if (!Files.exists(path)) {
            System.out.println("GOLDENS ABSENT: " + name + " is not in the fixtures folder; nothing was compared");
            abort("the fixtures are not on this machine");
        }
        return path;
    }
}
