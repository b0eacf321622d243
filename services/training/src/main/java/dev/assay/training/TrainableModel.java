package dev.assay.training;

import dev.assay.computation.ProblemException;
import dev.assay.data.ImageShape;
import dev.assay.onnx.Dimension;
import dev.assay.onnx.ElementType;
import dev.assay.onnx.Graph;
import dev.assay.onnx.Node;
import dev.assay.onnx.TensorData;
import dev.assay.onnx.Value;
import dev.assay.onnx.ValueInfo;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;
import java.util.Set;

/// A classifier whose weights can be trained: one image input, one output of logits, and the initializers that
/// move.
///
/// @param graph the forward graph, weights as initializers
/// @param images name of the image input [N,C,H,W]
/// @param logits name of the output [N,classes]
/// @param parameters names of the float initializers that the logits depend on, in the order of the file; tensors
/// that
///     only steer an operator are not among them
/// @param statistics names of the running statistics of BatchNormalization, which follow the batches
public record TrainableModel(
        Graph graph, String images, String logits, List<String> parameters, List<String> statistics) {

    public TrainableModel {
        statistics = List.copyOf(statistics);
        parameters = List.copyOf(parameters);
    }

    /// Finds input, output and parameters of a model.
    ///
    /// @throws ProblemException `unsupported-training` for what is no image classifier or cannot be trained as it
    /// is,
    ///     `nothing-to-train`, `non-finite-weights`; each names the input, output, tensor or node
    public static TrainableModel of(Graph graph) {
        graph.requireFiniteInitializers();
        ValueInfo images = imageInput(graph);
        ValueInfo logits = logitsOutput(graph);
        Set<String> used = ancestors(graph, logits.name());
        if (!used.contains(images.name())) {
            throw TrainingProblems.unsupportedModel(
                    "the output '" + logits.name() + "' does not depend on the input '" + images.name() + "'");
        }
        List<String> parameters =
                graph.parameters().stream().filter(used::contains).toList();
        if (parameters.isEmpty()) {
            throw TrainingProblems.nothingToTrain();
        }
        for (String parameter : parameters) {
            requireFloat32(parameter, graph.initializers().get(parameter));
        }
        return new TrainableModel(graph, images.name(), logits.name(), parameters, BatchStatistics.of(graph, used));
    }

    /// How many numbers are trained.
    public long parameterCount() {
        return parameters.stream()
                .mapToLong(name -> graph.initializers().get(name).elementCount())
                .sum();
    }

    /// Whether weight decay applies: not to biases and the scales of norms, which are tensors with at most one axis
    /// longer than 1.
    public boolean decays(String parameter) {
        return Arrays.stream(graph.initializers().get(parameter).dims())
                        .filter(length -> length > 1)
                        .count()
                > 1;
    }

    /// The number of classes, if the model declares it.
    public OptionalInt declaredClasses() {
        return graph.output(logits)
                .filter(info ->
                        info.dimensions().size() == 2 && info.dimensions().get(1) instanceof Dimension.Fixed)
                .map(info -> OptionalInt.of(
                        (int) ((Dimension.Fixed) info.dimensions().get(1)).length()))
                .orElse(OptionalInt.empty());
    }

    /// Refuses images that the model does not take.
    ///
    /// @param field the request's field that named the images
    /// @throws ProblemException `shape-mismatch`
    public void requireFits(String field, ImageShape imageShape) {
        ValueInfo input = graph.input(images).orElseThrow();
        long[] given = imageShape.batch(1);
        for (int axis = 1; axis < given.length; axis++) {
            if (input.dimensions().get(axis) instanceof Dimension.Fixed(long length) && length != given[axis]) {
                throw TrainingProblems.shapeMismatch(field, input.toString(), imageShape);
            }
        }
    }

    /// The same model with other weights.
    ///
    /// @param weights new contents of initializers, by name
    public Graph withWeights(Map<String, TensorData> weights) {
        return GraphParts.replaced(graph, weights, Map.of());
    }

    private static ValueInfo imageInput(Graph graph) {
        if (graph.inputs().size() != 1) {
            throw TrainingProblems.unsupportedModel("the model has the inputs " + graph.inputs());
        }
        ValueInfo input = graph.inputs().getFirst();
        if (input.type() != ElementType.FLOAT || input.dimensions().size() != 4) {
            throw TrainingProblems.unsupportedModel("the model's input is " + input);
        }
        if (input.dimensions().getFirst() instanceof Dimension.Fixed(long batch)) {
            throw new ProblemException(
                    "unsupported-training",
                    "model",
                    "the model's input " + input + " takes exactly " + batch + " images at once",
                    "export the model with a free batch dimension (dynamic_axes or dynamic_shapes)");
        }
        return input;
    }

    private static ValueInfo logitsOutput(Graph graph) {
        ValueInfo output = graph.outputs().size() == 1
                ? graph.outputs().getFirst()
                : graph.output("logits")
                        .orElseThrow(() -> TrainingProblems.unsupportedModel(
                                "the model has the outputs " + graph.outputs() + ", and none is called 'logits'"));
        if (output.type() != ElementType.FLOAT
                || output.rank() == ValueInfo.Rank.KNOWN && output.dimensions().size() != 2) {
            throw TrainingProblems.unsupportedModel("the model's output is " + output);
        }
        requireNoProbabilities(graph, output.name());
        return output;
    }

    /// Cross-entropy of probabilities would train something, but not what was asked for.
    private static void requireNoProbabilities(Graph graph, String output) {
        Map<String, Node> producers = graph.producers();
        Node last = producers.get(output);
        while (last != null && last.is("Identity", "Reshape", "Flatten", "Squeeze")) {
            last = producers.get(last.input(0).name());
        }
        if (last != null && last.is("Softmax", "Sigmoid")) {
            throw TrainingProblems.unsupportedNode(
                    last.describe(),
                    "the model ends in probabilities, not in logits",
                    "export the model without the " + last.operator() + " at its end");
        }
    }

    /// Every value that `target` is computed from, itself included.
    private static Set<String> ancestors(Graph graph, String target) {
        Set<String> wanted = new HashSet<>(Set.of(target));
        for (Node node : graph.nodes().reversed()) {
            if (node.outputs().stream().map(Value::name).anyMatch(wanted::contains)) {
                node.inputs().forEach(value -> wanted.add(value.name()));
                node.subgraphs().forEach(body -> wanted.addAll(body.valueNames()));
            }
        }
        return wanted;
    }

    private static void requireFloat32(String name, TensorData tensor) {
        if (tensor.type() != ElementType.FLOAT) {
            throw new ProblemException(
                    "unsupported-training",
                    "model",
                    "the weights '" + name + "' are " + tensor + "; only FLOAT is trained",
                    "export the model in single precision");
        }
    }
}
