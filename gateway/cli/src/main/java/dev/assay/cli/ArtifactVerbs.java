package dev.assay.cli;

import static dev.assay.cli.Commands.JSON;
import static dev.assay.cli.Commands.flag;
import static dev.assay.cli.Commands.isGiven;
import static dev.assay.cli.Commands.option;
import static dev.assay.cli.Commands.parameter;
import static dev.assay.cli.Commands.text;

import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import dev.assay.artifact.v1.Artifact;
import dev.assay.cli.mesh.Upload;
import dev.assay.cli.progress.Moment;
import dev.assay.cli.progress.ProgressView;
import dev.assay.computation.ProblemException;
import dev.assay.contract.Json;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParseResult;

/// `assay artifacts …`: bytes in and out of the store.
final class ArtifactVerbs {

    private static final String OLDER_THAN = "--older-than";
    private static final String DELETE = "--delete";

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
        verbs.put("collect", collect());
        return Commands.group("Bytes in and out of the store.", verbs);
    }

    private static CommandSpec collect() {
        CommandSpec collect =
                Commands.of("List artifacts that nothing names any more; remove them.", ArtifactVerbs::collect);
        collect.addOption(option(OLDER_THAN, "<time>", "Not used for so long: 7d (which is usual), 12h; at least 1h."));
        collect.addOption(flag(DELETE, "Remove them. Without this they are only listed."));
        collect.addOption(flag(JSON, "Print the gateway's answer as JSON, and nothing else."));
        return collect;
    }

    private static int collect(ParseResult arguments, Session session) {
        String age = text(arguments, OLDER_THAN).map(ArtifactVerbs::isoDuration).orElse("P7D");
        boolean deletes = isGiven(arguments, DELETE);
        String answer = session.gateway().collectArtifacts(age, deletes ? "false" : "true");
        if (isGiven(arguments, JSON)) {
            session.console().print(answer);
            return ExitCode.OK;
        }
        JsonObject told = JsonParser.parseString(answer).getAsJsonObject();
        told.getAsJsonArray("artifacts")
                .forEach(one -> session.console()
                        .print(one.getAsJsonObject().get("digest").getAsString() + "  "
                                + one.getAsJsonObject().get("size").getAsLong() + " bytes, last used "
                                + one.getAsJsonObject().get("lastUsed").getAsString()));
        session.console()
                .print(told.get("unnamed").getAsInt() + " artifacts of "
                        + told.get("bytes").getAsLong() + " bytes "
                        + (deletes ? "were removed" : "are named by nothing; add " + DELETE + " to remove them"));
        String heldBackBy = told.get("heldBackBy").getAsString();
        if (!heldBackBy.isEmpty()) {
            session.console().note("younger ones stay while job " + heldBackBy + " is not over");
        }
        return ExitCode.OK;
    }

    /// `7d` as the gateway wants it, `P7D`.
    private static String isoDuration(String text) {
        if (text.matches("[0-9]{1,6}d")) {
            return "P" + text.toUpperCase(Locale.ROOT);
        }
        if (text.matches("[0-9]{1,6}[hm]")) {
            return "PT" + text.toUpperCase(Locale.ROOT);
        }
        throw new ProblemException("usage", OLDER_THAN, "'" + text + "' is no time", "write days as 7d, hours as 12h");
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
