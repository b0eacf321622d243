package dev.assay.onnx;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;

/// Appends nodes to a graph, new or taken over from another one. Names of values are made up as needed and are
/// the same for the same sequence of calls. Belongs to one thread.
public class GraphBuilder extends Operators {

    /// Constants up to this many bytes are compared and stored once; larger ones are rarely equal.
    private static final int SMALL = 4096;

    private final String name;
    private final List<ValueInfo> inputs = new ArrayList<>();
    private final List<ValueInfo> outputs = new ArrayList<>();
    private final List<Node> nodes = new ArrayList<>();
    private final Map<String, TensorData> initializers = new LinkedHashMap<>();
    private final Map<String, ValueInfo> valueInfos = new LinkedHashMap<>();
    private final Map<String, Integer> opsets = new LinkedHashMap<>();
    private final List<FunctionDefinition> functions = new ArrayList<>();
    private final Map<String, String> metadata = new LinkedHashMap<>();

    private final Set<String> taken = new HashSet<>();
    private final Map<String, Integer> counters = new HashMap<>();
    private final Map<TensorData, Value> smallConstants = new HashMap<>();

    protected GraphBuilder(String name) {
        this.name = name;
    }

    /// Starts from nothing, at {@link #OPSET}.
    public static GraphBuilder empty(String name) {
        GraphBuilder builder = new GraphBuilder(name);
        builder.opsets.put("", OPSET);
        return builder;
    }

    /// Starts from nothing, with given operator set versions by domain.
    public static GraphBuilder at(Map<String, Integer> opsets, String name) {
        GraphBuilder builder = new GraphBuilder(name);
        builder.opsets.putAll(opsets);
        return builder;
    }

    /// Starts from all of a graph, outputs included.
    public static GraphBuilder from(Graph graph) {
        GraphBuilder builder = new GraphBuilder(graph.name());
        builder.take(graph);
        return builder;
    }

    /// Starts a body of If, Loop or Scan: its nodes may use values of `around`, and its names do not collide with
    /// those.
    public static GraphBuilder body(String name, GraphBuilder around) {
        GraphBuilder builder = new GraphBuilder(name);
        builder.taken.addAll(around.taken);
        return builder;
    }

    /// Takes over everything of a graph.
    protected final void take(Graph graph) {
        inputs.addAll(graph.inputs());
        outputs.addAll(graph.outputs());
        nodes.addAll(graph.nodes());
        initializers.putAll(graph.initializers());
        valueInfos.putAll(graph.valueInfos());
        opsets.putAll(graph.opsets());
        functions.addAll(graph.functions());
        metadata.putAll(graph.metadata());
        taken.addAll(graph.valueNames());
    }

    public final Value input(ValueInfo info) {
        claim(info.name());
        inputs.add(info);
        return new Value(info.name());
    }

    /// A graph input of fixed shape; −1 stands for a length that varies.
    public final Value input(String inputName, ElementType type, long... shape) {
        List<Dimension> dimensions = new ArrayList<>();
        for (int axis = 0; axis < shape.length; axis++) {
            dimensions.add(
                    shape[axis] >= 0
                            ? Dimension.of(shape[axis])
                            : Dimension.named(axis == 0 ? "N" : inputName + "." + axis));
        }
        return input(new ValueInfo(inputName, type, dimensions));
    }

    /// A named constant, such as a weight.
    public final Value initializer(String tensorName, TensorData tensor) {
        claim(tensorName);
        initializers.put(tensorName, tensor);
        return new Value(tensorName);
    }

    @Override
    public final Value constant(TensorData tensor) {
        if (tensor.bytes().remaining() > SMALL) {
            return initializer(fresh("constant"), tensor);
        }
        return smallConstants.computeIfAbsent(tensor, key -> initializer(fresh("constant"), key));
    }

    /// Declares an existing value as a graph output.
    public final GraphBuilder output(ValueInfo info) {
        outputs.add(info);
        return this;
    }

    /// Gives a value the name `outputName` (through an Identity) and declares it as a graph output.
    public final GraphBuilder output(String outputName, Value value, ElementType type, long... shape) {
        add(Node.of("Identity", List.of(value), List.of(named(outputName)), Map.of()));
        List<Dimension> dimensions = new ArrayList<>();
        for (int axis = 0; axis < shape.length; axis++) {
            dimensions.add(
                    shape[axis] >= 0
                            ? Dimension.of(shape[axis])
                            : axis == 0 ? Dimension.named("N") : Dimension.unknown());
        }
        return output(new ValueInfo(outputName, type, dimensions));
    }

    /// Forgets the declared outputs; the values stay.
    public final GraphBuilder withoutOutputs() {
        outputs.clear();
        return this;
    }

    /// A value of this very name, to be computed by a node that is added.
    ///
    /// @throws MalformedModelException if the name is taken
    public final Value named(String valueName) {
        claim(valueName);
        return new Value(valueName);
    }

    /// A value under a name not used before that starts with `hint`.
    public final Value freshValue(String hint) {
        return new Value(claimed(fresh(hint)));
    }

    /// Puts a node in the place of one that the graph has, to ask it for more outputs.
    protected final void replace(Node old, Node replacement) {
        for (int i = 0; i < nodes.size(); i++) {
            if (nodes.get(i) == old) {
                nodes.set(i, replacement);
                return;
            }
        }
        throw new IllegalArgumentException("no such node: " + old.describe());
    }

    /// Appends a node whose outputs were claimed by {@link #named} or {@link #freshValue}.
    public final GraphBuilder add(Node node) {
        nodes.add(node);
        return this;
    }

    @Override
    public List<Value> node(String operator, List<Value> nodeInputs, int count, Map<String, Attribute> attributes) {
        String hint = hint(operator, attributes);
        List<Value> results = new ArrayList<>(count);
        for (int i = 0; i < count; i++) {
            results.add(freshValue(hint));
        }
        add(Node.of(operator, trimmed(nodeInputs), results, attributes));
        return List.copyOf(results);
    }

    /// What fresh names of a node start with; a subclass may tell its nodes apart.
    protected String hint(String operator, Map<String, Attribute> attributes) {
        return operator.toLowerCase(Locale.ROOT);
    }

    /// The graph so far; the builder can go on.
    ///
    /// @throws MalformedModelException if a value is used that nothing computes
    public final Graph build() {
        return Graph.of(name, inputs, outputs, nodes, initializers, valueInfos, opsets, functions, metadata);
    }

    /// The body so far; what it uses of the graph around is checked when that is built.
    public final Graph buildBody() {
        return Graph.subgraph(name, inputs, outputs, nodes, initializers, valueInfos, Map.of(), List.of(), Map.of());
    }

    private String fresh(String hint) {
        String candidate;
        do {
            candidate = hint + "_" + counters.merge(hint, 1, Integer::sum);
        } while (taken.contains(candidate));
        return candidate;
    }

    private String claimed(String valueName) {
        claim(valueName);
        return valueName;
    }

    private void claim(String valueName) {
        if (!taken.add(valueName)) {
            throw new MalformedModelException(
                    "the value '" + valueName + "' exists already", "give the new value another name");
        }
    }

    /// Without the absent inputs at the end.
    private static List<Value> trimmed(List<Value> inputs) {
        int end = inputs.size();
        while (end > 0 && !inputs.get(end - 1).isPresent()) {
            end--;
        }
        return inputs.subList(0, end);
    }
}
