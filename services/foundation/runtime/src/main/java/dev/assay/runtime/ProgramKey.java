package dev.assay.runtime;

import dev.assay.onnx.Graph;
import java.util.List;
import java.util.Map;
import java.util.Objects;

/// What a compiled program depends on.
///
/// @param graphHash {@link Graph#hash} of the graph that it was made from
/// @param transformation what was done to that graph before it was compiled, such as `attack-step linf`; empty
///     for nothing. It must determine the program together with the other parts
/// @param shapes input shapes that the program was specialised to; empty if it was not
public record ProgramKey(
        String graphHash,
        String transformation,
        Map<String, List<Long>> shapes,
        Device device,
        ProgramOptions options) {

    public ProgramKey {
        Objects.requireNonNull(graphHash, "graphHash");
        Objects.requireNonNull(transformation, "transformation");
        shapes = Map.copyOf(shapes);
        Objects.requireNonNull(device, "device");
        Objects.requireNonNull(options, "options");
    }

    /// The key of a graph that is compiled as it is.
    public static ProgramKey of(Graph graph, Device device, ProgramOptions options) {
        return new ProgramKey(graph.hash(), "", Map.of(), device, options);
    }
}
