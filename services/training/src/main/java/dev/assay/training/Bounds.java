package dev.assay.training;

import dev.assay.computation.ProblemException;

/// The bounds of a training request's numbers, for callers who come without the contract's own check.
final class Bounds {

    private Bounds() {}

    static void require(boolean holds, String field, Object found, String bound) {
        if (!holds) {
            throw new ProblemException("invalid-request", field, field + " is " + found, "give a value " + bound);
        }
    }
}
