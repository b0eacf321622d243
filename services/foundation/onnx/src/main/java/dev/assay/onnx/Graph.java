package dev.assay.onnx;

import dev.assay.computation.ProblemException;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;

/// An immutable ONNX graph. Nodes are in topological order; every value has one origin (an input, an initializer
/// or a node) and every use has an origin. A graph with unknown operators is fine: what they mean is the
/// business of whoever runs or differentiates it.
public final class Graph {

    private final String name;
    private final List<ValueInfo> inputs;
    private final List<ValueInfo> outputs;
    private final List<Node> nodes;
    private final Map<String, TensorData> initializers;
    private final Map<String, ValueInfo> valueInfos;
    private final Map<String, Integer> opsets;
    private final List<FunctionDefinition> functions;
    private final Map<String, String> metadata;
    private volatile String hash;

    private Graph(
            String name,
            List<ValueInfo> inputs,
            List<ValueInfo> outputs,
            List<Node> nodes,
            Map<String, TensorData> initializers,
            Map<String, ValueInfo> valueInfos,
            Map<String, Integer> opsets,
            List<FunctionDefinition> functions,
            Map<String, String> metadata) {
        this.name = name;
        this.inputs = List.copyOf(inputs);
        this.outputs = List.copyOf(outputs);
        this.nodes = List.copyOf(nodes);
        this.initializers = Collections.unmodifiableMap(new LinkedHashMap<>(initializers));
        this.valueInfos = Collections.unmodifiableMap(new LinkedHashMap<>(valueInfos));
        this.opsets = Collections.unmodifiableMap(new LinkedHashMap<>(opsets));
        this.functions = List.copyOf(functions);
        this.metadata = Collections.unmodifiableMap(new LinkedHashMap<>(metadata));
    }

    /// Makes a graph of its parts; nodes may come in any order.
    ///
    /// @throws MalformedModelException if a value has two origins, a use has none, or nodes depend on one
    /// another in a circle
    public static Graph of(
            String name,
            List<ValueInfo> inputs,
            List<ValueInfo> outputs,
            List<Node> nodes,
            Map<String, TensorData> initializers,
            Map<String, ValueInfo> valueInfos,
            Map<String, Integer> opsets,
            List<FunctionDefinition> functions,
            Map<String, String> metadata) {
        Graph graph = subgraph(name, inputs, outputs, nodes, initializers, valueInfos, opsets, functions, metadata);
        GraphCheck.requireOrigins(graph, Set.of());
        return graph;
    }

    /// Makes the body of If, Loop or Scan, whose nodes may use values of the graph around it; those are checked
    /// when that graph is made.
    static Graph subgraph(
            String name,
            List<ValueInfo> inputs,
            List<ValueInfo> outputs,
            List<Node> nodes,
            Map<String, TensorData> initializers,
            Map<String, ValueInfo> valueInfos,
            Map<String, Integer> opsets,
            List<FunctionDefinition> functions,
            Map<String, String> metadata) {
        GraphCheck.requireSingleOrigins(inputs, nodes, initializers);
        List<Node> ordered = GraphCheck.topologicalOrder(nodes);
        return new Graph(name, inputs, outputs, ordered, initializers, valueInfos, opsets, functions, metadata);
    }

    public String name() {
        return name;
    }

    /// What a run must be given; initializers are never among them.
    public List<ValueInfo> inputs() {
        return inputs;
    }

    public List<ValueInfo> outputs() {
        return outputs;
    }

    /// In topological order.
    public List<Node> nodes() {
        return nodes;
    }

    /// Constant tensors by name, in the order of the file.
    public Map<String, TensorData> initializers() {
        return initializers;
    }

    /// Declared types of intermediate values; hints, often incomplete.
    public Map<String, ValueInfo> valueInfos() {
        return valueInfos;
    }

    /// Version of the standard operators. A body takes it from the graph around it and says 0.
    public int opset() {
        return opsets.getOrDefault("", 0);
    }

    /// Operator set versions by domain.
    public Map<String, Integer> opsets() {
        return opsets;
    }

