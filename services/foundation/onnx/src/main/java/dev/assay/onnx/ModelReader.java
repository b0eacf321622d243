package dev.assay.onnx;

import com.google.protobuf.ByteString;
import dev.assay.onnx.proto.AttributeProto;
import dev.assay.onnx.proto.FunctionProto;
import dev.assay.onnx.proto.GraphProto;
import dev.assay.onnx.proto.ModelProto;
import dev.assay.onnx.proto.NodeProto;
import dev.assay.onnx.proto.OperatorSetIdProto;
import dev.assay.onnx.proto.TensorProto;
import dev.assay.onnx.proto.TensorShapeProto;
import dev.assay.onnx.proto.TypeProto;
import dev.assay.onnx.proto.ValueInfoProto;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.function.Function;

/// From protobuf messages to a checked {@link Graph}.
final class ModelReader {

    private static final String EXPORT_AGAIN = "export the model again; the file may be damaged";

    private final ExternalData external;

    ModelReader(ExternalData external) {
        this.external = external;
    }

    Graph read(ModelProto model) {
        Map<String, String> metadata = new LinkedHashMap<>();
        model.getMetadataPropsList().forEach(entry -> metadata.put(entry.getKey(), entry.getValue()));
        GraphProto graph = model.getGraph();
        Map<String, TensorData> initializers = initializers(graph);
        return Graph.of(
                graph.getName(),
                inputs(graph, initializers),
                map(graph.getOutputList(), this::info),
                map(graph.getNodeList(), this::node),
                initializers,
                valueInfos(graph),
                opsets(model.getOpsetImportList()),
                map(model.getFunctionsList(), this::function),
                metadata);
    }

    private Graph subgraph(GraphProto graph) {
        Map<String, TensorData> initializers = initializers(graph);
        return Graph.subgraph(
                graph.getName(),
                inputs(graph, initializers),
                map(graph.getOutputList(), this::info),
                map(graph.getNodeList(), this::node),
                initializers,
                valueInfos(graph),
                Map.of(),
                List.of(),
                Map.of());
    }

    /// Models of the first IR versions list their weights among the inputs too; here those are constants.
    private List<ValueInfo> inputs(GraphProto graph, Map<String, TensorData> initializers) {
        return graph.getInputList().stream()
                .filter(input -> !initializers.containsKey(input.getName()))
                .map(this::info)
                .toList();
    }

    private Map<String, TensorData> initializers(GraphProto graph) {
        if (graph.getSparseInitializerCount() > 0) {
            throw new MalformedModelException(
                    "the model has sparse initializers", "export the model with dense weights");
        }
        Map<String, TensorData> initializers = LinkedHashMap.newLinkedHashMap(graph.getInitializerCount());
        for (TensorProto tensor : graph.getInitializerList()) {
            if (initializers.put(tensor.getName(), tensor(tensor)) != null) {
                throw new MalformedModelException(
                        "the initializer '" + tensor.getName() + "' is defined twice",
                        "every value has one origin; rename one of the two");
            }
        }
        return initializers;
    }

    private Map<String, ValueInfo> valueInfos(GraphProto graph) {
        Map<String, ValueInfo> infos = LinkedHashMap.newLinkedHashMap(graph.getValueInfoCount());
        for (ValueInfoProto info : graph.getValueInfoList()) {
            if (info.getType().hasTensorType()) {
                infos.put(info.getName(), info(info));
            }
        }
        return infos;
    }

    private ValueInfo info(ValueInfoProto info) {
        TypeProto type = info.getType();
        if (type.getValueCase() == TypeProto.ValueCase.VALUE_NOT_SET) {
            return ValueInfo.ofUnknownRank(info.getName(), ElementType.UNDEFINED);
        }
        if (!type.hasTensorType()) {
            throw new MalformedModelException(
                    "the value '" + info.getName() + "' is not a tensor but a "
                            + type.getValueCase()
                                    .name()
                                    .toLowerCase(java.util.Locale.ROOT)
                                    .replace("_type", ""),
                    "export a model whose inputs and outputs are tensors (for scikit-learn: without ZipMap)");
        }
        ElementType element = ElementType.ofCode(type.getTensorType().getElemType());
        if (!type.getTensorType().hasShape()) {
            return ValueInfo.ofUnknownRank(info.getName(), element);
        }
        List<Dimension> dimensions = new ArrayList<>();
        for (TensorShapeProto.Dimension dimension :
                type.getTensorType().getShape().getDimList()) {
            dimensions.add(
                    switch (dimension.getValueCase()) {
                        // Some exporters write −1 (Keras) for a length that varies.
                        case DIM_VALUE ->
                            dimension.getDimValue() < 0 ? Dimension.unknown() : Dimension.of(dimension.getDimValue());
                        case DIM_PARAM ->
                            dimension.getDimParam().isEmpty()
                                    ? Dimension.unknown()
                                    : Dimension.named(dimension.getDimParam());
                        case VALUE_NOT_SET -> Dimension.unknown();
                    });
        }
        return new ValueInfo(info.getName(), element, dimensions);
    }

