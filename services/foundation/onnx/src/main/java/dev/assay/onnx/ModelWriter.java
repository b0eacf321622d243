package dev.assay.onnx;

import com.google.protobuf.ByteString;
import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.UnsafeByteOperations;
import dev.assay.onnx.proto.AttributeProto;
import dev.assay.onnx.proto.AttributeProto.AttributeType;
import dev.assay.onnx.proto.FunctionProto;
import dev.assay.onnx.proto.GraphProto;
import dev.assay.onnx.proto.ModelProto;
import dev.assay.onnx.proto.NodeProto;
import dev.assay.onnx.proto.OperatorSetIdProto;
import dev.assay.onnx.proto.StringStringEntryProto;
import dev.assay.onnx.proto.TensorProto;
import dev.assay.onnx.proto.TensorShapeProto;
import dev.assay.onnx.proto.TypeProto;
import dev.assay.onnx.proto.ValueInfoProto;
import java.nio.ByteBuffer;
import java.util.List;

/// From a {@link Graph} to protobuf messages.
final class ModelWriter {

    /// Where the elements of tensors go.
    sealed interface Elements permits Inside, ExternalData.Writer {
        void put(TensorData tensor, TensorProto.Builder into);
    }

    /// Into the model itself, as views.
    record Inside() implements Elements {
        @Override
        public void put(TensorData tensor, TensorProto.Builder into) {
            into.setRawData(UnsafeByteOperations.unsafeWrap(tensor.bytes()));
        }
    }

    private final Elements weights;
    private final Elements constants = new Inside();

    ModelWriter(Elements weights) {
        this.weights = weights;
    }

    ModelProto write(Graph graph) {
        ModelProto.Builder model = ModelProto.newBuilder()
                .setIrVersion(irVersion(graph.opset(), !graph.functions().isEmpty()))
                .setProducerName("assay")
                .setGraph(graph(graph, weights));
        graph.opsets().forEach((domain, version) -> model.addOpsetImport(opset(domain, version)));
        graph.functions().forEach(function -> model.addFunctions(function(function)));
        graph.metadata()
                .forEach((key, value) -> model.addMetadataProps(
                        StringStringEntryProto.newBuilder().setKey(key).setValue(value)));
        return model.build();
    }

    /// The IR version that came with each operator set; functions with overloads need 10.
    private static int irVersion(int opset, boolean functions) {
        int byOpset = opset <= 18 ? 8 : opset <= 20 ? 9 : opset <= 22 ? 10 : opset <= 24 ? 11 : opset == 25 ? 12 : 13;
        return functions ? Math.max(byOpset, 10) : byOpset;
    }

    private GraphProto graph(Graph graph, Elements elements) {
        GraphProto.Builder proto = GraphProto.newBuilder().setName(graph.name().isEmpty() ? "graph" : graph.name());
        graph.inputs().forEach(info -> proto.addInput(info(info)));
        graph.outputs().forEach(info -> proto.addOutput(info(info)));
        graph.nodes().forEach(node -> proto.addNode(node(node)));
        graph.initializers().forEach((name, tensor) -> proto.addInitializer(tensor(name, tensor, elements)));
        graph.valueInfos().values().forEach(info -> proto.addValueInfo(info(info)));
        return proto.build();
    }

    private static ValueInfoProto info(ValueInfo info) {
        ValueInfoProto.Builder proto = ValueInfoProto.newBuilder().setName(info.name());
        if (info.type() == ElementType.UNDEFINED) {
            return proto.build();
        }
        TypeProto.Tensor.Builder type =
                TypeProto.Tensor.newBuilder().setElemType(info.type().code());
        if (info.rank() == ValueInfo.Rank.KNOWN) {
            TensorShapeProto.Builder shape = TensorShapeProto.newBuilder();
            for (Dimension dimension : info.dimensions()) {
                switch (dimension) {
                    case Dimension.Fixed(long length) -> shape.addDimBuilder().setDimValue(length);
                    case Dimension.Symbolic(String name) ->
                        shape.addDimBuilder().setDimParam(name);
                    case Dimension.Unknown() -> shape.addDimBuilder();
                }
            }
            type.setShape(shape);
        }
        return proto.setType(TypeProto.newBuilder().setTensorType(type)).build();
    }

