package dev.assay.perturbation;

import dev.assay.onnx.Graph;
import dev.assay.runtime.Device;
import dev.assay.runtime.ProgramKey;
import dev.assay.runtime.ProgramOptions;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Objects;

/// A classifier that is searched for perturbations.
///
/// @param graph its forward pass, with constant weights
/// @param images name of its image input, float [N,C,H,W] in [0,1]
/// @param logits name of its output, float [N,classes]
/// @param channels C
/// @param height H
/// @param width W
/// @param classes number of logits of each image
/// @param batch the N that the graph insists on; {@link #ANY_BATCH} if it takes any
public record ClassifierGraph(
        Graph graph, String images, String logits, int channels, int height, int width, int classes, int batch) {

    public static final int ANY_BATCH = -1;

    public ClassifierGraph {
        Objects.requireNonNull(graph, "graph");
        Objects.requireNonNull(images, "images");
        Objects.requireNonNull(logits, "logits");
        if (channels < 1 || height < 1 || width < 1 || classes < 1 || (batch < 1 && batch != ANY_BATCH)) {
            throw new IllegalArgumentException(
                    "images of [%d,%d,%d,%d] in %d classes".formatted(batch, channels, height, width, classes));
        }
    }

    /// Values of one image.
    public int imageSize() {
        return channels * height * width;
    }

    /// The key of a program that is made from this classifier for chunks of `count` images.
    ///
    /// @param transformation what is made of it; determines the program together with the rest
    ProgramKey key(String transformation, int count, Device device, ProgramOptions options) {
        List<Long> shape = Arrays.stream(shape(count)).boxed().toList();
        return new ProgramKey(graph.hash(), transformation, Map.of(images, shape), device, options);
    }

    /// [count,C,H,W]
    long[] shape(int count) {
        return new long[] {count, channels, height, width};
    }
}
