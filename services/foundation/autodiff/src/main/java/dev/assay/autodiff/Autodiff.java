package dev.assay.autodiff;

import dev.assay.autodiff.rules.GradientBuilder;
import dev.assay.autodiff.rules.Rule;
import dev.assay.autodiff.rules.Rules;
import dev.assay.autodiff.rules.UnsupportedFormException;
import dev.assay.onnx.ElementType;
import dev.assay.onnx.Graph;
import dev.assay.onnx.Node;
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
import java.util.Optional;
import java.util.Set;

/// Reverse-mode differentiation of ONNX graphs: each verb takes a graph and answers a graph that computes
/// gradients.
///
/// The result is specialised to concrete input shapes, declares operator set 18 or newer, and holds the weights
/// of the given graph as constants (views, not copies), unless they were turned into inputs before. The gradient
/// with respect to the value `x` is the output `grad.x`, of the shape and type of `x`. A requested value that
/// has no influence gets zeros when at least one other has some.
///
/// Where a function has no derivative, the conventions are those of PyTorch; docs/autodiff.md lists them.
public final class Autodiff {

    /// Names of the inputs of {@link #vjp} start with this.
    public static final String COTANGENT = "cotangent.";

    private Autodiff() {}

    /// The gradient of one value of a single element, such as a loss. Outputs: the gradients.
    ///
    /// @throws UnsupportedOperatorException if an operator on the way has no rule
    /// @throws NotDifferentiableException if the values do not exist, carry no gradient, or nothing connects them
    public static Graph grad(Graph graph, GradientRequest request) {
        return differentiate(graph, request, Seed.ONE, Kept.NOTHING);
    }

    /// As {@link #grad}, with the outputs of the graph before the gradients, so that one run gives both.
    public static Graph valueAndGrad(Graph graph, GradientRequest request) {
        return differentiate(graph, request, Seed.ONE, Kept.OUTPUTS);
    }

    /// The vector-Jacobian product Σ cotangent.y · ∂y/∂x over all y that the request is of. Each y gives the
    /// result an input `cotangent.y` of its shape. Outputs: those of the graph, then the gradients.
    ///
    /// @throws UnsupportedOperatorException if an operator on the way has no rule
    /// @throws NotDifferentiableException if the values do not exist, carry no gradient, or nothing connects them
    public static Graph vjp(Graph graph, GradientRequest request) {
        return differentiate(graph, request, Seed.INPUT, Kept.OUTPUTS);
    }

    private enum Seed {
        ONE,
        INPUT
    }

    private enum Kept {
        OUTPUTS,
        NOTHING
    }

    private static Graph differentiate(Graph original, GradientRequest request, Seed seed, Kept kept) {
        requireKnownOperators(original, request);
        Graph upgraded = Decomposition.lower(OpsetUpgrade.upgrade(original), request.shapes());
        Map<String, ValueInfo> types = ShapeInference.concrete(upgraded, request.shapes());
        requireDifferentiable(request.of(), types);
        requireDifferentiable(request.withRespectTo(), types);
        Graph forward = GraphTransforms.typed(upgraded, types);
        Set<String> variable = new HashSet<>(request.withRespectTo());
        variable.addAll(request.of());
        Map<String, TensorData> folded = new ConstantFolder(forward, types, variable, ConstantFolder.SMALL).fold();
        forward = GraphTransforms.replacedByConstants(forward, folded);

        Connections connections = new Connections(forward, types, request.withRespectTo(), request.of());
        connections.requireAny(request.of());
        Map<String, TensorData> constants = new HashMap<>(forward.initializers());
        constants.keySet().removeAll(variable);
        GradientBuilder g = new GradientBuilder(forward, Typing.forRules(types), constants, connections.active());
        Map<String, Value> gradients = new Sweep(forward, connections, g).back(seeds(request, seed, types, g), request);
        return assembled(forward, request, kept, types, gradients, g);
    }

    /// Before anything is run: so that the answer names the operator even if the runtime does not know it, and
    /// because a Loop may never end on the inputs with which shapes are learned.
    private static void requireKnownOperators(Graph graph, GradientRequest request) {
        Map<String, ValueInfo> untyped = new HashMap<>();
        graph.valueNames().forEach(name -> untyped.put(name, ValueInfo.ofUnknownRank(name, ElementType.UNDEFINED)));
        Connections possible = new Connections(graph, untyped, request.withRespectTo(), request.of());
        for (Node node : graph.nodes()) {
            boolean opaque =
                    !node.domain().isEmpty() || node.subgraphs().findAny().isPresent();
            if (opaque && possible.isActive(node)) {
                throw new UnsupportedOperatorException(node, "", possible.pathTo(node));
            }
        }
    }

