package dev.assay.cli;

import dev.assay.computation.ProblemException;
import dev.assay.contract.NearestName;
import dev.assay.contract.Operation;
import dev.assay.contract.Operations;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import picocli.AutoComplete;
import picocli.CommandLine;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.PositionalParamSpec;
import picocli.CommandLine.ParseResult;

/// Everything that can be asked for: one command per capability with its operations under it, then the verbs about
/// jobs, artifacts and names.
final class CommandTree {

    private static final int WIDTH = 100;

    private CommandTree() {}

    static CommandLine build(HelpTexts texts) {
        Map<String, CommandSpec> commands = new LinkedHashMap<>();
        for (String capability : Operations.capabilities()) {
            commands.put(capability, capability(capability, texts));
        }
        commands.put("jobs", JobVerbs.command());
        commands.put("top", TopVerb.command());
        commands.put("workers", WorkerVerbs.command());
        commands.put("artifacts", ArtifactVerbs.command());
        commands.put("models", RegistryVerbs.models(texts));
        commands.put("datasets", RegistryVerbs.dataSets(texts));
        commands.put("keys", KeyVerbs.command());
        commands.put("demo", DemoVerb.command());
        commands.put("version", Commands.of("Print the version.", CommandTree::version));
        commands.put("completion", Commands.of("Print the bash completion script.", CommandTree::completion));
        commands.put("help", helpCommand());
        CommandSpec root = Commands.group("Tells whether a machine-learning model can be trusted, and why.", commands);
        root.name("assay");
        root.usageMessage()
                .footer(
                        "",
                        "The mesh on this machine: ./assay up, down, status, logs.",
                        "Exit codes: 0 done, 1 the job failed or was cancelled, 2 refused or not reachable.");
        CommandLine line = new CommandLine(root);
        line.setInterpolateVariables(false);
        line.setUsageHelpWidth(WIDTH);
        line.setUsageHelpLongOptionsMaxWidth(32);
        return line;
    }

    private static CommandSpec capability(String capability, HelpTexts texts) {
        Map<String, CommandSpec> operations = new LinkedHashMap<>();
        for (Operation operation : Operations.of(capability)) {
            operations.put(operation.name(), OperationVerb.command(operation, texts));
        }
        return Commands.group("Operations: " + String.join(", ", operations.keySet()) + ".", operations);
    }

    private static int version(ParseResult arguments, Session session) {
        session.console().print(Version.text());
        return ExitCode.OK;
    }

    private static int completion(ParseResult arguments, Session session) {
        session.console().print(AutoComplete.bash("assay", build(HelpTexts.LEFT_OUT)));
        return ExitCode.OK;
    }

    private static CommandSpec helpCommand() {
        CommandSpec help = Commands.of("Show the help of a command.", CommandTree::help);
        help.addPositional(PositionalParamSpec.builder()
                .index("0..*")
                .arity("0..*")
                .type(List.class)
                .auxiliaryTypes(String.class)
                .paramLabel("<command>")
                .description("Such as attack evaluate.")
                .build());
        return help;
    }

    private static int help(ParseResult arguments, Session session) {
        List<String> path = new ArrayList<>();
        arguments.matchedPositionals().forEach(p -> path.addAll(p.stringValues()));
        session.console().print(usage(path));
        return ExitCode.OK;
    }

    /// The help of a command.
    ///
    /// @param names from the root down to it, such as `attack`, `evaluate`
    static String usage(List<String> names) {
        CommandLine command = build(HelpTexts.SHOWN);
        for (String name : names) {
            CommandLine next = command.getSubcommands().get(name);
            if (next == null) {
                throw unknown(command, name);
            }
            command = next;
        }
        return command.getUsageMessage().stripTrailing();
    }

    /// A command as it is typed after `assay`.
    static String path(CommandLine command) {
        String name = command.getCommandSpec().qualifiedName();
        return name.substring(Math.min(name.length(), "assay ".length()));
    }

    /// What to say about a name that is no command here.
    static ProblemException unknown(CommandLine command, String name) {
        List<String> known = List.copyOf(command.getSubcommands().keySet());
        boolean isRoot = command.getParent() == null;
        String found =
                isRoot ? "there is no command '" + name + "'" : path(command) + " has no operation '" + name + "'";
        return new ProblemException(
                "unknown-command",
                "",
                found,
                NearestName.of(name, known)
                        .map(nearest -> "did you mean " + nearest + "?")
                        .orElse("there are " + String.join(", ", known)));
    }
}
