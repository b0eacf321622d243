package dev.assay.cli;

import dev.assay.computation.ProblemException;

/// A job was accepted and did not succeed: exit code 1, where a refusal is 2.
final class JobFailedException extends RuntimeException {

    private static final long serialVersionUID = 1;

    private final ProblemException problem;

    JobFailedException(ProblemException problem) {
        super(problem.detail(), problem);
        this.problem = problem;
    }

    ProblemException problem() {
        return problem;
    }
}
