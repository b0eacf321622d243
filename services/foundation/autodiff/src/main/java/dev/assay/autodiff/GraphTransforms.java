package dev.assay.autodiff;

import dev.assay.onnx.Attribute;
import dev.assay.onnx.Dimension;
import dev.assay.onnx.ElementType;
import dev.assay.onnx.Graph;
import dev.assay.onnx.GraphBuilder;
import dev.assay.onnx.MalformedModelException;
import dev.assay.onnx.Node;
import dev.assay.onnx.Operators.ReducedAxes;
import dev.assay.onnx.TensorData;
import dev.assay.onnx.Value;
import dev.assay.onnx.ValueInfo;
import dev.assay.runtime.ShapeInference;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.UnaryOperator;
import java.util.stream.LongStream;

/// Functions from graphs to graphs that know nothing of one another and compose. None copies weights.
public final class GraphTransforms {

    public static final String LABELS = "labels";
    public static final String LOSS = "loss";
    public static final String LOSS_SUM = "loss.sum";

    private GraphTransforms() {}

    /// Appends the softmax cross-entropy of logits [N, classes] (or [N, classes, positions…], averaged over the
    /// positions of a sample) against an int64 input `labels` [N] (or [N, positions…]). Outputs added: `loss`
    /// [N], one number per sample, and `loss.sum`, their sum, a scalar. Needs operator set 13 or newer.
    ///
    /// @param logits name of a graph output or another value
    public static Graph appendCrossEntropy(Graph graph, String logits) {
        requireValue(graph, logits);
        GraphBuilder g = GraphBuilder.from(graph);
        ValueInfo declared = graph.output(logits).orElse(graph.valueInfos().get(logits));
        List<Dimension> dimensions = declared == null || declared.dimensions().size() < 2
                ? List.of(Dimension.named("N"), Dimension.unknown())
                : declared.dimensions();
        List<Dimension> positions = new ArrayList<>(dimensions);
        positions.remove(1);
        Value labels = g.input(new ValueInfo(LABELS, ElementType.INT64, positions));
        boolean single = declared == null
                || declared.type() == ElementType.FLOAT
                || !declared.type().isFloat();
        Value scores = single ? new Value(logits) : g.cast(new Value(logits), ElementType.FLOAT);
        Value perPosition =
                g.node("SoftmaxCrossEntropyLoss", List.of(scores, labels), Map.of("reduction", Attribute.of("none")));
        int extra = positions.size() - 1;
        Value perSample = extra == 0
                ? perPosition
                : reduced(
                        g,
                        "ReduceMean",
                        perPosition,
                        graph.opset(),
                        LongStream.rangeClosed(1, extra).toArray());
        long batch = positions.getFirst() instanceof Dimension.Fixed(long length) ? length : -1;
        Value loss = g.named(LOSS);
        g.add(Node.of("Identity", List.of(perSample), List.of(loss), Map.of()));
        g.output(new ValueInfo(
                LOSS, ElementType.FLOAT, List.of(batch < 0 ? positions.getFirst() : Dimension.of(batch))));
        g.output(LOSS_SUM, g.reduceSum(loss, ReducedAxes.DROPPED), ElementType.FLOAT);
        return g.build();
    }

    /// Until operator set 18 most reductions took their axes as an attribute.
    private static Value reduced(GraphBuilder g, String operator, Value x, int opset, long... axes) {
        return opset >= 18
                ? g.reduce(operator, x, ReducedAxes.DROPPED, axes)
                : g.node(operator, List.of(x), Map.of("axes", Attribute.of(axes), "keepdims", Attribute.of(0L)));
    }

    /// Turns initializers into inputs of the same name and shape, after the present ones and in the given order:
    /// weights that change from run to run, as in training.
    public static Graph initializersToInputs(Graph graph, List<String> names) {
        List<ValueInfo> inputs = new ArrayList<>(graph.inputs());
        Map<String, TensorData> initializers = new LinkedHashMap<>(graph.initializers());
        for (String name : names) {
            TensorData tensor = initializers.remove(name);
            if (tensor == null) {
                throw new MalformedModelException(
                        "the graph has no initializer '" + name + "'", "its initializers are " + initializers.keySet());
            }
            inputs.add(ValueInfo.of(name, tensor.type(), tensor.dims()));
        }
        return with(graph, inputs, graph.outputs(), graph.nodes(), initializers);
    }

