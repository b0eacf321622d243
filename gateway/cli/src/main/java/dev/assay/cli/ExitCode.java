package dev.assay.cli;

/// What the process tells its caller.
public final class ExitCode {

    public static final int OK = 0;
    /// The job ran and failed, or was cancelled.
    public static final int JOB_FAILED = 1;
    /// The request was refused, the command line was wrong, or no gateway answered: nothing was computed.
    public static final int NOT_ACCEPTED = 2;

    private ExitCode() {}
}