    private NodeProto node(Node node) {
        NodeProto.Builder proto = NodeProto.newBuilder().setOpType(node.operator());
        node.inputs().forEach(value -> proto.addInput(value.name()));
        node.outputs().forEach(value -> proto.addOutput(value.name()));
        node.attributes().forEach((name, attribute) -> proto.addAttribute(attribute(name, attribute)));
        if (!node.name().isEmpty()) {
            proto.setName(node.name());
        }
        if (!node.domain().isEmpty()) {
            proto.setDomain(node.domain());
        }
        if (!node.overload().isEmpty()) {
            proto.setOverload(node.overload());
        }
        return proto.build();
    }

    private AttributeProto attribute(String name, Attribute attribute) {
        AttributeProto.Builder proto = AttributeProto.newBuilder().setName(name);
        switch (attribute) {
            case Attribute.FloatValue(float value) ->
                proto.setType(AttributeType.FLOAT).setF(value);
            case Attribute.IntValue(long value) ->
                proto.setType(AttributeType.INT).setI(value);
            case Attribute.Text(String value) ->
                proto.setType(AttributeType.STRING).setS(ByteString.copyFromUtf8(value));
            case Attribute.Tensor(TensorData value) ->
                proto.setType(AttributeType.TENSOR).setT(tensor("", value, constants));
            case Attribute.Subgraph(Graph value) ->
                proto.setType(AttributeType.GRAPH).setG(graph(value, constants));
            case Attribute.Floats(List<Float> values) ->
                proto.setType(AttributeType.FLOATS).addAllFloats(values);
            case Attribute.Ints(List<Long> values) ->
                proto.setType(AttributeType.INTS).addAllInts(values);
            case Attribute.Texts(List<String> values) -> {
                proto.setType(AttributeType.STRINGS);
                values.forEach(value -> proto.addStrings(ByteString.copyFromUtf8(value)));
            }
            case Attribute.Tensors(List<TensorData> values) -> {
                proto.setType(AttributeType.TENSORS);
                values.forEach(value -> proto.addTensors(tensor("", value, constants)));
            }
            case Attribute.Subgraphs(List<Graph> values) -> {
                proto.setType(AttributeType.GRAPHS);
                values.forEach(value -> proto.addGraphs(graph(value, constants)));
            }
            case Attribute.Reference(String reference, int typeCode) ->
                proto.setRefAttrName(reference).setType(AttributeType.forNumber(typeCode));
            case Attribute.Opaque(ByteBuffer message) -> {
                try {
                    return AttributeProto.parseFrom(message.duplicate());
                } catch (InvalidProtocolBufferException e) {
                    throw new IllegalStateException("was encoded by the reader", e);
                }
            }
        }
        return proto.build();
    }

    private static TensorProto tensor(String name, TensorData tensor, Elements elements) {
        TensorProto.Builder proto =
                TensorProto.newBuilder().setDataType(tensor.type().code());
        for (long length : tensor.dims()) {
            proto.addDims(length);
        }
        if (!name.isEmpty()) {
            proto.setName(name);
        }
        if (tensor.type() == ElementType.STRING) {
            tensor.strings().forEach(text -> proto.addStringData(ByteString.copyFromUtf8(text)));
        } else {
            elements.put(tensor, proto);
        }
        return proto.build();
    }

    private FunctionProto function(FunctionDefinition function) {
        FunctionProto.Builder proto = FunctionProto.newBuilder()
                .setName(function.name())
                .setDomain(function.domain())
                .addAllInput(function.inputs())
                .addAllOutput(function.outputs())
                .addAllAttribute(function.attributeNames());
        if (!function.overload().isEmpty()) {
            proto.setOverload(function.overload());
        }
        function.attributeDefaults().forEach((name, value) -> proto.addAttributeProto(attribute(name, value)));
        function.nodes().forEach(node -> proto.addNode(node(node)));
        function.opsets().forEach((domain, version) -> proto.addOpsetImport(opset(domain, version)));
        return proto.build();
    }

    private static OperatorSetIdProto opset(String domain, int version) {
        return OperatorSetIdProto.newBuilder()
                .setDomain(domain)
                .setVersion(version)
                .build();
    }
}
