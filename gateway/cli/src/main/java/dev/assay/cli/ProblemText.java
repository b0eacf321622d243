package dev.assay.cli;

import dev.assay.cli.mesh.RefusedException;
import dev.assay.computation.ProblemException;
import dev.assay.contract.InvalidRequestException;
import dev.assay.job.v1.Violation;
import java.util.List;

/// Problems as lines: one per broken constraint, or one for the whole. Never a stack trace.
final class ProblemText {

    private static final String NAME = "assay: ";

    private ProblemText() {}

    static List<String> lines(ProblemException problem) {
        List<Violation> violations = switch (problem) {
            case RefusedException refused -> refused.violations();
            case InvalidRequestException invalid -> invalid.violations();
            default -> List.of(); // every other problem is about one thing
        };
        return violations.isEmpty()
                ? List.of(line(problem.oneLine()))
                : violations.stream().map(ProblemText::line).toList();
    }

    static String line(String text) {
        return NAME + text.replaceAll("\\s*\\R\\s*", " ").strip();
    }

    private static String line(Violation violation) {
        return line(
                violation.getField().isEmpty()
                        ? violation.getMessage()
                        : violation.getField() + ": " + violation.getMessage());
    }
}