    private Node node(NodeProto node) {
        return new Node(
                node.getName(),
                node.getOpType(),
                node.getDomain(),
                node.getOverload(),
                values(node.getInputList()),
                values(node.getOutputList()),
                attributes(node.getAttributeList()));
    }

    private static List<Value> values(List<String> names) {
        return names.stream()
                .map(name -> name.isEmpty() ? Value.ABSENT : new Value(name))
                .toList();
    }

    private Map<String, Attribute> attributes(List<AttributeProto> protos) {
        Map<String, Attribute> attributes = LinkedHashMap.newLinkedHashMap(protos.size());
        for (AttributeProto proto : protos) {
            if (attributes.put(proto.getName(), attribute(proto)) != null) {
                throw new MalformedModelException(
                        "the attribute '" + proto.getName() + "' is given twice", EXPORT_AGAIN);
            }
        }
        return attributes;
    }

    private Attribute attribute(AttributeProto proto) {
        if (!proto.getRefAttrName().isEmpty()) {
            return new Attribute.Reference(
                    proto.getRefAttrName(), proto.getType().getNumber());
        }
        return switch (proto.getType()) {
            case FLOAT -> new Attribute.FloatValue(proto.getF());
            case INT -> new Attribute.IntValue(proto.getI());
            case STRING -> new Attribute.Text(text(proto.getName(), proto.getS()));
            case TENSOR -> new Attribute.Tensor(tensor(proto.getT()));
            case GRAPH -> new Attribute.Subgraph(subgraph(proto.getG()));
            case FLOATS -> new Attribute.Floats(proto.getFloatsList());
            case INTS -> new Attribute.Ints(proto.getIntsList());
            case STRINGS -> new Attribute.Texts(map(proto.getStringsList(), bytes -> text(proto.getName(), bytes)));
            case TENSORS -> new Attribute.Tensors(map(proto.getTensorsList(), this::tensor));
            case GRAPHS -> new Attribute.Subgraphs(map(proto.getGraphsList(), this::subgraph));
            case SPARSE_TENSOR, SPARSE_TENSORS, TYPE_PROTO, TYPE_PROTOS ->
                new Attribute.Opaque(proto.toByteString().asReadOnlyByteBuffer());
            case UNDEFINED -> untyped(proto);
        };
    }

    /// The first writers of ONNX left the type out; what is filled in tells it.
    private Attribute untyped(AttributeProto proto) {
        if (proto.hasF()) {
            return new Attribute.FloatValue(proto.getF());
        }
        if (proto.hasI()) {
            return new Attribute.IntValue(proto.getI());
        }
        if (proto.hasS()) {
            return new Attribute.Text(text(proto.getName(), proto.getS()));
        }
        if (proto.hasT()) {
            return new Attribute.Tensor(tensor(proto.getT()));
        }
        if (proto.getFloatsCount() > 0) {
            return new Attribute.Floats(proto.getFloatsList());
        }
        if (proto.getIntsCount() > 0) {
            return new Attribute.Ints(proto.getIntsList());
        }
        throw new MalformedModelException("the attribute '" + proto.getName() + "' has no value", EXPORT_AGAIN);
    }

    private static String text(String where, ByteString bytes) {
        try {
            return StandardCharsets.UTF_8
                    .newDecoder()
                    .decode(bytes.asReadOnlyByteBuffer())
                    .toString();
        } catch (CharacterCodingException e) {
            throw new MalformedModelException("", "the text of '" + where + "' is not UTF-8", EXPORT_AGAIN, e);
        }
    }

