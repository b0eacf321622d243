package dev.assay.onnx;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.protobuf.ByteString;
import dev.assay.onnx.proto.AttributeProto;
import dev.assay.onnx.proto.GraphProto;
import dev.assay.onnx.proto.ModelProto;
import dev.assay.onnx.proto.NodeProto;
import dev.assay.onnx.proto.OperatorSetIdProto;
import dev.assay.onnx.proto.StringStringEntryProto;
import dev.assay.onnx.proto.TensorProto;
import dev.assay.onnx.proto.TypeProto;
import dev.assay.onnx.proto.ValueInfoProto;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// What is no model, or a dishonest one, is refused with a sentence that says what and where, and a remedy.
class HostileModelTest {

    @TempDir
    Path folder;

    @Test
    void anEmptyFileIsRefusedByName() throws IOException {
        Path file = Files.createFile(folder.resolve("empty.onnx"));
        assertThatThrownBy(() -> OnnxFile.read(file)).isInstanceOfSatisfying(MalformedModelException.class, problem -> {
            assertThat(problem.subject()).contains("empty.onnx");
            assertThat(problem.detail()).contains("empty");
            assertThat(problem.remedy()).isNotEmpty();
        });
    }

    @Test
    void otherFilesAreRefused() {
        assertRefused("PK is a zip, not a model".getBytes(), "not an ONNX model");
        byte[] noise = new byte[4096];
        new Random(7).nextBytes(noise);
        assertThatThrownBy(() -> OnnxFile.read(ByteBuffer.wrap(noise))).isInstanceOf(MalformedModelException.class);
    }

    @Test
    void aModelCutOffAnywhereIsRefusedOrSmallerButNeverCrashes() {
        byte[] whole = OnnxFile.toBytes(network());
        for (int length = 1; length < whole.length; length += 7) {
            byte[] cut = Arrays.copyOf(whole, length);
            assertThatThrownBy(() -> OnnxFile.read(ByteBuffer.wrap(cut))).isInstanceOf(MalformedModelException.class);
        }
    }

    @Test
    void flippedBytesNeverEscapeAsOtherErrors() {
        byte[] whole = OnnxFile.toBytes(network());
        Random random = new Random(3);
        for (int round = 0; round < 500; round++) {
            byte[] damaged = whole.clone();
            damaged[random.nextInt(damaged.length)] ^= (byte) (1 << random.nextInt(8));
            try {
                OnnxFile.read(ByteBuffer.wrap(damaged));
            } catch (MalformedModelException expected) {
                assertThat(expected.remedy()).isNotEmpty();
            }
        }
    }

    @Test
    void aShapeThatPromisesMoreThanThereIsIsRefusedBeforeAllocation() {
        TensorProto tensor = TensorProto.newBuilder()
                .setName("w")
                .setDataType(1)
                .addDims(1L << 40)
                .addDims(1L << 40)
                .setRawData(ByteString.copyFrom(new byte[4]))
                .build();
        assertRefused(model(GraphProto.newBuilder().addInitializer(tensor)), "'w'");
        TensorProto large = tensor.toBuilder().clearDims().addDims(1L << 50).build();
        assertRefused(model(GraphProto.newBuilder().addInitializer(large)), "needs");
        TensorProto negative = tensor.toBuilder().clearDims().addDims(-1).build();
        assertRefused(model(GraphProto.newBuilder().addInitializer(negative)), "'w'");
        TensorProto typed = large.toBuilder().clearRawData().addFloatData(1).build();
        assertRefused(model(GraphProto.newBuilder().addInitializer(typed)), "elements");
    }

    @Test
    void anUnknownElementTypeIsRefused() {
        TensorProto tensor =
                TensorProto.newBuilder().setName("w").setDataType(99).build();
        assertRefused(model(GraphProto.newBuilder().addInitializer(tensor)), "element type 99");
    }

