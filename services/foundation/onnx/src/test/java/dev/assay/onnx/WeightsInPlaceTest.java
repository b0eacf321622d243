package dev.assay.onnx;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.assay.computation.ProblemException;
import dev.assay.onnx.proto.ModelProto;
import dev.assay.onnx.proto.TensorProto;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class WeightsInPlaceTest {

    private static final int COUNT = 5_000;

    @TempDir
    Path folder;

    @Test
    void weightsStayInTheFileHoweverTheyAreStored() throws IOException {
        byte[] raw = OnnxFile.toBytes(model());
        byte[] typed = withFloatData(raw).toByteArray();
        for (byte[] bytes : List.of(raw, typed)) {
            Path file = Files.write(folder.resolve("m.onnx"), bytes);

            Graph read = OnnxFile.read(file);

            assertThat(read.initializers().get("weights").bytes().isDirect())
                    .as("a view of the mapped file")
                    .isTrue();
            assertThat(read.initializers()).isEqualTo(model().initializers());
            assertThat(OnnxFile.read(ByteBuffer.wrap(bytes)).initializers()).isEqualTo(read.initializers());
            assertThat(WeightsInPlace.outline(ByteBuffer.wrap(bytes), "m.onnx").size())
                    .isLessThan(1000);
        }
    }

    @Test
    void whatDoesNotFitIntoMemoryIsRefusedBeforeItIsRead() {
        TensorProto inPieces = TensorProto.newBuilder()
                .setName("counts")
                .setDataType(ElementType.INT64.code())
                .addDims(COUNT)
                .addAllInt64Data(
                        IntStream.range(0, COUNT).mapToObj(i -> (long) i).toList())
                .build();
        ModelProto.Builder model = parsed(OnnxFile.toBytes(model()));
        model.getGraphBuilder().addInitializer(inPieces);
        ByteBuffer file = ByteBuffer.wrap(model.build().toByteArray());

        assertThat(WeightsInPlace.outline(file, "m.onnx", 20_000).size()).isGreaterThan(COUNT);
        assertThatThrownBy(() -> WeightsInPlace.outline(file, "m.onnx", 5_000))
                .isInstanceOfSatisfying(ProblemException.class, problem -> {
                    assertThat(problem.type()).isEqualTo("model-too-large");
                    assertThat(problem.subject()).contains("m.onnx");
                    assertThat(problem.remedy()).contains("raw data");
                });
    }

    @Test
    void aModelCannotReadBeyondItsOwnFile() throws IOException {
        ModelProto.Builder model = parsed(OnnxFile.toBytes(model()));
        TensorProto.Builder weights = model.getGraphBuilder().getInitializerBuilder(0);
        weights.clearRawData().setDataLocation(TensorProto.DataLocation.EXTERNAL);
        weights.addExternalDataBuilder().setKey("location").setValue(WeightsInPlace.LOCATION);
        weights.addExternalDataBuilder().setKey("offset").setValue("100");
        Path file = Files.write(folder.resolve("m.onnx"), model.build().toByteArray());

        assertThatThrownBy(() -> OnnxFile.read(file))
                .isInstanceOf(MalformedModelException.class)
                .hasMessageContaining("outside of the model's file");
    }

    @Test
    void aWeightThatIsTooShortForItsShapeIsStillNamed() throws IOException {
        ModelProto.Builder model = parsed(OnnxFile.toBytes(model()));
        model.getGraphBuilder().getInitializerBuilder(0).setDims(0, COUNT + 1);
        Path file = Files.write(folder.resolve("m.onnx"), model.build().toByteArray());

        assertThatThrownBy(() -> OnnxFile.read(file))
                .isInstanceOf(MalformedModelException.class)
                .hasMessageContaining("tensor 'weights'")
                .hasMessageContaining("needs 20004 bytes, but has 20000");
    }

    @Test
    void aFileCutOffAnywhereIsRefused() throws IOException {
        byte[] whole = OnnxFile.toBytes(model());
        for (int length = 1; length < whole.length; length += 101) {
            Path file = Files.write(folder.resolve("m.onnx"), java.util.Arrays.copyOf(whole, length));
            assertThatThrownBy(() -> OnnxFile.read(file)).isInstanceOf(MalformedModelException.class);
        }
    }

    private static Graph model() {
        float[] weights = new float[COUNT];
        for (int i = 0; i < COUNT; i++) {
            weights[i] = i / 7f;
        }
        GraphBuilder graph = GraphBuilder.empty("sum");
        Value input = graph.input(new ValueInfo("x", ElementType.FLOAT, List.of(Dimension.of(COUNT))));
        Value sum = graph.add(input, graph.initializer("weights", TensorData.ofFloats(weights, COUNT)));
        graph.output("y", sum, ElementType.FLOAT, COUNT);
        return graph.build();
    }

    private static ModelProto withFloatData(byte[] raw) {
        ModelProto.Builder model = parsed(raw);
        TensorProto.Builder weights = model.getGraphBuilder().getInitializerBuilder(0);
        weights.clearRawData();
        var values = model().initializers().get("weights").bytes().asFloatBuffer();
        for (int i = 0; i < COUNT; i++) {
            weights.addFloatData(values.get(i));
        }
        return model.build();
    }

    private static ModelProto.Builder parsed(byte[] bytes) {
        try {
            return ModelProto.parseFrom(bytes).toBuilder();
        } catch (IOException impossible) {
            throw new AssertionError(impossible);
        }
    }
}
