package dev.assay.contract;

import dev.assay.computation.ProblemException;
import dev.assay.job.v1.Violation;
import java.util.List;
import java.util.stream.Collectors;

/// A request that breaks the constraints of its contract.
public final class InvalidRequestException extends ProblemException {

    private static final long serialVersionUID = 1;

    private final transient List<Violation> violations;

    /// @param violations at least one
    public InvalidRequestException(List<Violation> violations) {
        super(
                "invalid-request",
                violations.getFirst().getField(),
                violations.stream()
                        .map(v -> v.getField().isEmpty() ? v.getMessage() : v.getField() + ": " + v.getMessage())
                        .collect(Collectors.joining("; ")),
                "correct the fields named in violations");
        this.violations = List.copyOf(violations);
    }

    public List<Violation> violations() {
        return violations;
    }
}