    private FunctionDefinition function(FunctionProto function) {
        return new FunctionDefinition(
                function.getDomain(),
                function.getName(),
                function.getOverload(),
                function.getInputList(),
                function.getOutputList(),
                function.getAttributeList(),
                attributes(function.getAttributeProtoList()),
                GraphCheck.topologicalOrder(map(function.getNodeList(), this::node)),
                opsets(function.getOpsetImportList()));
    }

    private static Map<String, Integer> opsets(List<OperatorSetIdProto> protos) {
        Map<String, Integer> opsets = new LinkedHashMap<>();
        for (OperatorSetIdProto proto : protos) {
            String domain = proto.getDomain().equals("ai.onnx") ? "" : proto.getDomain();
            opsets.put(domain, (int) Math.clamp(proto.getVersion(), 0, Integer.MAX_VALUE));
        }
        return opsets;
    }

    private TensorData tensor(TensorProto proto) {
        try {
            return readTensor(proto);
        } catch (MalformedModelException e) {
            String name = "tensor '" + proto.getName() + "'";
            String detail = Objects.requireNonNull(e.detail());
            throw detail.contains(name) ? e : new MalformedModelException("", name + ": " + detail, e.remedy(), e);
        }
    }

    private TensorData readTensor(TensorProto proto) {
        ElementType type = ElementType.ofCode(proto.getDataType());
        long[] dims = proto.getDimsList().stream().mapToLong(Long::longValue).toArray();
        if (proto.hasSegment()) {
            throw new MalformedModelException("it is stored in segments", "store it in one piece");
        }
        if (type == ElementType.STRING) {
            return TensorData.ofStrings(map(proto.getStringDataList(), bytes -> text(proto.getName(), bytes)), dims);
        }
        if (type == ElementType.UNDEFINED) {
            throw new MalformedModelException("it has no element type", EXPORT_AGAIN);
        }
        if (proto.getDataLocation() == TensorProto.DataLocation.EXTERNAL) {
            return TensorData.of(type, dims, external.read(proto, TensorData.byteSize(type, dims)));
        }
        if (proto.hasRawData()) {
            return TensorData.of(type, dims, proto.getRawData().asReadOnlyByteBuffer());
        }
        return TensorData.of(type, dims, typedElements(type, TensorData.elementCount(dims), proto));
    }

    /// Elements from the fields that are used instead of raw bytes, mostly for small constants.
    private static ByteBuffer typedElements(ElementType type, long count, TensorProto proto) {
        int available = switch (type) {
            case FLOAT -> proto.getFloatDataCount();
            case COMPLEX64 -> proto.getFloatDataCount() / 2;
            case DOUBLE -> proto.getDoubleDataCount();
            case COMPLEX128 -> proto.getDoubleDataCount() / 2;
            case INT64 -> proto.getInt64DataCount();
            case UINT32, UINT64 -> proto.getUint64DataCount();
            case UINT4, INT4, FLOAT4E2M1, UINT2, INT2 -> proto.getInt32DataCount() * (Byte.SIZE / type.bits());
            default -> proto.getInt32DataCount();
        };
        boolean packed = type.bits() < Byte.SIZE;
        if (packed ? available < count : available != count) {
            throw new MalformedModelException(
                    "its shape has " + count + " elements, but " + available + " are stored", EXPORT_AGAIN);
        }
        ByteBuffer bytes =
                ByteBuffer.allocate(Math.toIntExact(type.bytes(count))).order(ByteOrder.LITTLE_ENDIAN);
        switch (type) {
            case FLOAT, COMPLEX64 -> proto.getFloatDataList().forEach(bytes::putFloat);
            case DOUBLE, COMPLEX128 -> proto.getDoubleDataList().forEach(bytes::putDouble);
            case INT64 -> proto.getInt64DataList().forEach(bytes::putLong);
            case UINT64 -> proto.getUint64DataList().forEach(bytes::putLong);
            case UINT32 -> proto.getUint64DataList().forEach(value -> bytes.putInt((int) (long) value));
            case INT32 -> proto.getInt32DataList().forEach(bytes::putInt);
            case INT16, UINT16, FLOAT16, BFLOAT16 ->
                proto.getInt32DataList().forEach(value -> bytes.putShort((short) (int) value));
            default ->
                proto.getInt32DataList().stream()
                        .limit(bytes.capacity())
                        .forEach(value -> bytes.put((byte) (int) value));
        }
        return bytes.flip();
    }

    private static <A, B> List<B> map(List<A> list, Function<A, B> function) {
        return list.stream().map(function).toList();
    }
}