    /// Fixes the values of inputs, which become initializers: what decides over shapes, for example, must be
    /// known before a graph can be differentiated.
    public static Graph inputsToInitializers(Graph graph, Map<String, TensorData> values) {
        for (String name : values.keySet()) {
            if (graph.input(name).isEmpty()) {
                throw new MalformedModelException(
                        "the graph has no input '" + name + "'", "its inputs are " + graph.inputs());
            }
        }
        List<ValueInfo> inputs = graph.inputs().stream()
                .filter(input -> !values.containsKey(input.name()))
                .toList();
        Map<String, TensorData> initializers = new LinkedHashMap<>(graph.initializers());
        initializers.putAll(values);
        return with(graph, inputs, graph.outputs(), graph.nodes(), initializers);
    }

    /// Fixes the shapes of inputs; what follows from them is declared at the outputs.
    ///
    /// @param inputShapes a shape for every input that has none of fixed lengths
    public static Graph specialise(Graph graph, Map<String, long[]> inputShapes) {
        return typed(graph, ShapeInference.concrete(graph, inputShapes));
    }

    /// With the types of inputs and outputs as known; declarations of other values, which may contradict them,
    /// go.
    static Graph typed(Graph graph, Map<String, ValueInfo> types) {
        List<ValueInfo> inputs =
                graph.inputs().stream().map(input -> types.get(input.name())).toList();
        List<ValueInfo> outputs = graph.outputs().stream()
                .map(output -> types.getOrDefault(output.name(), output))
                .toList();
        return Graph.of(
                graph.name(),
                inputs,
                outputs,
                graph.nodes(),
                graph.initializers(),
                Map.of(),
                graph.opsets(),
                graph.functions(),
                graph.metadata());
    }

    /// Renames values wherever they occur, in bodies too.
    ///
    /// @param names new name by old one
    public static Graph renamed(Graph graph, Map<String, String> names) {
        UnaryOperator<String> rename = name -> names.getOrDefault(name, name);
        Map<String, TensorData> initializers = new LinkedHashMap<>();
        graph.initializers().forEach((name, tensor) -> initializers.put(rename.apply(name), tensor));
        Map<String, ValueInfo> infos = new LinkedHashMap<>();
        graph.valueInfos().values().forEach(info -> infos.put(rename.apply(info.name()), renamed(info, rename)));
        return Graph.of(
                graph.name(),
                graph.inputs().stream().map(info -> renamed(info, rename)).toList(),
                graph.outputs().stream().map(info -> renamed(info, rename)).toList(),
                graph.nodes().stream().map(node -> renamed(node, rename)).toList(),
                initializers,
                infos,
                graph.opsets(),
                graph.functions(),
                graph.metadata());
    }

    private static ValueInfo renamed(ValueInfo info, UnaryOperator<String> rename) {
        return info.withName(rename.apply(info.name()));
    }

    private static Node renamed(Node node, UnaryOperator<String> rename) {
        if (node.subgraphs().findAny().isPresent()) {
            throw new UnsupportedOperatorException(node, "renamed values around its body", List.of(node.describe()));
        }
        UnaryOperator<Value> value = old -> old.isPresent() ? new Value(rename.apply(old.name())) : old;
        return node.withInputs(node.inputs().stream().map(value).toList())
                .withOutputs(node.outputs().stream().map(value).toList());
    }

    /// Only what the given outputs need, in this order: other nodes and initializers go. Inputs stay.
    public static Graph pruned(Graph graph, List<String> outputs) {
        Set<String> needed = new HashSet<>(outputs);
        List<Node> kept = new ArrayList<>();
        for (Node node : graph.nodes().reversed()) {
            if (node.outputs().stream().anyMatch(output -> output.isPresent() && needed.contains(output.name()))) {
                kept.add(node);
                node.inputs().forEach(input -> needed.add(input.name()));
                node.subgraphs().forEach(body -> needed.addAll(body.valueNames()));
            }
        }
        Map<String, TensorData> initializers = new LinkedHashMap<>(graph.initializers());
        initializers.keySet().retainAll(needed);
        Graph exposed = withOutputs(graph, outputs);
        List<ValueInfo> ordered =
                outputs.stream().map(name -> exposed.output(name).orElseThrow()).toList();
        return with(graph, graph.inputs(), ordered, kept.reversed(), initializers);
    }