    private static void requireDifferentiable(List<String> names, Map<String, ValueInfo> types) {
        for (String name : names) {
            ValueInfo info = types.get(name);
            if (info == null) {
                throw new NotDifferentiableException(
                        name,
                        "the graph has no value '" + name + "'",
                        "name an input, an initializer or a node's output");
            }
            if (!info.type().isFloat()) {
                throw new NotDifferentiableException(
                        name,
                        "'" + name + "' is of type " + info.type() + ", which carries no gradient",
                        "differentiate values of a float type; for token ids take the embedding behind them");
            }
        }
    }

    private static Map<String, Value> seeds(
            GradientRequest request, Seed seed, Map<String, ValueInfo> types, GradientBuilder g) {
        Map<String, Value> seeds = new LinkedHashMap<>();
        for (String name : request.of()) {
            ValueInfo info = types.get(name);
            long[] shape = Typing.shape(info);
            switch (seed) {
                case INPUT -> seeds.put(name, g.input(info.withName(COTANGENT + name)));
                case ONE -> {
                    if (TensorData.elementCount(shape) != 1 || request.of().size() != 1) {
                        throw new NotDifferentiableException(
                                name,
                                "a gradient is of one number, but '" + info + "' is asked for",
                                "sum it up first, or give a cotangent (vjp)");
                    }
                    seeds.put(name, g.constant(TensorData.ofDoubles(info.type(), new double[] {1}, shape)));
                }
            }
        }
        return seeds;
    }

    private static Graph assembled(
            Graph forward,
            GradientRequest request,
            Kept kept,
            Map<String, ValueInfo> types,
            Map<String, Value> gradients,
            GradientBuilder g) {
        List<String> outputs = new ArrayList<>();
        if (kept == Kept.OUTPUTS) {
            forward.outputs().forEach(output -> outputs.add(output.name()));
        }
        g.withoutOutputs();
        outputs.forEach(name -> g.output(types.get(name)));
        for (String name : new LinkedHashSet<>(request.withRespectTo())) {
            Value x = new Value(name);
            Value gradient = gradients.containsKey(name) ? gradients.get(name) : g.zerosLike(x);
            g.output(request.gradientOf(name), gradient, types.get(name).type(), g.shapeOf(x));
            outputs.add(request.gradientOf(name));
        }
        return GraphTransforms.withoutIdentityOutputs(GraphTransforms.pruned(g.build(), outputs), forward.valueNames());
    }

    /// One walk over the nodes from the last to the first.
    private record Sweep(Graph forward, Connections connections, GradientBuilder g) {

        Map<String, Value> back(Map<String, Value> seeds, GradientRequest request) {
            Map<String, List<Value>> contributions = new HashMap<>();
            seeds.forEach((name, value) -> contributions
                    .computeIfAbsent(name, key -> new ArrayList<>())
                    .add(value));
            for (Node node : forward.nodes().reversed()) {
                if (connections.isActive(node)) {
                    visit(node, contributions);
                }
            }
            Map<String, Value> gradients = new LinkedHashMap<>();
            for (String name : request.withRespectTo()) {
                if (contributions.containsKey(name)) {
                    gradients.put(name, summed(contributions.get(name)));
                }
            }
            return gradients;
        }

        private void visit(Node node, Map<String, List<Value>> contributions) {
            List<Value> cotangents = new ArrayList<>();
            for (Value output : node.outputs()) {
                List<Value> parts = contributions.get(output.name());
                cotangents.add(parts == null ? Value.ABSENT : summed(parts));
            }
            if (cotangents.stream().noneMatch(Value::isPresent)) {
                return;
            }
            List<Value> results = apply(node, cotangents);
            for (int i = 0; i < results.size(); i++) {
                Value input = node.input(i);
                if (results.get(i).isPresent() && connections.active().contains(input.name())) {
                    contributions
                            .computeIfAbsent(input.name(), key -> new ArrayList<>())
                            .add(results.get(i));
                }
            }
        }

        private List<Value> apply(Node node, List<Value> cotangents) {
            Optional<Rule> rule = Rules.of(node);
            if (rule.isEmpty()) {
                throw new UnsupportedOperatorException(node, "", connections.pathTo(node));
            }
            try {
                return rule.get().apply(node, cotangents, g);
            } catch (UnsupportedFormException e) {
                throw new UnsupportedOperatorException(node, e.getMessage(), connections.pathTo(node));
            }
        }

        private Value summed(List<Value> parts) {
            Value sum = g.sum(List.copyOf(parts));
            parts.clear();
            parts.add(sum);
            return sum;
        }
    }
}
