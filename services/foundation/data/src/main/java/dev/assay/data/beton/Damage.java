package dev.assay.data.beton;

import dev.assay.computation.ProblemException;

/// What is wrong with a `.beton` file, and where.
final class Damage {

    private Damage() {}

    /// @param offset in the file of what is wrong
    static ProblemException at(long offset, String subject, String what) {
        return new ProblemException(
                "damaged-beton",
                subject,
                "%s (at byte %d)".formatted(what, offset),
                "copy or write the data set again; FFCV's DatasetWriter and Assay's import write such files");
    }
}
