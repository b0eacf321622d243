package dev.assay.computation;

/// The work is no longer wanted. Not a failure: whoever cancelled knows, and what was finished stays readable.
public final class CancelledException extends RuntimeException {

    private static final long serialVersionUID = 1;

    public CancelledException(String reason) {
        super(reason);
    }
}
