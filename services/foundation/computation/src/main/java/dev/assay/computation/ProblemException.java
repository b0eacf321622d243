package dev.assay.computation;

import java.util.Objects;
import java.util.Optional;

/// A failure that the caller can act on, told as data: it becomes `application/problem+json` at the gateway, one
/// line
/// on
/// the command line, and the problem of a `failed` event in the mesh. Modules subclass it where a caller may want
/// to
/// tell
/// one failure from another by type.
public class ProblemException extends RuntimeException {

    private static final long serialVersionUID = 1;

    private final String type;
    private final String remedy;
    private final String subject;

    /// @param type stable name in kebab case, such as `unsupported-operator`; documented in docs/problems.md
    /// @param subject a field path of the request, a file, an artifact; empty when it is the whole request
    /// @param detail what was found, and where
    /// @param remedy what would be right, as an instruction
    public ProblemException(String type, String subject, String detail, String remedy) {
        this(type, subject, detail, remedy, null);
    }

    public ProblemException(String type, String subject, String detail, String remedy, Throwable cause) {
        super(detail, cause);
        this.type = Objects.requireNonNull(type, "type");
        this.subject = Objects.requireNonNull(subject, "subject");
        this.remedy = Objects.requireNonNull(remedy, "remedy");
    }

    public String type() {
        return type;
    }

    public String detail() {
        return getMessage();
    }

    public String remedy() {
        return remedy;
    }

    public Optional<String> subject() {
        return subject.isEmpty() ? Optional.empty() : Optional.of(subject);
    }

    /// The whole problem in one line.
    public String oneLine() {
        String where = subject.isEmpty() ? "" : subject + ": ";
        return where + detail() + (remedy.isEmpty() ? "" : " (" + remedy + ")");
    }
}
