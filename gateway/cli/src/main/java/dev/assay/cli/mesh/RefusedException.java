package dev.assay.cli.mesh;

import dev.assay.computation.ProblemException;
import dev.assay.contract.Problems;
import dev.assay.job.v1.Problem;
import dev.assay.job.v1.Violation;
import java.time.Duration;
import java.util.List;

/// What the gateway refused, or why a job failed: a problem that came over the wire.
public final class RefusedException extends ProblemException {

    private static final long serialVersionUID = 1;

    private final transient Problem problem;
    private final Duration retryAfter;

    public RefusedException(Problem problem) {
        this(problem, Duration.ZERO);
    }

    /// @param retryAfter how long the gateway asks to wait before the next try; zero when it does not say
    RefusedException(Problem problem, Duration retryAfter) {
        super(
                problem.getType().startsWith(Problems.PREFIX)
                        ? problem.getType().substring(Problems.PREFIX.length())
                        : problem.getType(),
                problem.getSubject(),
                problem.getDetail().isEmpty() ? problem.getTitle() : problem.getDetail(),
                problem.getRemedy());
        this.problem = problem;
        this.retryAfter = retryAfter;
    }

    public Duration retryAfter() {
        return retryAfter;
    }

    public int status() {
        return problem.getStatus();
    }

    /// One entry per field that breaks its constraint; empty when the problem is another one.
    public List<Violation> violations() {
        return problem.getViolationsList();
    }
}
