package dev.assay.cli;

import java.util.LinkedHashMap;
import java.util.Map;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParseResult;

/// `assay workers …`: orders to workers.
final class WorkerVerbs {

    private WorkerVerbs() {}

    static CommandSpec command() {
        CommandSpec drain = Commands.of(
                "Stop a worker: it takes no more jobs, ends or hands back those it has, and ends.", WorkerVerbs::drain);
        drain.addPositional(Commands.parameter(0, "<name>", "A worker's name, as ./assay top shows it."));
        Map<String, CommandSpec> verbs = new LinkedHashMap<>();
        verbs.put("drain", drain);
        return Commands.group("Orders to workers.", verbs);
    }

    private static int drain(ParseResult arguments, Session session) {
        String name = Commands.parameter(arguments, 0);
        session.gateway().drain(name);
        session.console().print(name + " is stopping");
        return ExitCode.OK;
    }
}
