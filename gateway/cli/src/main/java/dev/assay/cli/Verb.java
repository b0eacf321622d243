package dev.assay.cli;

import picocli.CommandLine.ParseResult;

/// One thing the command line can do.
@FunctionalInterface
interface Verb {

    /// @param arguments of the verb itself
    /// @return the exit code, one of [ExitCode]
    int run(ParseResult arguments, Session session);
}
