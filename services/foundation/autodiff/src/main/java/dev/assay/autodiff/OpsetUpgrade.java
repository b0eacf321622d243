package dev.assay.autodiff;

import dev.assay.computation.ProblemException;
import dev.assay.onnx.Attribute;
import dev.assay.onnx.Graph;
import dev.assay.onnx.GraphBuilder;
import dev.assay.onnx.Node;
import dev.assay.onnx.Operators;
import dev.assay.onnx.TensorData;
import dev.assay.onnx.Value;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/// Rewrites a model of an older operator set (7 to 17) into the one that rules speak: the few operators whose
/// form has changed since. Newer models stay as they are.
final class OpsetUpgrade {

    private static final int OLDEST = 7;

    /// Reductions that took their axes as an attribute until 18 (ReduceSum until 13).
    private static final Set<String> REDUCTIONS = Set.of(
            "ReduceMean",
            "ReduceMax",
            "ReduceMin",
            "ReduceProd",
            "ReduceL1",
            "ReduceL2",
            "ReduceLogSum",
            "ReduceLogSumExp",
            "ReduceSumSquare",
            "ReduceSum");

    private final int from;

    private OpsetUpgrade(int from) {
        this.from = from;
    }

    static Graph upgrade(Graph graph) {
        int opset = graph.opset();
        if (opset >= Operators.OPSET) {
            return graph;
        }
        if (opset < OLDEST) {
            throw new ProblemException(
                    "unsupported-opset",
                    graph.name(),
                    "the model uses operator set " + opset,
                    "export it with operator set " + OLDEST + " or newer, 17 or newer if you can");
        }
        Map<String, Integer> opsets = new LinkedHashMap<>(graph.opsets());
        opsets.put("", Operators.OPSET);
        GraphBuilder builder = GraphBuilder.at(opsets, graph.name());
        OpsetUpgrade upgrade = new OpsetUpgrade(opset);
        upgrade.copy(graph, builder);
        return builder.build();
    }

    private void copy(Graph graph, GraphBuilder builder) {
        graph.inputs().forEach(builder::input);
        graph.initializers().forEach(builder::initializer);
        for (Node node : graph.nodes()) {
            node.outputs().stream().filter(Value::isPresent).forEach(value -> builder.named(value.name()));
        }
        for (Node node : graph.nodes()) {
            builder.add(rewritten(withUpgradedBodies(node, builder), builder));
        }
        graph.outputs().forEach(builder::output);
    }

    private Node withUpgradedBodies(Node node, GraphBuilder around) {
        if (node.subgraphs().findAny().isEmpty()) {
            return node;
        }
        Map<String, Attribute> attributes = new HashMap<>(node.attributes());
        attributes.replaceAll((name, attribute) -> {
            if (attribute instanceof Attribute.Subgraph(Graph body)) {
                GraphBuilder builder = GraphBuilder.body(body.name(), around);
                copy(body, builder);
                return Attribute.of(builder.buildBody());
            }
            return attribute;
        });
        return node.withAttributes(attributes);
    }

    private Node rewritten(Node node, GraphBuilder g) {
        if (!node.domain().isEmpty()) {
            return node;
        }
        if (REDUCTIONS.contains(node.operator()) && node.has("axes")) {
            return moved(node, g, "axes");
        }
        return switch (node.operator()) {
            case "Softmax", "LogSoftmax", "Hardmax" -> from < 13 ? flattened(node, g) : node;
            case "Squeeze", "Unsqueeze" -> node.has("axes") ? moved(node, g, "axes") : node;
            case "Split" -> split(node, g);
            case "Clip" -> from < 11 ? clip(node, g) : node;
            case "Dropout" -> from < 12 ? node.withAttributes(Map.of()) : node;
            case "Pad" -> from < 11 ? pad(node, g) : node;
            case "Slice" -> from < 10 ? slice(node, g) : node;
            case "TopK" -> node.has("k") ? topK(node, g) : node;
            case "Upsample" -> resize(node, g);
            case "Resize" -> from < 11 ? resize(node, g) : node;
            case "Scatter" -> Node.of("ScatterElements", node.inputs(), node.outputs(), node.attributes());
            case "BatchNormalization" -> from < 14 ? batchNormalization(node) : node;
            default -> node;
        };
    }

