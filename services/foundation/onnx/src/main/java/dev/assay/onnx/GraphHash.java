package dev.assay.onnx;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/// Feeds a graph to SHA-256 in one canonical order. Every text and list is preceded by its length, so that no two
/// different graphs give the same stream.
final class GraphHash {

    private final MessageDigest digest;

    private GraphHash(MessageDigest digest) {
        this.digest = digest;
    }

    static String of(Graph graph) {
        try {
            GraphHash hash = new GraphHash(MessageDigest.getInstance("SHA-256"));
            hash.graph(graph);
            return HexFormat.of().formatHex(hash.digest.digest());
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every JDK has SHA-256", e);
        }
    }

    private void graph(Graph graph) {
        list(graph.inputs(), this::info);
        list(graph.outputs(), this::info);
        list(graph.nodes(), this::node);
        number(graph.initializers().size());
        graph.initializers().forEach((name, tensor) -> {
            text(name);
            tensor(tensor);
        });
        opsets(graph.opsets());
        list(graph.functions(), this::function);
    }

    private void function(FunctionDefinition function) {
        text(function.domain());
        text(function.name());
        text(function.overload());
        list(function.inputs(), this::text);
        list(function.outputs(), this::text);
        list(function.attributeNames(), this::text);
        attributes(function.attributeDefaults());
        list(function.nodes(), this::node);
        opsets(function.opsets());
    }

    private void info(ValueInfo info) {
        text(info.name());
        number(info.type().code());
        number(info.rank().ordinal());
        list(info.dimensions(), dimension -> text(dimension.toString()));
    }

    private void node(Node node) {
        text(node.operator());
        text(node.domain());
        text(node.overload());
        list(node.inputs(), value -> text(value.name()));
        list(node.outputs(), value -> text(value.name()));
        attributes(node.attributes());
    }

    private void attributes(Map<String, Attribute> attributes) {
        number(attributes.size());
        new TreeMap<>(attributes).forEach((name, attribute) -> {
            text(name);
            attribute(attribute);
        });
    }

    private void attribute(Attribute attribute) {
        switch (attribute) {
            case Attribute.FloatValue(float value) -> tagged(1, () -> number(Float.floatToRawIntBits(value)));
            case Attribute.IntValue(long value) -> tagged(2, () -> number(value));
            case Attribute.Text(String value) -> tagged(3, () -> text(value));
            case Attribute.Tensor(TensorData value) -> tagged(4, () -> tensor(value));
            case Attribute.Subgraph(Graph value) -> tagged(5, () -> graph(value));
            case Attribute.Floats(List<Float> values) ->
                tagged(6, () -> list(values, value -> number(Float.floatToRawIntBits(value))));
            case Attribute.Ints(List<Long> values) -> tagged(7, () -> list(values, this::number));
            case Attribute.Texts(List<String> values) -> tagged(8, () -> list(values, this::text));
            case Attribute.Tensors(List<TensorData> values) -> tagged(9, () -> list(values, this::tensor));
            case Attribute.Subgraphs(List<Graph> values) -> tagged(10, () -> list(values, this::graph));
            case Attribute.Reference(String name, int typeCode) ->
                tagged(11, () -> {
                    text(name);
                    number(typeCode);
                });
            case Attribute.Opaque(ByteBuffer message) ->
                tagged(12, () -> {
                    number(message.remaining());
                    digest.update(message.duplicate());
                });
        }
    }

    private void tensor(TensorData tensor) {
        number(tensor.type().code());
        number(tensor.rank());
        for (long length : tensor.dims()) {
            number(length);
        }
        list(tensor.strings(), this::text);
        digest.update(tensor.bytes());
    }

    private void opsets(Map<String, Integer> opsets) {
        number(opsets.size());
        new TreeMap<>(opsets).forEach((domain, version) -> {
            text(domain);
            number(version);
        });
    }

    private void tagged(int tag, Runnable content) {
        number(tag);
        content.run();
    }

    private <T> void list(List<T> values, java.util.function.Consumer<T> element) {
        number(values.size());
        values.forEach(element);
    }

    private void text(String text) {
        byte[] utf8 = text.getBytes(StandardCharsets.UTF_8);
        number(utf8.length);
        digest.update(utf8);
    }

    private void number(long value) {
        for (int shift = 0; shift < Long.SIZE; shift += Byte.SIZE) {
            digest.update((byte) (value >>> shift));
        }
    }
}
