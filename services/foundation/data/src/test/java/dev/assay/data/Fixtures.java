package dev.assay.data;

import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.zip.GZIPInputStream;

/// The shared fixtures: what the reference systems wrote.
public final class Fixtures {

    private Fixtures() {}

    /// A file of the fixtures; aborts the test loudly when they are not there.
    public static Path file(String name) {
        Path folder = Path.of(System.getProperty("assay.fixtures", "no folder given"));
        if (!Files.isDirectory(folder)) {
            System.out.println("GOLDENS ABSENT: " + folder.toAbsolutePath() + " (wanted " + name + ")");
        }
        assumeTrue(Files.isDirectory(folder), "GOLDENS ABSENT: " + folder);
        return folder.resolve(name);
    }

    /// Unpacks a `.beton.gz` of the loading fixtures.
    public static Path beton(String name, Path folder) throws IOException {
        Path target = folder.resolve(name + ".beton");
        try (InputStream in = new GZIPInputStream(Files.newInputStream(file("loading/" + name + ".beton.gz")))) {
            Files.copy(in, target);
        }
        return target;
    }
}
