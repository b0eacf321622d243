package dev.assay.cli;

import static dev.assay.cli.Commands.JSON;
import static dev.assay.cli.Commands.flag;
import static dev.assay.cli.Commands.isGiven;
import static dev.assay.cli.Commands.parameter;

import dev.assay.artifact.v1.Artifact;
import dev.assay.cli.mesh.Upload;
import dev.assay.cli.progress.Moment;
import dev.assay.cli.progress.ProgressView;
import dev.assay.computation.ProblemException;
import dev.assay.contract.Json;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParseResult;

/// `assay artifacts …`: bytes in and out of the store.
final class ArtifactVerbs {

    private ArtifactVerbs() {}

    static CommandSpec command() {
        CommandSpec put = Commands.of("Upload a file or folder and print its name.", ArtifactVerbs::put);
        put.addPositional(parameter(0, "<file>", "A file, or a folder, which travels as a zip archive."));
        put.addOption(flag(JSON, "Print the artifact as JSON, and nothing else."));
        CommandSpec get = Commands.of("Download an artifact.", ArtifactVerbs::get);
        get.addPositional(parameter(0, "<digest>", "sha256: and 64 hex digits."));
        get.addPositional(parameter(1, "<file>", "Where to."));
        Map<String, CommandSpec> verbs = new LinkedHashMap<>();
        verbs.put("put", put);
        verbs.put("get", get);
        return Commands.group("Bytes in and out of the store.", verbs);
    }

    private static int put(ParseResult arguments, Session session) {
        Path path = Path.of(parameter(arguments, 0));
        if (!Files.exists(path)) {
            throw new ProblemException(
                    "missing-file", path.toString(), "there is no such file or folder", "check the path");
        }
        try (ProgressView progress = session.console().progress()) {
            Artifact artifact = new Upload(
                            session.gateway(),
                            (phase, done, total) -> progress.show(Moment.ofBytes("artifacts put", phase, done, total)))
                    .send(path);
            progress.close();
            session.console().print(isGiven(arguments, JSON) ? Json.print(artifact) : artifact.getDigest());
            return ExitCode.OK;
        }
    }

    private static int get(ParseResult arguments, Session session) {
        Path file = Path.of(parameter(arguments, 1));
        session.gateway().downloadArtifact(parameter(arguments, 0), file);
        session.console().print(file.toString());
        return ExitCode.OK;
    }
}
