package dev.assay.autodiff;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/// What to differentiate, and with respect to what.
///
/// @param of names of the values that are differentiated
/// @param withRespectTo names of graph inputs, initializers or intermediate values
/// @param inputShapes concrete shapes of the graph's inputs; those declared with fixed lengths may be left out
/// @param prefix what the name of a gradient starts with
public record GradientRequest(
        List<String> of, List<String> withRespectTo, Map<String, List<Long>> inputShapes, String prefix) {

    public static final String PREFIX = "grad.";

    public GradientRequest {
        of = List.copyOf(of);
        withRespectTo = List.copyOf(withRespectTo);
        inputShapes = Map.copyOf(inputShapes);
        if (of.isEmpty() || withRespectTo.isEmpty()) {
            throw new IllegalArgumentException("a gradient is of something with respect to something");
        }
    }

    /// Of these values.
    public static Of of(String... values) {
        return names -> new GradientRequest(List.of(values), names, Map.of(), PREFIX);
    }

    /// The first half of a request.
    @FunctionalInterface
    public interface Of {
        GradientRequest withRespectTo(List<String> values);

        default GradientRequest withRespectTo(String... values) {
            return withRespectTo(List.of(values));
        }
    }

    /// With this shape of an input.
    public GradientRequest withShape(String input, long... shape) {
        Map<String, List<Long>> shapes = new HashMap<>(inputShapes);
        List<Long> lengths = new ArrayList<>();
        for (long length : shape) {
            lengths.add(length);
        }
        shapes.put(input, List.copyOf(lengths));
        return new GradientRequest(of, withRespectTo, shapes, prefix);
    }

    /// With these shapes of inputs.
    public GradientRequest withShapes(Map<String, long[]> shapes) {
        GradientRequest request = this;
        for (Map.Entry<String, long[]> entry : shapes.entrySet()) {
            request = request.withShape(entry.getKey(), entry.getValue());
        }
        return request;
    }

    /// Names gradients differently, as is needed when a gradient graph is differentiated again.
    public GradientRequest named(String newPrefix) {
        return new GradientRequest(of, withRespectTo, inputShapes, newPrefix);
    }

    /// The output that holds the gradient with respect to a value.
    public String gradientOf(String value) {
        return prefix + value;
    }

    /// The given shapes as arrays.
    Map<String, long[]> shapes() {
        Map<String, long[]> shapes = new HashMap<>();
        inputShapes.forEach((name, lengths) ->
                shapes.put(name, lengths.stream().mapToLong(Long::longValue).toArray()));
        return shapes;
    }
}
