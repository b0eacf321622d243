package dev.assay.autodiff.rules;

/// A rule meets a form of its operator that it does not know. Whoever applies rules adds which node it was.
public final class UnsupportedFormException extends RuntimeException {

    private static final long serialVersionUID = 1;

    /// @param form what the rule cannot do, to be read after the operator's name: "with …"
    public UnsupportedFormException(String form) {
        super(form);
    }
}
