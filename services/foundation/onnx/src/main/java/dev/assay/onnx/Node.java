package dev.assay.onnx;

import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import java.util.stream.Stream;

/// One application of an operator.
///
/// @param name may be empty; only for people and error messages
/// @param domain empty for the standard operators
/// @param overload tells functions of the same name apart; almost always empty
/// @param attributes in the order of their names, so that a graph is always written the same way
/// @param inputs in the operator's order, {@link Value#ABSENT} where an optional one is left out
public record Node(
        String name,
        String operator,
        String domain,
        String overload,
        List<Value> inputs,
        List<Value> outputs,
        Map<String, Attribute> attributes) {

    public Node {
        Objects.requireNonNull(name, "name");
        Objects.requireNonNull(overload, "overload");
        inputs = List.copyOf(inputs);
        outputs = List.copyOf(outputs);
        attributes = Collections.unmodifiableMap(new TreeMap<>(attributes));
        domain = domain.equals("ai.onnx") ? "" : domain;
        if (operator.isEmpty()) {
            throw new MalformedModelException("a node without an operator", "export the model again");
        }
    }

    /// A node of a standard operator.
    public static Node of(String operator, List<Value> inputs, List<Value> outputs, Map<String, Attribute> attributes) {
        return new Node("", operator, "", "", inputs, outputs, attributes);
    }

    /// The input at `index`, or {@link Value#ABSENT}.
    public Value input(int index) {
        return index < inputs.size() ? inputs.get(index) : Value.ABSENT;
    }

    public boolean hasInput(int index) {
        return input(index).isPresent();
    }

    /// The output at `index`, or {@link Value#ABSENT}.
    public Value output(int index) {
        return index < outputs.size() ? outputs.get(index) : Value.ABSENT;
    }

    public boolean hasOutput(int index) {
        return output(index).isPresent();
    }

    public boolean has(String attribute) {
        return attributes.containsKey(attribute);
    }

    /// Whether this is a standard operator of one of these names.
    public boolean is(String... operators) {
        return domain.isEmpty() && List.of(operators).contains(operator);
    }

    /// The `axis` attribute, or what the operator takes when there is none. May be negative: counted from the
    /// end.
    public int axis(int whenAbsent) {
        return Math.toIntExact(integer("axis", whenAbsent));
    }

    public long integer(String attribute, long whenAbsent) {
        return switch (attributes.get(attribute)) {
            case null -> whenAbsent;
            case Attribute.IntValue(long value) -> value;
            case Attribute other -> throw wrongKind(attribute, other, "an integer");
        };
    }

    /// Whether an integer attribute that stands for a truth value is set.
    public boolean flag(String attribute) {
        return integer(attribute, 0) != 0;
    }

    public long[] integers(String attribute, long... whenAbsent) {
        return switch (attributes.get(attribute)) {
            case null -> whenAbsent;
            case Attribute.Ints ints -> ints.toArray();
            // Older writers stored a list of one as a single number.
            case Attribute.IntValue(long value) -> new long[] {value};
            case Attribute other -> throw wrongKind(attribute, other, "a list of integers");
        };
    }

    public float real(String attribute, float whenAbsent) {
        return switch (attributes.get(attribute)) {
            case null -> whenAbsent;
            case Attribute.FloatValue(float value) -> value;
            case Attribute.IntValue(long value) -> value;
            case Attribute other -> throw wrongKind(attribute, other, "a number");
        };
    }

    public String text(String attribute, String whenAbsent) {
        return switch (attributes.get(attribute)) {
            case null -> whenAbsent;
            case Attribute.Text(String value) -> value;
            case Attribute other -> throw wrongKind(attribute, other, "a text");
        };
    }

    /// The graphs among the attributes: the branches of If, the bodies of Loop and Scan.
    public Stream<Graph> subgraphs() {
        return attributes.values().stream().flatMap(attribute -> switch (attribute) {
            case Attribute.Subgraph(Graph graph) -> Stream.of(graph);
            case Attribute.Subgraphs(List<Graph> graphs) -> graphs.stream();
            default -> Stream.empty();
        });
    }

    public Node withInputs(List<Value> newInputs) {
        return new Node(name, operator, domain, overload, newInputs, outputs, attributes);
    }

    public Node withOutputs(List<Value> newOutputs) {
        return new Node(name, operator, domain, overload, inputs, newOutputs, attributes);
    }

    public Node withAttributes(Map<String, Attribute> newAttributes) {
        return new Node(name, operator, domain, overload, inputs, outputs, newAttributes);
    }

    /// The operator and where it stands, for messages: `Conv 'features.0' (→ conv1)`.
    public String describe() {
        return (domain.isEmpty() ? "" : domain + ".")
                + operator
                + (name.isEmpty() ? "" : " '" + name + "'")
                + (outputs.isEmpty() ? "" : " (→ " + outputs.getFirst() + ")");
    }

    private MalformedModelException wrongKind(String attribute, Attribute found, String expected) {
        return new MalformedModelException(
                "the attribute '" + attribute + "' of " + describe() + " is " + found, "it must be " + expected);
    }
}
