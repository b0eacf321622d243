package dev.assay.onnx;

/// A value of a graph, known by its name: an input, an initializer, or what a node computes. The empty name
/// stands for an optional input or output that is left out.
public record Value(String name) {

    public static final Value ABSENT = new Value("");

    public boolean isPresent() {
        return !name.isEmpty();
    }

    @Override
    public String toString() {
        return name;
    }
}
