package dev.assay.attack;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.assay.computation.ProblemException;
import dev.assay.computation.Progress;
import dev.assay.data.LabelledImages;
import dev.assay.onnx.Attribute;
import dev.assay.onnx.ElementType;
import dev.assay.onnx.Graph;
import dev.assay.onnx.GraphBuilder;
import dev.assay.onnx.TensorData;
import dev.assay.onnx.Value;
import dev.assay.perturbation.ClassifierGraph;
import dev.assay.perturbation.PgdSettings;
import dev.assay.perturbation.ThreatModel;
import dev.assay.runtime.Tensor;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class ClassifierTest {

    private static final LabelledImages IMAGES = Samples.images(1, 8);

    @Test
    void aModelThatFitsTellsItsInputsOutputsAndClasses() {
        ClassifierGraph graph = Classifier.fitting(Samples.model(1), IMAGES).graph();

        assertThat(graph.images()).isEqualTo("images");
        assertThat(graph.logits()).isEqualTo("logits");
        assertThat(graph.classes()).isEqualTo(3);
        assertThat(graph.imageSize()).isEqualTo(36);
        assertThat(graph.batch()).isEqualTo(ClassifierGraph.ANY_BATCH);
    }

    @Test
    void aModelForAnotherImageSizeIsRefusedNamingBoth() {
        ProblemException problem = refusal(linear(new long[] {-1, 3, 32, 32}));

        assertThat(problem.type()).isEqualTo("model-input-mismatch");
        assertThat(problem.detail()).contains("[3, 32, 32]").contains("[1, 6, 6]");
        assertThat(problem.remedy()).contains("data set");
    }

    @Test
    void aModelWithChannelsLastIsToldToPutThemFirst() {
        ProblemException problem = refusal(linear(new long[] {-1, 6, 6, 1}));

        assertThat(problem.type()).isEqualTo("model-input-mismatch");
        assertThat(problem.remedy()).contains("channels first");
    }

    @Test
    void aModelThatDoesNotTakeImagesIsRefused() {
        assertThat(refusal(linear(new long[] {-1, 36})).remedy()).contains("images");
        assertThat(refusal(linear(new long[] {-1, 36})).type()).isEqualTo("model-input-mismatch");

        GraphBuilder g = GraphBuilder.empty("bytes");
        Value bytes = g.input("bytes", ElementType.UINT8, -1, 1, 6, 6);
        Value flat = g.flatten(g.cast(bytes, ElementType.FLOAT), 1);
        ProblemException problem =
                refusal(g.output("logits", flat, ElementType.FLOAT, -1, 36).build());
        assertThat(problem.type()).isEqualTo("model-input-mismatch");
        assertThat(problem.detail()).contains("UINT8");
        assertThat(problem.remedy()).contains("float32 [N,C,H,W]");
    }

    @Test
    void aModelWithTwoInputsIsRefused() {
        GraphBuilder g = GraphBuilder.empty("two");
        Value images = g.input("images", ElementType.FLOAT, -1, 1, 6, 6);
        Value more = g.input("temperature", ElementType.FLOAT);
        Value logits = g.mul(g.flatten(images, 1), more);

        ProblemException problem =
                refusal(g.output("logits", logits, ElementType.FLOAT, -1, 36).build());

        assertThat(problem.type()).isEqualTo("model-input-mismatch");
        assertThat(problem.detail()).contains("2 inputs").contains("temperature");
    }

    @Test
    void aModelWithoutOneOutputOfLogitsIsRefused() {
        GraphBuilder g = GraphBuilder.empty("map");
        Value images = g.input("images", ElementType.FLOAT, -1, 1, 6, 6);
        Graph sameShape =
                g.output("map", g.relu(images), ElementType.FLOAT, -1, 1, 6, 6).build();
        assertThat(refusal(sameShape).type()).isEqualTo("model-output-mismatch");
        assertThat(refusal(sameShape).detail()).contains("[2, 1, 6, 6]");

        Graph twoOutputs = GraphBuilder.from(Samples.model(1))
                .output("again", new Value("logits"), ElementType.FLOAT, -1, 3)
                .build();
        assertThat(refusal(twoOutputs).type()).isEqualTo("model-output-mismatch");
        assertThat(refusal(twoOutputs).detail()).contains("logits").contains("again");
    }

    @Test
    void aLabelBeyondTheModelsClassesIsRefusedNamingTheImage() {
        try (LabelledImages images = Samples.images(1, 3, 0, 7, 1)) {
            ProblemException problem =
                    catchThrowableOfType(ProblemException.class, () -> Classifier.fitting(Samples.model(1), images));

            assertThat(problem.type()).isEqualTo("label-out-of-range");
            assertThat(problem.detail()).contains("image 1").contains("label 7").contains("3 classes (0 to 2)");
        }
    }

    @Test
    void weightsThatAreNoNumbersAreRefusedNamingTheTensor() {
        GraphBuilder g = GraphBuilder.empty("diverged");
        Value images = g.input("images", ElementType.FLOAT, -1, 1, 6, 6);
        float[] weight = new float[3 * 36];
        weight[17] = Float.NaN;
        Value w = g.initializer("fc.weight", TensorData.ofFloats(weight, 3, 36));
        Value b = g.initializer("fc.bias", TensorData.ofFloats(new float[3], 3));
        Value logits = g.linear(g.flatten(images, 1), w, b);

        ProblemException problem =
                refusal(g.output("logits", logits, ElementType.FLOAT, -1, 3).build());

        assertThat(problem.type()).isEqualTo("non-finite-weights");
        assertThat(problem.detail()).contains("fc.weight");
        assertThat(problem.remedy()).isNotEmpty();
    }

    @Test
    void logitsThatAreNoNumbersAreRefusedNamingTheImage() {
        GraphBuilder g = GraphBuilder.empty("logarithm");
        Value images = g.input("images", ElementType.FLOAT, -1, 1, 6, 6);
        // The logarithm of a negative number is not a number.
        Value logits = g.log(g.sub(g.flatten(images, 1), g.scalar(2)));
        Graph model = g.output("logits", logits, ElementType.FLOAT, -1, 36).build();

        ProblemException problem = catchThrowableOfType(
                ProblemException.class, () -> Samples.evaluation(model, IMAGES).cleanLogits(8, Progress.SILENT));

        assertThat(problem.type()).isEqualTo("non-finite-logits");
        assertThat(problem.detail()).contains("image ").contains("NaN");
    }

    @Test
    void anOperatorWithoutADerivativeIsRefusedNamingItAndTheWayToIt() {
        GraphBuilder g = GraphBuilder.empty("determinant");
        Value images = g.input("images", ElementType.FLOAT, -1, 1, 6, 6);
        Value determinant = g.node("Det", List.of(images), Map.of());
        Value logits = g.concat(1, List.of(determinant, g.neg(determinant)));
        Graph model = g.output("logits", logits, ElementType.FLOAT, -1, 2).build();
        LabelledImages binary = Samples.images(2, 4, 0, 1, 0, 1);
        RobustnessEvaluation evaluation = Samples.evaluation(model, binary);
        CleanLogits clean = evaluation.cleanLogits(4, Progress.SILENT);
        EvaluationSettings settings =
                new EvaluationSettings(List.of(ThreatModel.parse("linf:0.1")), PgdSettings.ofSteps(2), 4, 0.95, 0);

        ProblemException problem = catchThrowableOfType(
                ProblemException.class, () -> evaluation.evaluate(clean, settings, Progress.SILENT));

        assertThat(problem.type()).isEqualTo("unsupported-operator");
        assertThat(problem.detail()).contains("Det");
        assertThat(problem.remedy()).isNotEmpty();
    }

    @Test
    void imagesOutsideTheBoxAreRefusedNamingTheImage() {
        float[] pixels = new float[2 * 36];
        pixels[40] = 1.5f;
        try (LabelledImages images = LabelledImages.of(Tensor.ofFloats(pixels, 2, 1, 6, 6), new long[] {0, 1})) {
            ProblemException problem = catchThrowableOfType(
                    ProblemException.class,
                    () -> Samples.evaluation(Samples.model(1), images).cleanLogits(2, Progress.SILENT));

            assertThat(problem.type()).isEqualTo("image-out-of-range");
            assertThat(problem.detail()).contains("image 1").contains("1.5");
        }
    }

    @Test
    void aDataSetWithoutImagesIsRefused() {
        ProblemException problem = catchThrowableOfType(ProblemException.class, () -> Samples.images(1, 0));

        assertThat(problem.type()).isEqualTo("empty-data-set");
    }

    @Test
    void aModelThatInsistsOnABatchSizeGetsIt() {
        Graph model = linear(new long[] {5, 1, 6, 6});

        assertThat(Classifier.fitting(model, IMAGES).graph().batch()).isEqualTo(5);
        assertThat(Samples.evaluation(model, IMAGES)
                        .cleanLogits(8, Progress.SILENT)
                        .count())
                .isEqualTo(8);
    }

    private static ProblemException refusal(Graph model) {
        ProblemException problem =
                catchThrowableOfType(ProblemException.class, () -> Classifier.fitting(model, IMAGES));
        assertThat(problem).as("no refusal of " + model).isNotNull();
        return problem;
    }

    /// Three logits over whatever the input is.
    private static Graph linear(long[] shape) {
        GraphBuilder g = GraphBuilder.empty("linear");
        Value input = g.input("input", ElementType.FLOAT, shape);
        long size = 1;
        for (int i = 1; i < shape.length; i++) {
            size *= shape[i];
        }
        Value weight = g.initializer("w", TensorData.ofFloats(new float[(int) (3 * size)], 3, size));
        Value bias = g.initializer("b", TensorData.ofFloats(new float[] {1, 2, 3}, 3));
        Value flat = g.node("Flatten", List.of(input), Map.of("axis", Attribute.of(1L)));
        return g.output("logits", g.linear(flat, weight, bias), ElementType.FLOAT, shape[0], 3)
                .build();
    }
}
