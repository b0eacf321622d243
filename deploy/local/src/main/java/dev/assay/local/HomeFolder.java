package dev.assay.local;

import dev.assay.computation.ProblemException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/// The folder of one local mesh: its data, logs and run-time state. `ASSAY_HOME`, or `.assay` in the checkout.
record HomeFolder(Path root) {

    HomeFolder {
        root = root.toAbsolutePath().normalize();
    }

    Path kafka() {
        return root.resolve("kafka");
    }

    Path redis() {
        return root.resolve("redis");
    }

    Path artifacts() {
        return root.resolve("artifacts");
    }

    Path logs() {
        return root.resolve("logs");
    }

    Path log(String service) {
        return logs().resolve(service + ".log");
    }

    Path run() {
        return root.resolve("run");
    }

    Path state() {
        return run().resolve("mesh.properties");
    }

    /// @throws ProblemException `home-folder` when the folders cannot be made
    void create() {
        try {
            for (Path folder : List.of(kafka(), redis(), artifacts(), logs(), run())) {
                Files.createDirectories(folder);
            }
        } catch (IOException failure) {
            throw new ProblemException(
                    "home-folder",
                    root.toString(),
                    "cannot be created: " + failure,
                    "set ASSAY_HOME to a folder that you may write",
                    failure);
        }
    }
}
