package dev.assay.onnx;

import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;

/// The .onnx files of the shared fixtures.
final class FixtureModels {

    private FixtureModels() {}

    static List<Path> all() {
        Path folder = Path.of(System.getProperty("assay.fixtures", "absent"));
        if (!Files.isDirectory(folder)) {
            System.out.println("GOLDENS ABSENT: no fixtures at " + folder);
        }
        assumeTrue(Files.isDirectory(folder), "fixtures at " + folder);
        try (Stream<Path> files = Files.walk(folder)) {
            return files.filter(file -> file.toString().endsWith(".onnx"))
                    .sorted()
                    .toList();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
