package dev.assay.training;

import dev.assay.onnx.Attribute;
import dev.assay.onnx.Graph;
import dev.assay.onnx.Node;
import dev.assay.onnx.Value;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/// BatchNormalization of a model exported for inference, put into training mode: the batch is normalised by its own
/// statistics, and the running ones follow as `momentum · running + (1 − momentum) · batch` with the node's
/// momentum
/// (0.9 unless it says otherwise). The variance is the biased one, as ONNX defines it; PyTorch keeps the unbiased
/// one,
/// which differs by n/(n−1) for n values per channel. The saved model is in inference mode again.
final class BatchStatistics {

    /// Position of the running mean among a node's inputs; the running variance follows.
    private static final int RUNNING_MEAN = 3;

    /// The operator set that introduced `training_mode`.
    private static final int LEAST_OPSET = 14;

    private BatchStatistics() {}

    /// The running statistics that training updates, in the order of the nodes.
    ///
    /// @param used values that the logits depend on
    static List<String> of(Graph graph, Set<String> used) {
        List<String> statistics = new ArrayList<>();
        Set<String> seen = new HashSet<>();
        for (Node node : graph.nodes()) {
            if (!isUsed(node, used)) {
                continue;
            }
            requireConvertible(graph, node);
            for (int i = RUNNING_MEAN; i <= RUNNING_MEAN + 1; i++) {
                String name = node.input(i).name();
                if (!graph.initializers().containsKey(name) || !seen.add(name)) {
                    throw TrainingProblems.unsupportedNode(
                            node.describe(),
                            "its running statistics '" + name + "' are not initializers of its own",
                            "export the model with one mean and one variance per BatchNormalization");
                }
                statistics.add(name);
            }
        }
        return statistics;
    }

    /// The graph with these nodes in training mode; the new running statistics are values named
    /// {@link StepGraph#next next.…}.
    static Graph inTrainingMode(Graph graph, List<String> statistics) {
        Set<String> moving = Set.copyOf(statistics);
        List<Node> nodes = graph.nodes().stream()
                .map(node -> isNormalisation(node)
                                && moving.contains(node.input(RUNNING_MEAN).name())
                        ? inTrainingMode(node)
                        : node)
                .toList();
        return GraphParts.withNodes(graph, nodes);
    }

    private static Node inTrainingMode(Node node) {
        Map<String, Attribute> attributes = new HashMap<>(node.attributes());
        attributes.put("training_mode", Attribute.of(1L));
        return node.withAttributes(attributes)
                .withOutputs(List.of(
                        node.output(0),
                        new Value(StepGraph.next(node.input(RUNNING_MEAN).name())),
                        new Value(StepGraph.next(node.input(RUNNING_MEAN + 1).name()))));
    }

    private static void requireConvertible(Graph graph, Node node) {
        if (graph.opset() < LEAST_OPSET) {
            throw TrainingProblems.unsupportedNode(
                    node.describe(),
                    "operator set " + graph.opset() + " knows no training mode of BatchNormalization",
                    "export the model with operator set 17 or later");
        }
        if (node.flag("training_mode")) {
            throw TrainingProblems.unsupportedNode(
                    node.describe(),
                    "the model was exported in training mode, so its answers depend on the batch",
                    "export the model in evaluation mode, with its BatchNormalization kept (training=PRESERVE or"
                            + " do_constant_folding=False)");
        }
    }

    private static boolean isUsed(Node node, Set<String> used) {
        return isNormalisation(node) && used.contains(node.output(0).name());
    }

    private static boolean isNormalisation(Node node) {
        return node.is("BatchNormalization");
    }
}
