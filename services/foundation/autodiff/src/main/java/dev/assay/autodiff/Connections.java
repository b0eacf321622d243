package dev.assay.autodiff;

import dev.assay.autodiff.rules.Rules;
import dev.assay.onnx.ElementType;
import dev.assay.onnx.Graph;
import dev.assay.onnx.Node;
import dev.assay.onnx.Value;
import dev.assay.onnx.ValueInfo;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/// Which values lie on a differentiable way from the sources (with respect to what) to the targets (of what):
/// those reached from a source and leading to a target, over floats and operators that have a derivative.
final class Connections {

    private final Graph graph;
    private final Map<String, ValueInfo> types;
    private final Set<String> sources;
    private final Map<String, Node> reachedBy = new HashMap<>();
    private final Map<String, String> reachedFrom = new HashMap<>();
    private final Set<String> reached = new HashSet<>();
    private final Set<String> leading = new HashSet<>();
    private final Set<String> active = new LinkedHashSet<>();

    Connections(Graph graph, Map<String, ValueInfo> types, List<String> sources, List<String> targets) {
        this.graph = graph;
        this.types = types;
        this.sources = new LinkedHashSet<>(sources);
        reached.addAll(sources);
        graph.nodes().forEach(this::reach);
        leading.addAll(targets);
        graph.nodes().reversed().forEach(this::lead);
        reached.stream().filter(leading::contains).sorted().forEach(active::add);
    }

    private void reach(Node node) {
        if (Rules.endsGradients(node)) {
            return;
        }
        Optional<String> from = uses(node).stream().filter(reached::contains).findFirst();
        if (from.isEmpty()) {
            return;
        }
        for (Value output : node.outputs()) {
            if (output.isPresent() && carries(output.name(), node)) {
                reached.add(output.name());
                reachedBy.putIfAbsent(output.name(), node);
                reachedFrom.putIfAbsent(output.name(), from.get());
            }
        }
    }

    private void lead(Node node) {
        if (Rules.endsGradients(node)) {
            return;
        }
        boolean leads = node.outputs().stream()
                .anyMatch(output ->
                        output.isPresent() && leading.contains(output.name()) && carries(output.name(), node));
        if (leads) {
            leading.addAll(uses(node));
        }
    }

    /// Quantised integers carry a gradient on, straight through, to whatever dequantises them.
    private boolean carries(String value, Node producer) {
        return isFloat(value) || producer.is("QuantizeLinear");
    }

    private boolean isFloat(String value) {
        ValueInfo info = types.get(value);
        return info != null && (info.type().isFloat() || info.type() == ElementType.UNDEFINED);
    }

    /// What a node reads, captured values of its bodies included.
    private static Set<String> uses(Node node) {
        Set<String> uses = new LinkedHashSet<>();
        node.inputs().stream().filter(Value::isPresent).forEach(value -> uses.add(value.name()));
        node.subgraphs().forEach(body -> uses.addAll(captured(body)));
        return uses;
    }

    private static Set<String> captured(Graph body) {
        Set<String> names = new LinkedHashSet<>();
        body.nodes().forEach(node -> names.addAll(uses(node)));
        body.outputs().forEach(output -> names.add(output.name()));
        body.inputs().forEach(input -> names.remove(input.name()));
        names.removeAll(body.initializers().keySet());
        body.nodes().forEach(node -> node.outputs().forEach(output -> names.remove(output.name())));
        return names;
    }

    Set<String> active() {
        return active;
    }

    /// Whether the node passes a gradient on.
    boolean isActive(Node node) {
        return !Rules.endsGradients(node)
                && node.outputs().stream().anyMatch(output -> active.contains(output.name()))
                && uses(node).stream().anyMatch(active::contains);
    }

    /// Descriptions of the nodes from a source to this node.
    List<String> pathTo(Node node) {
        List<String> path = new ArrayList<>(List.of(node.describe()));
        String value = uses(node).stream().filter(active::contains).findFirst().orElse("");
        while (!sources.contains(value) && reachedBy.containsKey(value)) {
            path.add(reachedBy.get(value).describe());
            value = reachedFrom.get(value);
        }
        path.add("'" + value + "'");
        return path.reversed();
    }

    /// @throws NotDifferentiableException if no source is connected to a target, saying where the way ends
    void requireAny(List<String> targets) {
        if (sources.stream().anyMatch(active::contains)) {
            return;
        }
        for (Node node : graph.nodes()) {
            boolean reads = uses(node).stream().anyMatch(reached::contains);
            boolean passes = node.outputs().stream().anyMatch(output -> reached.contains(output.name()));
            if (reads && !passes) {
                throw new NotDifferentiableException(
                        String.join(", ", sources),
                        "no differentiable way leads from '" + String.join("', '", sources) + "' to '"
                                + String.join("', '", targets) + "': it ends at " + node.describe()
                                + ", whose result carries no gradient",
                        "differentiate with respect to a value behind that node, or of one before it");
            }
        }
        throw new NotDifferentiableException(
                String.join(", ", sources),
                "'" + String.join("', '", targets) + "' does not depend on '" + String.join("', '", sources) + "'",
                "differentiate with respect to a value that the result is computed from");
    }
}
