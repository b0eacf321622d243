package dev.assay.runtime;

import dev.assay.computation.ProblemException;
import dev.assay.onnx.ElementType;
import java.util.Arrays;
import java.util.List;

/// An input or output of a program, as ONNX Runtime understands it.
///
/// @param shape {@link #FREE} where the program takes any dimension
public record Port(String name, ElementType type, List<Long> shape) {

    /// A dimension that is known only when the program runs.
    public static final long FREE = -1;

    public Port {
        shape = List.copyOf(shape);
    }

    /// Whether every dimension is known before the program runs.
    public boolean isConcrete() {
        return !shape.contains(FREE);
    }

    /// A tensor that fits, if the shape is concrete.
    Tensor allocate() {
        return Tensor.allocate(type, shape.stream().mapToLong(Long::longValue).toArray());
    }

    /// @throws ProblemException `wrong-tensor-type` or `wrong-tensor-shape`, saying what was expected
    void check(Tensor tensor, String role) {
        if (tensor.type() != type) {
            throw new ProblemException(
                    "wrong-tensor-type",
                    name,
                    "%s '%s' is %s, but the model's is %s".formatted(role, name, tensor.type(), type),
                    "give a tensor of " + type + " elements");
        }
        boolean fits = tensor.rank() == shape.size();
        for (int axis = 0; fits && axis < shape.size(); axis++) {
            fits = shape.get(axis) == FREE || shape.get(axis) == tensor.dimension(axis);
        }
        if (!fits) {
            throw new ProblemException(
                    "wrong-tensor-shape",
                    name,
                    "%s '%s' has the shape %s, but the model's is %s"
                            .formatted(role, name, Arrays.toString(tensor.shape()), shapeText()),
                    "give a tensor of that shape" + (isConcrete() ? "" : "; '?' is any size"));
        }
    }

    /// As a user reads it: `FLOAT[?, 3, 32, 32]`.
    @Override
    public String toString() {
        return type + shapeText();
    }

    private String shapeText() {
        return shape.stream()
                .map(dimension -> dimension == FREE ? "?" : dimension.toString())
                .toList()
                .toString();
    }
}
