package dev.assay.cli;

import com.google.protobuf.Message;
import dev.assay.cli.InterruptNotice.Choice;
import dev.assay.cli.flags.Flag;
import dev.assay.cli.flags.FlagValues;
import dev.assay.cli.flags.Flags;
import dev.assay.cli.mesh.Answers;
import dev.assay.cli.mesh.Gateway;
import dev.assay.cli.mesh.JobTerms;
import dev.assay.cli.mesh.Upload;
import dev.assay.cli.progress.Moment;
import dev.assay.cli.progress.ProgressView;
import dev.assay.cli.render.ResultText;
import dev.assay.computation.ProblemException;
import dev.assay.contract.JobId;
import dev.assay.contract.Json;
import dev.assay.contract.Operation;
import dev.assay.job.v1.Job;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.ParseResult;

/// An operation of the mesh as a verb: flags from the contract, job submitted and followed, result printed. There
/// is no
/// verb per operation; this is the only one.
final class OperationVerb implements Verb {

    private static final String SPEC = "--spec";
    private static final String DETACH = "--detach";
    private static final String KEY = "--idempotency-key";
    private static final String PRIORITY = "--priority";
    private static final String CALLBACK = "--callback";
    private static final String CANCEL = "--cancel-on-interrupt";

    private final Operation operation;
    private final List<Flag> flags;

    private OperationVerb(Operation operation) {
        this.operation = operation;
        this.flags = Flags.of(operation.request());
    }

    static CommandSpec command(Operation operation, HelpTexts texts) {
        OperationVerb verb = new OperationVerb(operation);
        CommandSpec spec = Commands.of(texts.of(operation), verb);
        spec.usageMessage().abbreviateSynopsis(true);
        verb.flags.forEach(flag -> spec.addOption(option(flag, texts)));
        spec.addOption(Commands.option(
                SPEC, "<file|->", "The request as JSON, from a file or from standard input; flags change it."));
        spec.addOption(Commands.flag(Commands.JSON, "Print the result as JSON, and nothing else."));
        spec.addOption(Commands.option(Commands.OUT, "<folder>", "Download the job's files into this folder."));
        spec.addOption(Commands.flag(DETACH, "Do not wait: print the job's id."));
        spec.addOption(Commands.flag(CANCEL, "Ctrl-C cancels the job. Otherwise it goes on without you."));
        spec.addOption(Commands.option(KEY, "<text>", "The same key again gives the same job."));
        spec.addOption(Commands.option(
                PRIORITY,
                "<interactive|batch>",
                "Batch jobs run when no interactive job waits. Default: interactive."));
        spec.addOption(
                Commands.option(CALLBACK, "<url>", "An address that is told of the job's end (docs/callbacks.md)."));
        return spec;
    }

    /// The flag of a contract's field.
    static OptionSpec option(Flag flag, HelpTexts texts) {
        OptionSpec.Builder option = OptionSpec.builder(flag.name())
                .paramLabel(flag.placeholder())
                .description(Commands.escaped(texts.of(flag).toArray(String[]::new)));
        if (flag.isSwitch()) {
            return option.arity("0..1").fallbackValue("true").type(String.class).build();
        }
        return flag.isRepeated()
                ? option.arity("1")
                        .type(List.class)
                        .auxiliaryTypes(String.class)
                        .build()
                : option.arity("1").type(String.class).build();
    }

    /// What was given for each of the flags, in the order of the contract.
    static Map<Flag, List<String>> given(List<Flag> flags, ParseResult arguments) {
        return flags.stream()
                .filter(flag -> arguments.hasMatchedOption(flag.name()))
                .collect(Collectors.toMap(
                        flag -> flag,
                        flag -> arguments.matchedOption(flag.name()).stringValues(),
                        (first, second) -> first,
                        LinkedHashMap::new));
    }

    @Override
    public int run(ParseResult arguments, Session session) {
        Message.Builder request = operation.newRequest();
        Commands.text(arguments, SPEC).ifPresent(source -> Json.parse(read(source, session), request));
        FlagValues.apply(given(flags, arguments), request);
        Gateway gateway = session.gateway();
        try (ProgressView progress = session.console().progress()) {
            Upload upload = new Upload(
                    gateway,
                    (phase, done, total) -> progress.show(Moment.ofBytes(operation.toString(), phase, done, total)));
            Message ready = new LocalReferences(upload, progress).uploaded(request.build());
            JobRun run = new JobRun(gateway, progress);
            String id = run.submit(operation, ready, terms(arguments));
            if (Commands.isGiven(arguments, DETACH)) {
                session.console().print(id);
                return ExitCode.OK;
            }
            progress.note("job " + id);
            Choice choice = Commands.isGiven(arguments, CANCEL) ? Choice.CANCEL : Choice.LEAVE;
            Job job;
            try (InterruptNotice notice = InterruptNotice.of(id, choice, gateway, progress)) {
                job = run.follow(id);
            }
            progress.close();
            deliver(job, operation, arguments, session, progress);
            return ExitCode.OK;
        }
    }

    private static JobTerms terms(ParseResult arguments) {
        return new JobTerms(
                Commands.text(arguments, KEY).orElseGet(JobId::next),
                Commands.text(arguments, PRIORITY),
                Commands.text(arguments, CALLBACK));
    }

    /// Downloads what is asked for, then prints the result. What a failed job leaves is downloaded too.
    static void deliver(Job job, Operation operation, ParseResult arguments, Session session, ProgressView progress) {
        Gateway gateway = session.gateway();
        Commands.text(arguments, Commands.OUT)
                .ifPresent(folder -> Downloads.all(gateway, job, Path.of(folder), progress));
        JobRun.requireSucceeded(job);
        printResult(job.getId(), operation, arguments, session);
    }

    static void printResult(String id, Operation operation, ParseResult arguments, Session session) {
        String json = session.gateway().result(id);
        session.console()
                .print(
                        Commands.isGiven(arguments, Commands.JSON)
                                ? List.of(json.strip())
                                : ResultText.lines(Answers.read(json, operation.newResult())
                                        .build()));
    }

    private static String read(String source, Session session) {
        try {
            return source.equals("-")
                    ? new String(session.console().in().readAllBytes(), StandardCharsets.UTF_8)
                    : Files.readString(Path.of(source));
        } catch (IOException unreadable) {
            throw new ProblemException(
                    "unreadable-file",
                    SPEC,
                    "'" + source + "' cannot be read: " + unreadable.getMessage(),
                    "give a JSON file in UTF-8, or - for standard input",
                    unreadable);
        }
    }
}
