package dev.assay.computation;

/// A checkpoint that cannot be gone on from: damaged, of another version, or of other work. Whoever meets it begins
/// at the beginning: it costs time, never the work.
public final class UnfitCheckpointException extends Exception {

    private static final long serialVersionUID = 1;

    /// @param reason what was found and what was expected, as the end of "the checkpoint …"
    public UnfitCheckpointException(String reason) {
        super(reason);
    }
}
