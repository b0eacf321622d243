package dev.assay.cli;

import java.util.List;
import java.util.Map;
import java.util.Optional;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.Model.PositionalParamSpec;
import picocli.CommandLine.ParseResult;

/// The building blocks of the command tree, and what was given for them.
final class Commands {

    static final String JSON = "--json";
    static final String OUT = "--out";
    static final String GATEWAY = "--gateway";
    static final String VERBOSE = "--verbose";

    /// Where the flags that every command has stand in its help.
    private static final int LAST = 1000;

    private Commands() {}

    /// A command that runs a verb.
    static CommandSpec of(String description, Verb verb) {
        CommandSpec spec = CommandSpec.wrapWithoutInspection(verb);
        spec.usageMessage().description(escaped(description));
        spec.addOption(
                option(GATEWAY, "<url>", "Address of the gateway. Default: the running local mesh, else port 7700.")
                        .toBuilder()
                        .order(LAST)
                        .build());
        spec.addOption(flag(VERBOSE, "Tell more when something goes wrong.").toBuilder()
                .order(LAST)
                .build());
        spec.addOption(help());
        spec.usageMessage().sortOptions(false);
        return spec;
    }

    /// A command that only has others under it.
    static CommandSpec group(String description, Map<String, CommandSpec> commands) {
        CommandSpec spec = CommandSpec.create();
        spec.usageMessage().description(escaped(description)).synopsisSubcommandLabel("COMMAND");
        spec.addOption(help());
        commands.forEach(spec::addSubcommand);
        return spec;
    }

    private static OptionSpec help() {
        return OptionSpec.builder("-h", "--help")
                .usageHelp(true)
                .description("Show this help.")
                .order(LAST)
                .build();
    }

    /// A switch that is there or not.
    static OptionSpec flag(String name, String description) {
        return OptionSpec.builder(name)
                .type(boolean.class)
                .arity("0")
                .description(escaped(description))
                .build();
    }

    /// A flag with one text as its value.
    static OptionSpec option(String name, String placeholder, String description) {
        return OptionSpec.builder(name)
                .type(String.class)
                .arity("1")
                .paramLabel(placeholder)
                .description(escaped(description))
                .build();
    }

    /// A value without a flag's name, which must be given.
    static PositionalParamSpec parameter(int index, String placeholder, String description) {
        return PositionalParamSpec.builder()
                .index(Integer.toString(index))
                .arity("1")
                .required(true)
                .type(String.class)
                .paramLabel(placeholder)
                .description(escaped(description))
                .build();
    }

    static Optional<String> text(ParseResult arguments, String option) {
        return arguments.hasMatchedOption(option)
                ? Optional.of(arguments.matchedOption(option).getValue())
                : Optional.empty();
    }

    static boolean isGiven(ParseResult arguments, String flag) {
        return arguments.hasMatchedOption(flag);
    }

    static String parameter(ParseResult arguments, int index) {
        return arguments.matchedPositionals().stream()
                .filter(p -> p.index().contains(index))
                .findFirst()
                .orElseThrow()
                .<String>getValue();
    }

    /// Picocli formats descriptions; a percent sign of the contract is a percent sign.
    static String[] escaped(String... lines) {
        return List.of(lines).stream().map(line -> line.replace("%", "%%")).toArray(String[]::new);
    }
}
