package dev.assay.runtime;

import dev.assay.computation.ProblemException;
import java.util.Arrays;

/// Arithmetic on concrete shapes that never overflows unseen.
final class Shapes {

    private Shapes() {}

    /// The number of elements of a shape; 1 for a scalar, 0 when any dimension is 0.
    ///
    /// @throws ProblemException `invalid-shape` if a dimension is negative or the product passes 2^63
    static long elements(long[] shape, String subject) {
        long elements = 1;
        boolean empty = false;
        for (long dimension : shape) {
            if (dimension < 0) {
                throw new ProblemException(
                        "invalid-shape",
                        subject,
                        "dimension %d in shape %s".formatted(dimension, Arrays.toString(shape)),
                        "give dimensions of 0 or more");
            }
            empty |= dimension == 0;
        }
        if (empty) {
            return 0;
        }
        for (long dimension : shape) {
            if (Math.multiplyHigh(elements, dimension) != 0 || elements * dimension < 0) {
                throw new ProblemException(
                        "invalid-shape",
                        subject,
                        "shape %s has more than 2^63 elements".formatted(Arrays.toString(shape)),
                        "give a shape that fits into memory");
            }
            elements *= dimension;
        }
        return elements;
    }

    /// As {@link #elements}, in bytes.
    static long bytes(long[] shape, int elementBytes, String subject) {
        return elements(new long[] {elements(shape, subject), elementBytes}, subject);
    }
}
