package dev.assay.gateway;

import dev.assay.onnx.Dimension;
import dev.assay.onnx.ElementType;
import dev.assay.onnx.GraphBuilder;
import dev.assay.onnx.OnnxFile;
import dev.assay.onnx.TensorData;
import dev.assay.onnx.Value;
import dev.assay.onnx.ValueInfo;
import java.util.List;
import java.util.Map;

/// Small ONNX models for tests.
final class Models {

    private Models() {}

    /// Flattens images [N,1,8,8].
    static byte[] flatten() {
        return weighted();
    }

    /// Flattens images [N,1,8,8] and adds the weights, 64 of them or none.
    static byte[] weighted(float... weights) {
        GraphBuilder graph = GraphBuilder.empty("flatten");
        Value image = graph.input(new ValueInfo(
                "image",
                ElementType.FLOAT,
                List.of(Dimension.named("N"), Dimension.of(1), Dimension.of(8), Dimension.of(8))));
        Value flat = graph.node("Flatten", List.of(image), 1, Map.of()).getFirst();
        Value logits = weights.length == 0
                ? flat
                : graph.add(flat, graph.initializer("bias", TensorData.ofFloats(weights, 64)));
        graph.output("logits", logits, ElementType.FLOAT, 1, 64);
        return OnnxFile.toBytes(graph.build());
    }
}
