package dev.assay.cli;

import dev.assay.cli.mesh.Gateway;
import dev.assay.cli.mesh.GatewayAddress;
import dev.assay.cli.mesh.GatewayKey;
import dev.assay.computation.CancelledException;
import dev.assay.computation.ProblemException;
import dev.assay.contract.NearestName;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import picocli.CommandLine;
import picocli.CommandLine.MissingParameterException;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.ParseResult;
import picocli.CommandLine.UnmatchedArgumentException;

/// Runs one command line: parses, does what it says, and tells every failure in one line.
public final class AssayCommand {

    private final Console console;

    public AssayCommand(Console console) {
        this.console = console;
    }

    /// @return the exit code, one of [ExitCode]
    public int run(String... arguments) {
        boolean verbose = List.of(arguments).contains(Commands.VERBOSE);
        try {
            return parsedAndRun(arguments);
        } catch (JobFailedException failed) {
            tell(failed.problem());
            return ExitCode.JOB_FAILED;
        } catch (ProblemException problem) {
            tell(problem);
            traceIf(verbose, problem);
            return ExitCode.NOT_ACCEPTED;
        } catch (CancelledException interrupted) {
            console.note(ProblemText.line(interrupted.getMessage()));
            return ExitCode.NOT_ACCEPTED;
        } catch (RuntimeException unforeseen) {
            console.note(ProblemText.line("something went wrong in the command line itself: " + unforeseen
                    + (verbose ? "" : " (add --verbose to see where)")));
            traceIf(verbose, unforeseen);
            return ExitCode.NOT_ACCEPTED;
        }
    }

    private int parsedAndRun(String... arguments) {
        CommandLine tree = CommandTree.build(HelpTexts.LEFT_OUT);
        ParseResult parsed;
        try {
            parsed = tree.parseArgs(arguments);
        } catch (ParameterException wrong) {
            throw problem(wrong);
        }
        List<String> path = new ArrayList<>();
        ParseResult chosen = parsed;
        while (chosen.hasSubcommand()) {
            chosen = chosen.subcommand();
            path.add(chosen.commandSpec().name());
        }
        if (chosen.isUsageHelpRequested()) {
            console.print(CommandTree.usage(path));
            return ExitCode.OK;
        }
        if (!(chosen.commandSpec().userObject() instanceof Verb verb)) {
            console.note(CommandTree.usage(path));
            return ExitCode.NOT_ACCEPTED;
        }
        Optional<String> gateway = Commands.text(chosen, Commands.GATEWAY);
        var address = GatewayAddress.find(gateway, console.environment());
        return verb.run(chosen, new Session(console, new Gateway(address, GatewayKey.find(console.environment()))));
    }

    /// Picocli's complaint, in one line that names the nearest right thing.
    private static ProblemException problem(ParameterException wrong) {
        CommandLine command = wrong.getCommandLine();
        String help = "./" + command.getCommandSpec().qualifiedName() + " --help";
        if (wrong instanceof UnmatchedArgumentException unmatched) {
            String name = unmatched.getUnmatched().getFirst();
            if (!name.startsWith("-") && !command.getSubcommands().isEmpty()) {
                return CommandTree.unknown(command, name);
            }
            return name.startsWith("-") ? unknownFlag(command, name) : surplus(command, name, help);
        }
        String cure = wrong instanceof MissingParameterException ? "see " + help : "correct it; see " + help;
        return new ProblemException("usage", "", wrong.getMessage(), cure, wrong);
    }

    private static ProblemException surplus(CommandLine command, String name, String help) {
        return new ProblemException(
                "usage",
                "",
                CommandTree.path(command) + " takes no value '" + name + "' here",
                "a flag's value follows its name; see " + help);
    }

    private static ProblemException unknownFlag(CommandLine command, String given) {
        String name = given.contains("=") ? given.substring(0, given.indexOf('=')) : given;
        List<String> known = command.getCommandSpec().options().stream()
                .flatMap(option -> Stream.of(option.names()))
                .filter(option -> option.startsWith("--"))
                .toList();
        return new ProblemException(
                "unknown-flag",
                "",
                CommandTree.path(command) + " has no flag " + name,
                NearestName.of(name, known)
                        .map(nearest -> "did you mean " + nearest + "?")
                        .orElse("its flags are " + String.join(", ", known)));
    }

    private void tell(ProblemException problem) {
        ProblemText.lines(problem).forEach(console::note);
    }

    private void traceIf(boolean verbose, Exception failure) {
        if (verbose) {
            failure.printStackTrace(console.err());
        }
    }
}