    @Test
    void aValueWithTwoOriginsIsRefused() {
        assertRefused(
                model(GraphProto.newBuilder()
                        .addInput(input("x"))
                        .addNode(node("Relu", "x", "y"))
                        .addNode(node("Neg", "x", "y"))),
                "'y' is defined twice");
    }

    @Test
    void aUseWithoutAnOriginIsRefused() {
        assertRefused(
                model(GraphProto.newBuilder().addInput(input("x")).addNode(node("Relu", "z", "y"))), "'z' of Relu");
    }

    @Test
    void anOutputThatNothingComputesIsRefused() {
        assertRefused(
                model(GraphProto.newBuilder().addInput(input("x")).addOutput(input("y"))),
                "'y' is computed by no node");
    }

    @Test
    void aCircleIsRefused() {
        assertRefused(
                model(GraphProto.newBuilder().addNode(node("Relu", "a", "b")).addNode(node("Neg", "b", "a"))),
                "circle");
    }

    @Test
    void nodesOutOfOrderAreSorted() {
        Graph graph = OnnxFile.read(ByteBuffer.wrap(model(GraphProto.newBuilder()
                .addInput(input("x"))
                .addNode(node("Neg", "b", "c"))
                .addNode(node("Relu", "x", "b"))
                .addOutput(input("c")))));
        assertThat(graph.nodes()).extracting(Node::operator).containsExactly("Relu", "Neg");
    }

    @Test
    void millionsOfEmptyNodesAreRefusedBeforeTheyAreBuilt() {
        byte[] nodes = new byte[12_000_000];
        for (int i = 0; i < nodes.length; i += 2) {
            nodes[i] = 0x0A; // field 1 of GraphProto, a message of no bytes
        }
        byte[] graph = GraphProto.getDefaultInstance().toByteArray();
        ByteBuffer file = ByteBuffer.allocate(nodes.length + graph.length + 16);
        file.put((byte) 0x3A); // field 7 of ModelProto: the graph
        int length = nodes.length;
        while (length > 0x7F) {
            file.put((byte) (length & 0x7F | 0x80));
            length >>>= 7;
        }
        file.put((byte) length).put(nodes).flip();
        assertThatThrownBy(() -> OnnxFile.read(file))
                .isInstanceOf(MalformedModelException.class)
                .hasMessageContaining("more than");
    }

    @Test
    void graphsNestedWithoutEndAreRefused() {
        GraphProto.Builder graph = GraphProto.newBuilder();
        for (int depth = 0; depth < 60; depth++) {
            AttributeProto body = AttributeProto.newBuilder()
                    .setName("then_branch")
                    .setType(AttributeProto.AttributeType.GRAPH)
                    .setG(graph)
                    .build();
            graph = GraphProto.newBuilder()
                    .addNode(NodeProto.newBuilder().setOpType("If").addAttribute(body));
        }
        GraphProto.Builder nested = graph;
        assertThatThrownBy(() -> OnnxFile.read(ByteBuffer.wrap(model(nested))))
                .isInstanceOf(MalformedModelException.class);
    }

    @ParameterizedTest
    @ValueSource(strings = {"/etc/passwd", "../secret", "sub/../../secret", "link", "absent", ""})
    void externalDataOutsideOfTheFolderIsRefused(String location) throws IOException {
        Path models = Files.createDirectory(folder.resolve("models"));
        Files.write(folder.resolve("secret"), new byte[64]);
        Files.createSymbolicLink(models.resolve("link"), folder.resolve("secret"));
        Path file = models.resolve("m.onnx");
        Files.write(file, model(GraphProto.newBuilder().addInitializer(external(location, 0, 16))));
        assertThatThrownBy(() -> OnnxFile.read(file))
                .isInstanceOf(MalformedModelException.class)
                .hasMessageContaining("'w'");
    }

