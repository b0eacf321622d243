package dev.assay.onnx;

/// One axis of a declared shape.
public sealed interface Dimension {

    /// A known length.
    record Fixed(long length) implements Dimension {
        public Fixed {
            if (length < 0) {
                throw new MalformedModelException(
                        "a dimension of length " + length, "a length is zero or positive; name it when it varies");
            }
        }

        @Override
        public String toString() {
            return Long.toString(length);
        }
    }

    /// A length that varies from run to run but is the same wherever the name occurs.
    record Symbolic(String name) implements Dimension {
        @Override
        public String toString() {
            return name;
        }
    }

    /// A length that the model does not declare.
    record Unknown() implements Dimension {
        @Override
        public String toString() {
            return "?";
        }
    }

    static Dimension of(long length) {
        return new Fixed(length);
    }

    static Dimension named(String name) {
        return new Symbolic(name);
    }

    static Dimension unknown() {
        return new Unknown();
    }
}
