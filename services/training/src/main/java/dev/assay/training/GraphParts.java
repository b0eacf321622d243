package dev.assay.training;

import dev.assay.onnx.Graph;
import dev.assay.onnx.Node;
import dev.assay.onnx.TensorData;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/// A graph with some of its parts replaced.
final class GraphParts {

    private GraphParts() {}

    /// @param initializers new contents, by the names of existing initializers
    /// @param metadata properties to add or to replace
    static Graph replaced(Graph graph, Map<String, TensorData> initializers, Map<String, String> metadata) {
        Map<String, TensorData> allInitializers = new LinkedHashMap<>(graph.initializers());
        initializers.forEach((name, tensor) -> {
            if (allInitializers.replace(name, tensor) == null) {
                throw new IllegalArgumentException("the graph has no initializer '" + name + "'");
            }
        });
        Map<String, String> allMetadata = new LinkedHashMap<>(graph.metadata());
        allMetadata.putAll(metadata);
        return Graph.of(
                graph.name(),
                graph.inputs(),
                graph.outputs(),
                graph.nodes(),
                allInitializers,
                graph.valueInfos(),
                graph.opsets(),
                graph.functions(),
                allMetadata);
    }

    static Graph withNodes(Graph graph, List<Node> nodes) {
        return Graph.of(
                graph.name(),
                graph.inputs(),
                graph.outputs(),
                nodes,
                graph.initializers(),
                graph.valueInfos(),
                graph.opsets(),
                graph.functions(),
                graph.metadata());
    }
}
