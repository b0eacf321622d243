package dev.assay.onnx;

import dev.assay.computation.ProblemException;

/// The bytes are not an ONNX model, or the model contradicts itself.
public final class MalformedModelException extends ProblemException {

    private static final long serialVersionUID = 1;

    public MalformedModelException(String detail, String remedy) {
        super("malformed-model", "", detail, remedy);
    }

    public MalformedModelException(String subject, String detail, String remedy, Throwable cause) {
        super("malformed-model", subject, detail, remedy, cause);
    }

    /// The same problem, told of a named file.
    MalformedModelException in(String file) {
        return subject().isPresent() ? this : new MalformedModelException(file, detail(), remedy(), this);
    }
}
