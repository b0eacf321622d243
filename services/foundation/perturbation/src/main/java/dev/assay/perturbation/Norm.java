package dev.assay.perturbation;

/// How the size of a perturbation is measured.
public enum Norm {
    /// The largest change of any value.
    LINF("linf", "L∞"),
    /// The Euclidean length of all changes together.
    L2("l2", "L2");

    private final String text;
    private final String symbol;

    Norm(String text, String symbol) {
        this.text = text;
        this.symbol = symbol;
    }

    /// As requests and results write it: `linf`, `l2`.
    public String text() {
        return text;
    }

    /// As people read it: `L∞`, `L2`.
    public String symbol() {
        return symbol;
    }
}
