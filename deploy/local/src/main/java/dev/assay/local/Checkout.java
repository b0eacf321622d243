package dev.assay.local;

import dev.assay.computation.ProblemException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;

/// The project's folder, where the build leaves what is to be run.
record Checkout(Path root) {

    Checkout {
        root = root.toAbsolutePath().normalize();
    }

    /// The folder that the launcher names, else the working directory.
    static Checkout current() {
        return new Checkout(Path.of(System.getProperty("assay.checkout", "")));
    }

    Path localJar() {
        return built("deploy/local/target/assay-local.jar");
    }

    Path gatewayJar() {
        return built("gateway/server/target/quarkus-app/quarkus-run.jar");
    }

    Path workerJar(String capability) {
        return built("services/" + capability + "/target/quarkus-app/quarkus-run.jar");
    }

    /// The command line, with its libraries beside it in `lib/`.
    Path cliJar() {
        return built("gateway/cli/target/assay-cli.jar");
    }

    Path aot() {
        return root.resolve(".assay").resolve("aot");
    }

    static List<String> java(List<String> flags) {
        Path java = Path.of(System.getProperty("java.home"), "bin", "java");
        return Stream.concat(Stream.of(java.toString()), flags.stream()).toList();
    }

    private Path built(String path) {
        Path file = root.resolve(path);
        if (!Files.isRegularFile(file)) {
            throw new ProblemException("not-built", path, "is missing", "run ./assay build");
        }
        return file;
    }
}
