package dev.assay.autodiff;

import dev.assay.onnx.Attribute;
import dev.assay.onnx.ElementType;
import dev.assay.onnx.Graph;
import dev.assay.onnx.GraphBuilder;
import dev.assay.onnx.Node;
import dev.assay.onnx.TensorData;
import dev.assay.onnx.Value;
import dev.assay.onnx.ValueInfo;
import dev.assay.runtime.Device;
import dev.assay.runtime.Program;
import dev.assay.runtime.ProgramOptions;
import dev.assay.runtime.Tensor;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/// Finds the values of a graph that are the same in every run, once the shapes of its inputs are fixed, and
/// computes those that others read. ONNX Runtime computes them, so every operator is known.
final class ConstantFolder {

    /// Operators whose result differs from run to run.
    private static final Set<String> RANDOM = Set.of(
            "RandomNormal", "RandomNormalLike", "RandomUniform", "RandomUniformLike", "Multinomial", "Bernoulli");

    /// Larger results are left to the runtime: they would cost memory here and gain nothing.
    static final long SMALL = 1 << 16;

    private final Graph graph;
    private final Map<String, ValueInfo> types;
    private final Set<String> variable;
    private final long largest;

    /// @param variable values that are to be taken as varying although they are constant, being differentiated by
    ConstantFolder(Graph graph, Map<String, ValueInfo> types, Set<String> variable, long largest) {
        this.graph = graph;
        this.types = types;
        this.variable = variable;
        this.largest = largest;
    }

    /// The computed constants that other nodes (or the outputs) read, by name.
    Map<String, TensorData> fold() {
        Map<String, TensorData> known = new LinkedHashMap<>();
        Set<String> constant = new HashSet<>(graph.initializers().keySet());
        constant.removeAll(variable);
        List<Node> toRun = new ArrayList<>();
        Set<String> results = new LinkedHashSet<>();
        for (Node node : graph.nodes()) {
            if (node.is("Constant")) {
                literal(node, known, constant, toRun, results);
            } else if (node.is("Shape", "Size") && concrete(node.input(0)) && fixedOutput(node)) {
                known.put(node.output(0).name(), shapeOf(node));
                constant.add(node.output(0).name());
            } else if (isConstant(node, constant)) {
                toRun.add(node);
                node.outputs().stream().filter(Value::isPresent).forEach(output -> {
                    constant.add(output.name());
                    results.add(output.name());
                });
            }
        }
        Set<String> read = withSiblings(readByOthers(toRun), toRun);
        results.retainAll(read);
        if (!results.isEmpty()) {
            known.putAll(run(toRun, results, known));
        }
        known.keySet().retainAll(read);
        return known;
    }

    private void literal(
            Node node, Map<String, TensorData> known, Set<String> constant, List<Node> toRun, Set<String> results) {
        String name = node.output(0).name();
        if (variable.contains(name)) {
            return;
        }
        constant.add(name);
        if (node.attributes().get("value") instanceof Attribute.Tensor(TensorData tensor)) {
            known.put(name, tensor);
        } else {
            toRun.add(node);
            results.add(name);
        }
    }

    private boolean isConstant(Node node, Set<String> constant) {
        return !RANDOM.contains(node.operator())
                && node.domain().isEmpty()
                && node.subgraphs().findAny().isEmpty()
                && node.inputs().stream().allMatch(input -> !input.isPresent() || constant.contains(input.name()))
                && fixedOutput(node)
                && node.outputs().stream().allMatch(output -> !output.isPresent() || isSmall(output));
    }

    private boolean fixedOutput(Node node) {
        return node.outputs().stream().noneMatch(output -> variable.contains(output.name()));
    }

    private boolean isSmall(Value value) {
        ValueInfo info = types.get(value.name());
        return info != null && TensorData.elementCount(Typing.shape(info)) <= largest;
    }

    private boolean concrete(Value value) {
        return types.containsKey(value.name());
    }

    private TensorData shapeOf(Node node) {
        long[] shape = Typing.shape(types.get(node.input(0).name()));
        if (node.is("Size")) {
            return TensorData.ofLongs(new long[] {TensorData.elementCount(shape)});
        }
        long start = node.integer("start", 0);
        long end = node.integer("end", shape.length);
        int from = (int) Math.clamp(start < 0 ? start + shape.length : start, 0, shape.length);
        int to = (int) Math.clamp(end < 0 ? end + shape.length : end, from, shape.length);
        return TensorData.ofLongVector(java.util.Arrays.copyOfRange(shape, from, to));
    }

    private Set<String> readByOthers(List<Node> toRun) {
        Set<Node> own = java.util.Collections.newSetFromMap(new java.util.IdentityHashMap<>());
        own.addAll(toRun);
        Set<String> read = new HashSet<>();
        for (Node node : graph.nodes()) {
            if (!own.contains(node)) {
                node.inputs().forEach(input -> read.add(input.name()));
                node.subgraphs().forEach(body -> read.addAll(body.valueNames()));
            }
        }
        graph.outputs().forEach(output -> read.add(output.name()));
        return read;
    }

    /// A node is replaced as a whole: who needs one of its outputs gets all.
    private static Set<String> withSiblings(Set<String> names, List<Node> nodes) {
        Set<String> all = new HashSet<>(names);
        for (Node node : nodes) {
            if (node.outputs().stream().anyMatch(output -> names.contains(output.name()))) {
                node.outputs().forEach(output -> all.add(output.name()));
            }
        }
        return all;
    }

    private Map<String, TensorData> run(List<Node> nodes, Set<String> results, Map<String, TensorData> known) {
        GraphBuilder builder = GraphBuilder.at(graph.opsets(), "constants");
        Set<String> needed = new LinkedHashSet<>();
        nodes.forEach(node -> node.inputs().forEach(input -> needed.add(input.name())));
        for (String name : needed) {
            TensorData tensor = known.getOrDefault(name, graph.initializers().get(name));
            if (tensor != null) {
                builder.initializer(name, tensor);
            }
        }
        for (Node node : nodes) {
            node.outputs().stream().filter(Value::isPresent).forEach(output -> builder.named(output.name()));
            builder.add(node);
        }
        for (String name : results) {
            builder.output(ValueInfo.ofUnknownRank(name, ElementType.UNDEFINED));
        }
        Map<String, TensorData> values = new LinkedHashMap<>();
        try (Program program = Program.compile(builder.build(), new Device.Cpu(), ProgramOptions.singleThreaded())) {
            program.run(Map.of()).forEach((name, tensor) -> {
                try (tensor) {
                    values.put(name, copy(tensor));
                }
            });
        }
        return values;
    }

    private static TensorData copy(Tensor tensor) {
        ByteBuffer bytes = ByteBuffer.allocate(Math.toIntExact(tensor.byteSize()));
        bytes.put(tensor.bytes()).flip();
        return TensorData.of(tensor.type(), tensor.shape(), bytes);
    }
}