    public List<FunctionDefinition> functions() {
        return functions;
    }

    /// Free text properties of the model.
    public Map<String, String> metadata() {
        return metadata;
    }

    public Optional<ValueInfo> input(String inputName) {
        return inputs.stream().filter(info -> info.name().equals(inputName)).findFirst();
    }

    public Optional<ValueInfo> output(String outputName) {
        return outputs.stream().filter(info -> info.name().equals(outputName)).findFirst();
    }

    /// The node that computes each value.
    public Map<String, Node> producers() {
        Map<String, Node> producers = HashMap.newHashMap(nodes.size() * 2);
        for (Node node : nodes) {
            for (Value output : node.outputs()) {
                if (output.isPresent()) {
                    producers.put(output.name(), node);
                }
            }
        }
        return producers;
    }

    /// Every name that stands for a value here, bodies included.
    public Set<String> valueNames() {
        Set<String> names = new LinkedHashSet<>();
        inputs.forEach(info -> names.add(info.name()));
        names.addAll(initializers.keySet());
        for (Node node : nodes) {
            node.inputs().forEach(value -> names.add(value.name()));
            node.outputs().forEach(value -> names.add(value.name()));
            node.subgraphs().forEach(body -> names.addAll(body.valueNames()));
        }
        names.remove("");
        return names;
    }

    /// Names of the initializers that training would change: float tensors of more than one element that enter
    /// the computation as weights. Left out are operands that only steer an operator (scales of Resize, bounds
    /// of Clip, running statistics of BatchNormalization, ranges of quantisation), and tensors whose elements
    /// are all alike and
    /// as extreme as an attention mask's −3.4e38.
    public List<String> parameters() {
        Set<String> steering = new HashSet<>();
        for (Node node : nodes) {
            int from = GraphCheck.firstSteeringInput(node);
            for (int i = from; i < Math.min(node.inputs().size(), GraphCheck.steeringEnd(node)); i++) {
                steering.add(node.input(i).name());
            }
        }
        List<String> parameters = new ArrayList<>();
        initializers.forEach((tensorName, tensor) -> {
            if (tensor.type().isFloat()
                    && tensor.elementCount() > 1
                    && !steering.contains(tensorName)
                    && !GraphCheck.isMask(tensor)) {
                parameters.add(tensorName);
            }
        });
        return List.copyOf(parameters);
    }

    /// Refuses weights that are not numbers: no result computed with them would mean anything.
    ///
    /// @return this graph
    /// @throws ProblemException of type `non-finite-weights` naming the first such tensor
    public Graph requireFiniteInitializers() {
        initializers.forEach((tensorName, tensor) -> {
            long index = tensor.firstNonFinite();
            // −∞ as a mask is a common, meaningful constant; only a NaN or a weight among weights is a fault.
            if (index >= 0 && !GraphCheck.isInfiniteMask(tensor)) {
                throw new ProblemException(
                        "non-finite-weights",
                        tensorName,
                        "the tensor '" + tensorName + "' " + tensor + " holds NaN or infinity at element " + index,
                        "train or export the model again; a diverged training leaves such weights");
            }
        });
        return this;
    }

    /// SHA-256 of the content in hexadecimal, weights included (read once, never copied). Two graphs with the
    /// same hash compute the same; names of values count, comments do not.
    public String hash() {
        String known = hash;
        if (known == null) {
            known = GraphHash.of(this);
            hash = known;
        }
        return known;
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof Graph that
                && inputs.equals(that.inputs)
                && outputs.equals(that.outputs)
                && nodes.equals(that.nodes)
                && initializers.equals(that.initializers)
                && opsets.equals(that.opsets)
                && functions.equals(that.functions);
    }

    @Override
    public int hashCode() {
        return Objects.hash(inputs, outputs, nodes.size(), initializers.keySet());
    }

    @Override
    public String toString() {
        return "Graph " + name + " " + inputs + " -> " + outputs + ", " + nodes.size() + " nodes, opset " + opset();
    }
}