    /// With further values as outputs, after the present ones: intermediate results made visible.
    public static Graph withOutputs(Graph graph, List<String> names) {
        List<ValueInfo> outputs = new ArrayList<>(graph.outputs());
        Set<String> present = new LinkedHashSet<>();
        outputs.forEach(output -> present.add(output.name()));
        for (String name : names) {
            if (present.add(name)) {
                requireValue(graph, name);
                ValueInfo known = graph.valueInfos().get(name);
                outputs.add(known != null ? known : ValueInfo.ofUnknownRank(name, ElementType.UNDEFINED));
            }
        }
        return with(graph, graph.inputs(), outputs, graph.nodes(), graph.initializers());
    }

    /// Computes once what is the same in every run and keeps the results as initializers.
    ///
    /// @param inputShapes as for {@link #specialise}; shapes count as constants
    public static Graph foldConstants(Graph graph, Map<String, long[]> inputShapes) {
        Map<String, ValueInfo> types = ShapeInference.concrete(graph, inputShapes);
        Graph fixed = typed(graph, types);
        Map<String, TensorData> folded = new ConstantFolder(fixed, types, Set.of(), Integer.MAX_VALUE).fold();
        Graph replaced = replacedByConstants(fixed, folded);
        return pruned(replaced, graph.outputs().stream().map(ValueInfo::name).toList());
    }

    /// Merges BatchNormalization at inference into the convolution before it; see {@link BatchNormFolding}.
    public static Graph foldBatchNorm(Graph graph) {
        return BatchNormFolding.fold(graph);
    }

    /// Initializers in the place of the nodes that computed them.
    static Graph replacedByConstants(Graph graph, Map<String, TensorData> constants) {
        Map<String, TensorData> initializers = new LinkedHashMap<>(graph.initializers());
        initializers.putAll(constants);
        List<Node> nodes = graph.nodes().stream()
                .filter(node -> node.outputs().stream().noneMatch(output -> constants.containsKey(output.name())))
                .toList();
        return with(graph, graph.inputs(), graph.outputs(), nodes, initializers);
    }

    /// Spares the copies that an Identity at an output would cost: what it names is computed under that name
    /// instead.
    ///
    /// @param lasting values that keep their names
    static Graph withoutIdentityOutputs(Graph graph, Set<String> lasting) {
        Set<String> outputs = new HashSet<>();
        graph.outputs().forEach(output -> outputs.add(output.name()));
        Set<String> computed = graph.producers().keySet();
        Map<String, String> names = new HashMap<>();
        Set<Node> dropped = java.util.Collections.newSetFromMap(new java.util.IdentityHashMap<>());
        for (Node node : graph.nodes()) {
            if (node.is("Identity") && outputs.contains(node.output(0).name())) {
                String source = node.input(0).name();
                if (computed.contains(source)
                        && !lasting.contains(source)
                        && !outputs.contains(source)
                        && names.putIfAbsent(source, node.output(0).name()) == null) {
                    dropped.add(node);
                }
            }
        }
        UnaryOperator<Value> rename =
                value -> names.containsKey(value.name()) ? new Value(names.get(value.name())) : value;
        List<Node> nodes = graph.nodes().stream()
                .filter(node -> !dropped.contains(node))
                .map(node -> node.withInputs(node.inputs().stream().map(rename).toList())
                        .withOutputs(node.outputs().stream().map(rename).toList()))
                .toList();
        return with(graph, graph.inputs(), graph.outputs(), nodes, graph.initializers());
    }

    static Graph with(
            Graph graph,
            List<ValueInfo> inputs,
            List<ValueInfo> outputs,
            List<Node> nodes,
            Map<String, TensorData> initializers) {
        return Graph.of(
                graph.name(),
                inputs,
                outputs,
                nodes,
                initializers,
                graph.valueInfos(),
                graph.opsets(),
                graph.functions(),
                graph.metadata());
    }

    private static void requireValue(Graph graph, String name) {
        if (!graph.valueNames().contains(name)) {
            throw new MalformedModelException(
                    "the graph has no value '" + name + "'", "its outputs are " + graph.outputs());
        }
    }
}
