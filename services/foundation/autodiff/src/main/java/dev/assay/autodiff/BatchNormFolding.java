package dev.assay.autodiff;

import dev.assay.onnx.ElementType;
import dev.assay.onnx.Graph;
import dev.assay.onnx.Node;
import dev.assay.onnx.TensorData;
import dev.assay.onnx.Value;
import dev.assay.onnx.ValueInfo;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/// BatchNormalization at inference is a factor and a summand per channel. Behind a convolution that nothing else
/// reads they go into its weight and bias: W' = W·s/√(σ² + ε), b' = (b − μ)·s/√(σ² + ε) + β. Computed in double
/// precision.
final class BatchNormFolding {

    private final Graph graph;
    private final Map<String, Integer> readers = new HashMap<>();
    private final Map<String, TensorData> initializers;

    private BatchNormFolding(Graph graph) {
        this.graph = graph;
        this.initializers = new LinkedHashMap<>(graph.initializers());
        for (Node node : graph.nodes()) {
            node.inputs().forEach(input -> readers.merge(input.name(), 1, Integer::sum));
            node.subgraphs().forEach(body -> body.valueNames().forEach(name -> readers.merge(name, 2, Integer::sum)));
        }
        graph.outputs().forEach(output -> readers.merge(output.name(), 2, Integer::sum));
    }

    static Graph fold(Graph graph) {
        return new BatchNormFolding(graph).folded();
    }

    private Graph folded() {
        Map<String, Node> producers = graph.producers();
        Map<Node, Node> merged = new java.util.IdentityHashMap<>();
        for (Node norm : graph.nodes()) {
            Node conv =
                    norm.is("BatchNormalization") ? producers.get(norm.input(0).name()) : null;
            if (conv != null && fits(conv, norm)) {
                merged.put(norm, merge(conv, norm));
                merged.put(conv, null);
            }
        }
        List<Node> nodes = new ArrayList<>();
        for (Node node : graph.nodes()) {
            Node replacement = merged.containsKey(node) ? merged.get(node) : node;
            if (replacement != null) {
                nodes.add(replacement);
            }
        }
        Graph result = GraphTransforms.with(graph, graph.inputs(), graph.outputs(), nodes, initializers);
        return GraphTransforms.pruned(
                result, graph.outputs().stream().map(ValueInfo::name).toList());
    }

    private boolean fits(Node conv, Node norm) {
        return conv.is("Conv")
                && !norm.flag("training_mode")
                && readers.getOrDefault(conv.output(0).name(), 0) == 1
                && isFloatConstant(conv.input(1))
                && (!conv.hasInput(2) || isFloatConstant(conv.input(2)))
                && norm.inputs().subList(1, 5).stream().allMatch(this::isFloatConstant);
    }

    private boolean isFloatConstant(Value value) {
        TensorData tensor = initializers.get(value.name());
        return tensor != null && tensor.type() == ElementType.FLOAT;
    }

    private Node merge(Node conv, Node norm) {
        double[] scale = doubles(norm.input(1));
        double[] shift = doubles(norm.input(2));
        double[] mean = doubles(norm.input(3));
        double[] variance = doubles(norm.input(4));
        double[] bias = conv.hasInput(2) ? doubles(conv.input(2)) : new double[scale.length];
        double epsilon = norm.real("epsilon", 1e-5f);
        double[] factor = new double[scale.length];
        Arrays.setAll(factor, c -> scale[c] / Math.sqrt(variance[c] + epsilon));
        double[] newBias = new double[scale.length];
        Arrays.setAll(newBias, c -> (bias[c] - mean[c]) * factor[c] + shift[c]);
        Value weight =
                added(norm, ".weight", scaled(initializers.get(conv.input(1).name()), factor));
        Value biasValue = added(norm, ".bias", TensorData.ofDoubles(ElementType.FLOAT, newBias, newBias.length));
        return conv.withInputs(List.of(conv.input(0), weight, biasValue)).withOutputs(List.of(norm.output(0)));
    }

    private static TensorData scaled(TensorData weight, double[] factor) {
        ByteBuffer source = weight.bytes();
        ByteBuffer target = ByteBuffer.allocate(source.remaining()).order(ByteOrder.LITTLE_ENDIAN);
        int perFilter = source.remaining() / Float.BYTES / factor.length;
        for (double f : factor) {
            for (int i = 0; i < perFilter; i++) {
                target.putFloat((float) (source.getFloat() * f));
            }
        }
        return TensorData.of(ElementType.FLOAT, weight.dims(), target.flip());
    }

    private double[] doubles(Value value) {
        return initializers.get(value.name()).toDoubles();
    }

    private Value added(Node norm, String suffix, TensorData tensor) {
        String name = norm.output(0).name() + ".folded" + suffix;
        initializers.put(name, tensor);
        return new Value(name);
    }
}
