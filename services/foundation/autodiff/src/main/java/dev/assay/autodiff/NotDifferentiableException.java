package dev.assay.autodiff;

import dev.assay.computation.ProblemException;

/// What is asked for has no derivative: nothing connects the values, or they are not of a kind that has one.
public final class NotDifferentiableException extends ProblemException {

    private static final long serialVersionUID = 1;

    public NotDifferentiableException(String subject, String detail, String remedy) {
        super("not-differentiable", subject, detail, remedy);
    }
}
