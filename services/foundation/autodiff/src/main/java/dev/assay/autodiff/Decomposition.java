package dev.assay.autodiff;

import dev.assay.onnx.Graph;
import java.util.Map;

/// Rewrites operators that are differentiated through simpler ones (recurrent layers, attention) into these.
final class Decomposition {

    private Decomposition() {}

    static Graph lower(Graph graph, Map<String, long[]> inputShapes) {
        return graph;
    }
}
