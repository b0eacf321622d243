package dev.assay.onnx;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.PriorityQueue;
import java.util.Set;

/// What makes a collection of nodes a graph.
final class GraphCheck {

    private GraphCheck() {}

    static void requireSingleOrigins(List<ValueInfo> inputs, List<Node> nodes, Map<String, TensorData> initializers) {
        Set<String> seen = HashSet.newHashSet(nodes.size() + initializers.size());
        for (ValueInfo input : inputs) {
            requireNew(seen, input.name(), "a graph input");
        }
        for (String name : initializers.keySet()) {
            requireNew(seen, name, "an initializer");
        }
        for (Node node : nodes) {
            for (Value output : node.outputs()) {
                if (output.isPresent()) {
                    requireNew(seen, output.name(), "an output of " + node.describe());
                }
            }
        }
    }

    private static void requireNew(Set<String> seen, String name, String origin) {
        if (name.isEmpty()) {
            throw new MalformedModelException(origin + " has an empty name", "every value needs a name");
        }
        if (!seen.add(name)) {
            throw new MalformedModelException(
                    "the value '" + name + "' is defined twice, the second time as " + origin,
                    "every value has one origin; rename one of the two");
        }
    }

    /// Orders nodes so that each comes after those it depends on, otherwise keeping their order.
    static List<Node> topologicalOrder(List<Node> nodes) {
        Map<String, Integer> producer = HashMap.newHashMap(nodes.size() * 2);
        for (int i = 0; i < nodes.size(); i++) {
            for (Value output : nodes.get(i).outputs()) {
                producer.put(output.name(), i);
            }
        }
        producer.remove("");
        int[] missing = new int[nodes.size()];
        List<List<Integer>> dependents = new ArrayList<>(nodes.size());
        boolean ordered = true;
        for (int i = 0; i < nodes.size(); i++) {
            dependents.add(new ArrayList<>(2));
        }
        for (int i = 0; i < nodes.size(); i++) {
            for (String name : uses(nodes.get(i))) {
                Integer origin = producer.get(name);
                if (origin != null) {
                    missing[i]++;
                    dependents.get(origin).add(i);
                    ordered &= origin < i;
                }
            }
        }
        return ordered ? nodes : sorted(nodes, missing, dependents);
    }

    private static List<Node> sorted(List<Node> nodes, int[] missing, List<List<Integer>> dependents) {
        PriorityQueue<Integer> ready = new PriorityQueue<>();
        for (int i = 0; i < missing.length; i++) {
            if (missing[i] == 0) {
                ready.add(i);
            }
        }
        List<Node> order = new ArrayList<>(nodes.size());
        while (!ready.isEmpty()) {
            int next = ready.remove();
            order.add(nodes.get(next));
            for (int dependent : dependents.get(next)) {
                if (--missing[dependent] == 0) {
                    ready.add(dependent);
                }
            }
        }
        if (order.size() < nodes.size()) {
            int stuck = 0;
            while (missing[stuck] == 0) {
                stuck++;
            }
            throw new MalformedModelException(
                    "the nodes depend on one another in a circle; "
                            + nodes.get(stuck).describe() + " is part of it",
                    "an ONNX graph has no cycles; use Loop or Scan for recurrence");
        }
        return order;
    }

    /// Names that a node reads, those captured by its bodies included.
    static Set<String> uses(Node node) {
        Set<String> uses = new LinkedHashSet<>();
        node.inputs().forEach(value -> uses.add(value.name()));
        uses.remove("");
        node.subgraphs().forEach(body -> uses.addAll(captures(body)));
        return uses;
    }

    /// Names that a body reads from the graph around it.
    static Set<String> captures(Graph body) {
        Set<String> captured = new LinkedHashSet<>();
        body.nodes().forEach(node -> captured.addAll(uses(node)));
        body.outputs().forEach(output -> captured.add(output.name()));
        body.inputs().forEach(input -> captured.remove(input.name()));
        captured.removeAll(body.initializers().keySet());
        body.nodes().forEach(node -> node.outputs().forEach(output -> captured.remove(output.name())));
        return captured;
    }

    /// Requires that every use has an origin, here or in `outer`, the names of the graphs around.
    static void requireOrigins(Graph graph, Set<String> outer) {
        Set<String> known = new HashSet<>(outer);
        graph.inputs().forEach(input -> known.add(input.name()));
        known.addAll(graph.initializers().keySet());
        for (Node node : graph.nodes()) {
            for (Value input : node.inputs()) {
                if (input.isPresent() && !known.contains(input.name())) {
                    throw new MalformedModelException(
                            "the input '" + input + "' of " + node.describe() + " is defined nowhere",
                            "export the model again; a node, an input or an initializer is missing");
                }
            }
            node.subgraphs().forEach(body -> requireOrigins(body, known));
            node.outputs().forEach(output -> known.add(output.name()));
        }
        Set<String> outputs = new HashSet<>();
        for (ValueInfo output : graph.outputs()) {
            if (!known.contains(output.name())) {
                throw new MalformedModelException(
                        "the graph output '" + output.name() + "' is computed by no node",
                        "export the model again; the graph is incomplete");
            }
            if (outer.isEmpty() && !outputs.add(output.name())) {
                throw new MalformedModelException(
                        "the graph output '" + output.name() + "' is declared twice", "declare each output once");
            }
        }
    }

    /// Index of the first input that only steers the operator rather than taking part as a weight.
    static int firstSteeringInput(Node node) {
        return switch (node.operator()) {
            case "Resize", "Upsample", "Clip", "Pad", "Dropout", "QuantizeLinear", "DequantizeLinear", "TopK" -> 1;
            case "BatchNormalization" -> 3;
            case "OneHot" -> 2;
            case "Range" -> 0;
            default -> Integer.MAX_VALUE;
        };
    }

    static int steeringEnd(Node node) {
        return node.operator().equals("BatchNormalization") ? 5 : Integer.MAX_VALUE;
    }

    /// Attention masks are stored as floats: zeros and values so negative that Softmax makes them zero.
    static boolean isMask(TensorData tensor) {
        return holdsOnly(tensor, value -> value == 0 || value <= MASKED);
    }

    static boolean isInfiniteMask(TensorData tensor) {
        return holdsOnly(tensor, value -> value == 0 || value == 1 || value == Double.NEGATIVE_INFINITY);
    }

    /// Far below any weight and within float16, whose smallest number is −65504.
    private static final double MASKED = -60000;

    private static boolean holdsOnly(TensorData tensor, java.util.function.DoublePredicate allowed) {
        java.nio.ByteBuffer source = tensor.bytes();
        boolean masked = false;
        while (source.hasRemaining()) {
            double value = switch (tensor.type()) {
                case FLOAT -> source.getFloat();
                case DOUBLE -> source.getDouble();
                case FLOAT16 -> Float.float16ToFloat(source.getShort());
                case BFLOAT16 -> Float.intBitsToFloat(source.getShort() << 16);
                default -> Double.NaN;
            };
            if (!allowed.test(value)) {
                return false;
            }
            masked |= value <= MASKED;
        }
        return masked;
    }
}
