package dev.assay.training;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.assay.computation.ProblemException;
import dev.assay.data.ImageShape;
import dev.assay.onnx.Attribute;
import dev.assay.onnx.ElementType;
import dev.assay.onnx.Graph;
import dev.assay.onnx.GraphBuilder;
import dev.assay.onnx.TensorData;
import dev.assay.onnx.Value;
import java.util.List;
import java.util.Map;
import java.util.function.BiFunction;
import org.junit.jupiter.api.Test;

class TrainableModelTest {

    private static final TensorData WEIGHT = TensorData.ofFloats(new float[] {1, -1, 2, 0.5f, 0, 1, 3, 2}, 2, 4);

    @Test
    void aLinearClassifierIsTrainable() {
        TrainableModel model = TrainableModel.of(classifier(TrainableModelTest::linear));

        assertThat(model.images()).isEqualTo("x");
        assertThat(model.logits()).isEqualTo("y");
        assertThat(model.parameters()).containsExactly("w");
        assertThat(model.parameterCount()).isEqualTo(8);
        assertThat(model.declaredClasses()).hasValue(2);
    }

    @Test
    void aModelThatEndsInProbabilitiesIsRefused() {
        Graph graph = classifier((x, g) -> g.softmax(linear(x, g), 1));

        ProblemException problem = refusal(graph);

        assertThat(problem.type()).isEqualTo("unsupported-training");
        assertThat(problem.detail()).contains("probabilities", "Softmax");
        assertThat(problem.remedy()).contains("without the Softmax");
    }

    @Test
    void aModelWithoutWeightsHasNothingToTrain() {
        ProblemException problem = refusal(classifier((x, g) -> g.flatten(x, 1)));

        assertThat(problem.type()).isEqualTo("nothing-to-train");
    }

    @Test
    void weightsThatTheLogitsDoNotDependOnAreNotTrained() {
        GraphBuilder g = GraphBuilder.from(classifier(TrainableModelTest::linear));
        g.initializer("unused", WEIGHT);

        assertThat(TrainableModel.of(g.build()).parameters()).containsExactly("w");
    }

    @Test
    void weightsThatAreNoNumbersAreRefusedByName() {
        TensorData damaged = TensorData.ofFloats(new float[] {1, Float.NaN, 2, 3, 4, 5, 6, 7}, 2, 4);

        ProblemException problem = refusal(classifier((x, g) -> linear(x, g, damaged)));

        assertThat(problem.type()).isEqualTo("non-finite-weights");
        assertThat(problem.detail()).contains("'w'");
    }

    @Test
    void halfPrecisionWeightsAreRefusedByName() {
        TensorData half = TensorData.ofDoubles(ElementType.FLOAT16, new double[8], 2, 4);
        Graph graph = classifier((x, g) -> {
            Value w = g.cast(g.initializer("w", half), ElementType.FLOAT);
            return g.node("Gemm", List.of(g.flatten(x, 1), w), Map.of("transB", Attribute.of(1L)));
        });

        ProblemException problem = refusal(graph);

        assertThat(problem.type()).isEqualTo("unsupported-training");
        assertThat(problem.detail()).contains("'w'", "FLOAT16");
    }

    @Test
    void aFixedBatchIsRefusedWithTheCure() {
        GraphBuilder g = GraphBuilder.empty("fixed");
        Value x = g.input("x", ElementType.FLOAT, 3, 1, 2, 2);
        g.output("y", linear(x, g), ElementType.FLOAT, 3, 2);

        ProblemException problem = refusal(g.build());

        assertThat(problem.detail()).contains("exactly 3 images");
        assertThat(problem.remedy()).contains("dynamic_axes");
    }

    @Test
    void twoInputsAreRefused() {
        GraphBuilder g = GraphBuilder.empty("two-inputs");
        Value x = g.input("x", ElementType.FLOAT, -1, 1, 2, 2);
        Value z = g.input("z", ElementType.FLOAT, -1, 1, 2, 2);
        g.output("y", linear(g.add(x, z), g), ElementType.FLOAT, -1, 2);

        assertThat(refusal(g.build()).detail()).contains("inputs").contains("x").contains("z");
    }

    @Test
    void imagesOfAnotherSizeAreRefusedWithBothShapes() {
        TrainableModel model = TrainableModel.of(classifier(TrainableModelTest::linear));

        ProblemException problem =
                catchThrowableOfType(ProblemException.class, () -> model.requireFits("data", new ImageShape(3, 8, 8)));

        assertThat(problem.type()).isEqualTo("shape-mismatch");
        assertThat(problem.oneLine()).contains("data: ", "[N, 1, 2, 2]", "[3, 8, 8]");
    }

    private static ProblemException refusal(Graph graph) {
        return catchThrowableOfType(ProblemException.class, () -> TrainableModel.of(graph));
    }

    private static Graph classifier(BiFunction<Value, GraphBuilder, Value> body) {
        GraphBuilder g = GraphBuilder.empty("classifier");
        Value x = g.input("x", ElementType.FLOAT, -1, 1, 2, 2);
        g.output("y", body.apply(x, g), ElementType.FLOAT, -1, 2);
        return g.build();
    }

    private static Value linear(Value x, GraphBuilder g) {
        return linear(x, g, WEIGHT);
    }

    private static Value linear(Value x, GraphBuilder g, TensorData weight) {
        Value w = g.initializer("w", weight);
        return g.node("Gemm", List.of(g.flatten(x, 1), w), Map.of("transB", Attribute.of(1L)));
    }
}
