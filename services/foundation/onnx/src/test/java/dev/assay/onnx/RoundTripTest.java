package dev.assay.onnx;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class RoundTripTest {

    @TempDir
    Path folder;

    @Test
    void everyFixtureModelIsTheSameAfterWritingAndReading() throws IOException {
        List<Path> files = FixtureModels.all();
        assertThat(files).hasSizeGreaterThan(500);
        for (Path file : files) {
            Graph graph = OnnxFile.read(file);
            Graph again = OnnxFile.read(ByteBuffer.wrap(OnnxFile.toBytes(graph)));
            assertThat(again).as(file.toString()).isEqualTo(graph);
            assertThat(again.hash()).as(file.toString()).isEqualTo(graph.hash());
            assertThat(again.metadata()).isEqualTo(graph.metadata());
        }
    }

    @Test
    void writingIsReproducible() throws IOException {
        Graph graph = smallNetwork();
        assertThat(OnnxFile.toBytes(graph)).isEqualTo(OnnxFile.toBytes(smallNetwork()));
    }

    @Test
    void weightsMoveToASideFileAndBack() throws IOException {
        Graph graph = smallNetwork();
        Path file = folder.resolve("model.onnx");
        OnnxFile.writeWithExternalData(graph, file);

        assertThat(Files.size(folder.resolve("model.onnx.data"))).isGreaterThanOrEqualTo(4 * 2048);
        assertThat(Files.size(file)).isLessThan(2048);
        assertThat(OnnxFile.read(file)).isEqualTo(graph);
        try (var left = Files.list(folder)) {
            assertThat(left).hasSize(2);
        }
    }

    @Test
    void bodiesFunctionsAndEveryKindOfAttributeSurvive() {
        GraphBuilder g = GraphBuilder.empty("outer");
        Value x = g.input("x", ElementType.FLOAT, -1, 3);
        Value condition = g.input("condition", ElementType.BOOL);
        GraphBuilder then = GraphBuilder.body("then", g);
        Graph thenBody =
                then.output("doubled", then.add(x, x), ElementType.FLOAT, -1, 3).buildBody();
        GraphBuilder otherwise = GraphBuilder.body("otherwise", g);
        Graph otherwiseBody = otherwise
                .output("same", otherwise.identity(x), ElementType.FLOAT, -1, 3)
                .buildBody();
        Value y = g.node(
                "If",
                List.of(condition),
                Map.of("then_branch", Attribute.of(thenBody), "else_branch", Attribute.of(otherwiseBody)));
        g.add(new Node(
                "named",
                "Strange",
                "custom.domain",
                "overload",
                List.of(y, Value.ABSENT, x),
                List.of(g.named("z"), Value.ABSENT, g.named("w")),
                Map.of(
                        "f",
                        Attribute.of(1.5f),
                        "i",
                        Attribute.of(-7L),
                        "s",
                        Attribute.of("text"),
                        "t",
                        Attribute.of(TensorData.ofStrings(List.of("a", "ü"), 2)),
                        "fs",
                        new Attribute.Floats(List.of(1f, Float.NaN)),
                        "is",
                        Attribute.of(1, 2, 3),
                        "ss",
                        new Attribute.Texts(List.of("p", "q")),
                        "ts",
                        new Attribute.Tensors(List.of(TensorData.ofLongVector(4, 5))),
                        "gs",
                        new Attribute.Subgraphs(List.of(thenBody)))));
        Graph graph = g.output(ValueInfo.ofUnknownRank("z", ElementType.FLOAT)).build();

        Graph again = OnnxFile.read(ByteBuffer.wrap(OnnxFile.toBytes(graph)));

        assertThat(again).isEqualTo(graph);
        assertThat(again.hash()).isEqualTo(graph.hash());
        assertThat(again.nodes().get(1).attributes().get("s")).isEqualTo(new Attribute.Text("text"));
    }

    private static Graph smallNetwork() {
        GraphBuilder g = GraphBuilder.empty("small");
        Value x = g.input("x", ElementType.FLOAT, -1, 64);
        float[] weight = new float[64 * 32];
        for (int i = 0; i < weight.length; i++) {
            weight[i] = i * 0.001f;
        }
        Value w = g.initializer("w", TensorData.ofFloats(weight, 64, 32));
        Value b = g.initializer("b", TensorData.ofFloats(new float[32], 32));
        return g.output("y", g.relu(g.gemm(x, w, b)), ElementType.FLOAT, -1, 32).build();
    }
}
