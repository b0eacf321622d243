package dev.assay.attack;

/// What became of one sample under one threat.
public enum Outcome {
    /// Classified right, and still so under the attack.
    ROBUST,
    /// Classified right, but not under the attack.
    BROKEN,
    /// Classified wrong without one.
    WRONG;

    /// As `outcomes.npy` writes it: 0, 1, 2.
    public byte code() {
        return (byte) ordinal();
    }
}
