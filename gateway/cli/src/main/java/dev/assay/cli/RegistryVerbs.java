package dev.assay.cli;

import static dev.assay.cli.Commands.JSON;
import static dev.assay.cli.Commands.flag;
import static dev.assay.cli.Commands.isGiven;
import static dev.assay.cli.Commands.parameter;

import com.google.protobuf.Message;
import dev.assay.artifact.v1.DataSet;
import dev.assay.artifact.v1.DataSetRegistration;
import dev.assay.artifact.v1.Model;
import dev.assay.artifact.v1.ModelRegistration;
import dev.assay.cli.flags.Flag;
import dev.assay.cli.flags.FlagValues;
import dev.assay.cli.flags.Flags;
import dev.assay.cli.mesh.Gateway;
import dev.assay.cli.mesh.Pages;
import dev.assay.cli.mesh.Upload;
import dev.assay.cli.progress.Moment;
import dev.assay.cli.progress.ProgressView;
import dev.assay.cli.render.ResultText;
import dev.assay.cli.render.Table;
import dev.assay.contract.Json;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParseResult;

/// `assay models …` and `assay datasets …`: artifacts with a name. The flags of `put` come from the contract.
final class RegistryVerbs {

    private enum Kind {
        MODEL("models", "model", "An ONNX file, or the digest of one that is stored."),
        DATA_SET("datasets", "data set", "A .beton or .npz file, or the digest of one that is stored.");

        private final String plural;
        private final String noun;
        private final String file;

        Kind(String plural, String noun, String file) {
            this.plural = plural;
            this.noun = noun;
            this.file = file;
        }
    }

    private final Kind kind;
    private final List<Flag> flags;

    private RegistryVerbs(Kind kind) {
        this.kind = kind;
        this.flags = Flags.of(emptyRegistration().getDescriptorForType()).stream()
                .filter(flag -> !flag.field().getName().equals("artifact"))
                .toList();
    }

    static CommandSpec models(HelpTexts texts) {
        return new RegistryVerbs(Kind.MODEL).command(texts);
    }

    static CommandSpec dataSets(HelpTexts texts) {
        return new RegistryVerbs(Kind.DATA_SET).command(texts);
    }

    private CommandSpec command(HelpTexts texts) {
        CommandSpec put = Commands.of("Give a file a name; the same name again makes a new version.", this::put);
        put.addPositional(parameter(0, "<name>", "Lower-case letters, digits, dots, dashes and underscores."));
        put.addPositional(parameter(1, "<file>", kind.file));
        flags.forEach(flag -> put.addOption(OperationVerb.option(flag, texts)));
        put.addOption(flag(JSON, "Print JSON, and nothing else."));
        CommandSpec get = Commands.of("Show the card of a " + kind.noun + ".", this::get);
        get.addPositional(parameter(0, "<name>", "The registered name."));
        get.addOption(flag(JSON, "Print JSON, and nothing else."));
        CommandSpec list = Commands.of("List every " + kind.noun + ".", this::list);
        list.addOption(flag(JSON, "Print JSON, and nothing else."));
        Map<String, CommandSpec> verbs = new LinkedHashMap<>();
        verbs.put("put", put);
        verbs.put("get", get);
        verbs.put("list", list);
        return Commands.group("The registered " + kind.plural + ".", verbs);
    }

    private int put(ParseResult arguments, Session session) {
        Message.Builder registration = emptyRegistration();
        FlagValues.apply(OperationVerb.given(flags, arguments), registration);
        try (ProgressView progress = session.console().progress()) {
            Upload upload = new Upload(
                    session.gateway(),
                    (phase, done, total) -> progress.show(Moment.ofBytes(kind.plural + " put", phase, done, total)));
            String digest = new LocalReferences(upload, progress).digest(parameter(arguments, 1));
            registration.setField(registration.getDescriptorForType().findFieldByName("artifact"), digest);
            progress.close();
            show(register(session.gateway(), parameter(arguments, 0), registration.build()), arguments, session);
            return ExitCode.OK;
        }
    }

    private int get(ParseResult arguments, Session session) {
        String name = parameter(arguments, 0);
        Message card = switch (kind) {
            case MODEL -> session.gateway().model(name);
            case DATA_SET -> session.gateway().dataSet(name);
        };
        show(card, arguments, session);
        return ExitCode.OK;
    }

    private int list(ParseResult arguments, Session session) {
        String json = switch (kind) {
            case MODEL -> session.gateway().models();
            case DATA_SET -> session.gateway().dataSets();
        };
        if (isGiven(arguments, JSON)) {
            session.console().print(json.strip());
            return ExitCode.OK;
        }
        Stream<List<String>> rows = switch (kind) {
            case MODEL ->
                Pages.elements(json, kind.plural, Model::newBuilder).stream()
                        .map(m -> row(
                                m.getName(),
                                m.getVersion(),
                                m.getRegistration().getArtifact(),
                                m.getRegistration().getDescription()));
            case DATA_SET ->
                Pages.elements(json, kind.plural, DataSet::newBuilder).stream()
                        .map(d -> row(
                                d.getName(),
                                d.getVersion(),
                                d.getRegistration().getArtifact(),
                                d.getRegistration().getDescription()));
        };
        session.console()
                .print(new Table(List.of("name", "version", "artifact", "description"), rows.toList()).lines(""));
        return ExitCode.OK;
    }

    private static List<String> row(String name, int version, String artifact, String description) {
        return List.of(
                name,
                Integer.toUnsignedString(version),
                artifact,
                description.lines().findFirst().orElse(""));
    }

    private static void show(Message card, ParseResult arguments, Session session) {
        session.console().print(isGiven(arguments, JSON) ? List.of(Json.print(card)) : ResultText.lines(card));
    }

    private Message.Builder emptyRegistration() {
        return switch (kind) {
            case MODEL -> ModelRegistration.newBuilder();
            case DATA_SET -> DataSetRegistration.newBuilder();
        };
    }

    private Message register(Gateway gateway, String name, Message registration) {
        return switch (kind) {
            case MODEL -> gateway.register(name, (ModelRegistration) registration);
            case DATA_SET -> gateway.register(name, (DataSetRegistration) registration);
        };
    }
}