    /// An attribute with integers that became the last input.
    private static Node moved(Node node, GraphBuilder g, String attribute) {
        List<Value> inputs = new ArrayList<>(node.inputs());
        inputs.add(g.longs(node.integers(attribute)));
        return node.withInputs(inputs).withAttributes(without(node, attribute));
    }

    private static Map<String, Attribute> without(Node node, String... names) {
        Map<String, Attribute> attributes = new HashMap<>(node.attributes());
        attributes.keySet().removeAll(List.of(names));
        return attributes;
    }

    /// Until 13 these worked on the input flattened to a matrix at `axis`.
    private static Node flattened(Node node, GraphBuilder g) {
        Value x = node.input(0);
        Value matrix = g.flatten(x, node.axis(1));
        Value result = g.node(node.operator(), List.of(matrix), Map.of("axis", Attribute.of(-1L)));
        return Node.of("Reshape", List.of(result, g.shape(x)), node.outputs(), Map.of("allowzero", Attribute.of(1L)));
    }

    private static Node split(Node node, GraphBuilder g) {
        if (node.has("split")) {
            return moved(node, g, "split");
        }
        if (node.hasInput(1)) {
            return node;
        }
        Map<String, Attribute> attributes = new HashMap<>(node.attributes());
        attributes.put("num_outputs", Attribute.of((long) node.outputs().size()));
        return node.withAttributes(attributes);
    }

    private static Node clip(Node node, GraphBuilder g) {
        List<Value> inputs = List.of(
                node.input(0),
                node.has("min") ? g.scalar(node.real("min", 0)) : Value.ABSENT,
                node.has("max") ? g.scalar(node.real("max", 0)) : Value.ABSENT);
        return node.withInputs(inputs).withAttributes(Map.of());
    }

    private static Node pad(Node node, GraphBuilder g) {
        List<Value> inputs = List.of(node.input(0), g.longs(node.integers("pads")), g.scalar(node.real("value", 0)));
        return node.withInputs(inputs).withAttributes(Map.of("mode", Attribute.of(node.text("mode", "constant"))));
    }

    private static Node slice(Node node, GraphBuilder g) {
        List<Value> inputs = new ArrayList<>(
                List.of(node.input(0), g.longs(node.integers("starts")), g.longs(node.integers("ends"))));
        if (node.has("axes")) {
            inputs.add(g.longs(node.integers("axes")));
        }
        return node.withInputs(inputs).withAttributes(Map.of());
    }

    private static Node topK(Node node, GraphBuilder g) {
        return node.withInputs(List.of(node.input(0), g.longs(node.integer("k", 1))))
                .withAttributes(without(node, "k"));
    }

    /// Upsample, and Resize as it first was: coordinates without a half-pixel shift, nearest rounding down.
    private static Node resize(Node node, GraphBuilder g) {
        Value scales = node.input(1);
        if (node.attributes().get("scales") instanceof Attribute.Floats(List<Float> values)) {
            float[] factors = new float[values.size()];
            for (int i = 0; i < factors.length; i++) {
                factors[i] = values.get(i);
            }
            scales = g.constant(TensorData.ofFloats(factors, factors.length));
        }
        return Node.of(
                "Resize",
                List.of(node.input(0), Value.ABSENT, scales),
                node.outputs(),
                Map.of(
                        "mode",
                        Attribute.of(node.text("mode", "nearest")),
                        "coordinate_transformation_mode",
                        Attribute.of("asymmetric"),
                        "nearest_mode",
                        Attribute.of("floor")));
    }

    /// The training outputs of the old form cannot be told from the new ones; at inference there is one output.
    private static Node batchNormalization(Node node) {
        if (node.outputs().stream().filter(Value::isPresent).count() > 1) {
            throw new UnsupportedOperatorException(
                    node, "training outputs of operator set 13 or older", List.of(node.describe()));
        }
        return node.withAttributes(without(node, "spatial", "is_test"));
    }
}