    @Test
    void externalDataBeyondItsFileIsRefused() throws IOException {
        Files.write(folder.resolve("data"), new byte[32]);
        Path file = folder.resolve("m.onnx");
        for (TensorProto tensor : Arrays.asList(
                external("data", 20, 16),
                external("data", -4, 16),
                external("data", Long.MAX_VALUE, 16),
                external("data", 0, 8))) {
            Files.write(file, model(GraphProto.newBuilder().addInitializer(tensor)));
            assertThatThrownBy(() -> OnnxFile.read(file)).isInstanceOf(MalformedModelException.class);
        }
        Files.write(file, model(GraphProto.newBuilder().addInitializer(external("data", 16, 16))));
        assertThat(OnnxFile.read(file).initializers()).containsKey("w");
    }

    @Test
    void externalDataOfAModelInMemoryIsRefused() {
        assertRefused(model(GraphProto.newBuilder().addInitializer(external("data", 0, 16))), "another file");
    }

    @Test
    void aSequenceAsOutputIsRefusedWithAHint() {
        ValueInfoProto sequence = ValueInfoProto.newBuilder()
                .setName("probabilities")
                .setType(TypeProto.newBuilder().setSequenceType(TypeProto.Sequence.newBuilder()))
                .build();
        assertRefused(model(GraphProto.newBuilder().addOutput(sequence)), "is not a tensor but a sequence");
    }

    @Test
    void weightsThatAreNotNumbersAreRefusedByName() {
        GraphBuilder g = GraphBuilder.empty("diverged");
        g.initializer("fine", TensorData.ofFloats(new float[] {1, 2}, 2));
        g.initializer("layer.weight", TensorData.ofFloats(new float[] {1, Float.NaN}, 2));
        assertThatThrownBy(g.build()::requireFiniteInitializers)
                .hasMessageContaining("'layer.weight'")
                .hasMessageContaining("element 1");
        GraphBuilder masked = GraphBuilder.empty("masked");
        masked.initializer("mask", TensorData.ofFloats(new float[] {0, Float.NEGATIVE_INFINITY}, 2));
        assertThat(masked.build().requireFiniteInitializers()).isNotNull();
    }

    private static void assertRefused(byte[] file, String sentence) {
        assertThatThrownBy(() -> OnnxFile.read(ByteBuffer.wrap(file)))
                .isInstanceOf(MalformedModelException.class)
                .hasMessageContaining(sentence);
    }

    private static TensorProto external(String location, long offset, long length) {
        return TensorProto.newBuilder()
                .setName("w")
                .setDataType(1)
                .addDims(4)
                .setDataLocation(TensorProto.DataLocation.EXTERNAL)
                .addExternalData(entry("location", location))
                .addExternalData(entry("offset", Long.toString(offset)))
                .addExternalData(entry("length", Long.toString(length)))
                .build();
    }

    private static StringStringEntryProto entry(String key, String value) {
        return StringStringEntryProto.newBuilder().setKey(key).setValue(value).build();
    }

    private static ValueInfoProto input(String name) {
        return ValueInfoProto.newBuilder()
                .setName(name)
                .setType(TypeProto.newBuilder()
                        .setTensorType(TypeProto.Tensor.newBuilder().setElemType(1)))
                .build();
    }

    private static NodeProto node(String operator, String input, String output) {
        return NodeProto.newBuilder()
                .setOpType(operator)
                .addInput(input)
                .addOutput(output)
                .build();
    }

    private static byte[] model(GraphProto.Builder graph) {
        return ModelProto.newBuilder()
                .setIrVersion(8)
                .addOpsetImport(OperatorSetIdProto.newBuilder().setVersion(17))
                .setGraph(graph)
                .build()
                .toByteArray();
    }

    private static Graph network() {
        GraphBuilder g = GraphBuilder.empty("network");
        Value x = g.input("x", ElementType.FLOAT, -1, 8);
        Value w = g.initializer("w", TensorData.ofFloats(new float[64], 8, 8));
        return g.output("y", g.relu(g.matMul(x, w)), ElementType.FLOAT, -1, 8).build();
    }
}
