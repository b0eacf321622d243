package dev.assay.training;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.assay.computation.CancelledException;
import dev.assay.computation.ProblemException;
import dev.assay.computation.Progress;
import dev.assay.data.LabelledImages;
import dev.assay.onnx.Attribute;
import dev.assay.onnx.ElementType;
import dev.assay.onnx.Graph;
import dev.assay.onnx.GraphBuilder;
import dev.assay.onnx.TensorData;
import dev.assay.onnx.Value;
import dev.assay.runtime.Tensor;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

/// What is wrong is told exactly, and before the first step where it can be known then.
class TrainerRefusalTest {

    private static final TrainingOptions OPTIONS =
            TrainingOptions.defaults().withBatchSize(8).withEpochs(2).withThreads(1);

    @Test
    void aTooLargeRateIsToldWithEpochStepRateAndCure() {
        try (LabelledImages data = Samples.brightAndDark(64, 1, 8)) {
            // With decay 1 a step multiplies each weight by 1 − 100 at least, so that it must overflow.
            TrainingOptions wild = OPTIONS.withEpochs(10)
                    .withRate(new TwoPhaseRate(100, 0.1, 0.9, 1))
                    .withWeightDecay(1);

            ProblemException problem = refusal(
                    Trainer.untrained(Architecture.CNN_SMALL, TrainingData.of(data), 0), TrainingData.of(data), wild);

            assertThat(problem.type()).isEqualTo("diverged");
            assertThat(problem.subject()).hasValue("large_rate");
            assertThat(problem.detail()).contains("epoch", "step", "large-step phase", "rate 100.0");
            assertThat(problem.remedy()).contains("lower large_rate");
        }
    }

    @Test
    void aLabelThatTheModelDoesNotKnowIsToldWithItsSample() {
        try (LabelledImages two = Samples.exclusiveOr(16);
                LabelledImages three = threeClasses()) {
            Graph forTwo = Trainer.untrained(Architecture.MLP, TrainingData.of(two), 0);

            ProblemException problem = refusal(forTwo, TrainingData.of(two, three), OPTIONS);

            assertThat(problem.type()).isEqualTo("label-out-of-range");
            assertThat(problem.oneLine())
                    .contains("test_data: sample 2 has label 2")
                    .contains("2 classes");
        }
    }

    @Test
    void testImagesOfAnotherShapeAreToldWithBothShapes() {
        try (LabelledImages train = Samples.exclusiveOr(16);
                LabelledImages test = Samples.brightAndDark(4, 3, 8)) {
            ProblemException problem = refusal(
                    Trainer.untrained(Architecture.MLP, TrainingData.of(train), 0),
                    TrainingData.of(train, test),
                    OPTIONS);

            assertThat(problem.type()).isEqualTo("shape-mismatch");
            assertThat(problem.oneLine()).contains("test_data", "[1, 1, 2]", "[3, 8, 8]");
        }
    }

    @Test
    void anOperatorWithoutADerivativeIsToldByNameBeforeTheFirstStep() {
        GraphBuilder g = GraphBuilder.empty("strange");
        Value x = g.input("images", ElementType.FLOAT, -1, 1, 1, 2);
        Value w = g.initializer("w", TensorData.ofFloats(new float[] {1, 2, 3, 4}, 2, 2));
        Value hidden = g.matMul(g.flatten(x, 1), w);
        Value hashed = g.node("Det", g.unsqueeze(g.matMul(g.transpose(hidden, 1, 0), hidden), 0));
        g.output("logits", g.add(hidden, hashed), ElementType.FLOAT, -1, 2);
        try (LabelledImages data = Samples.exclusiveOr(16)) {
            ProblemException problem = refusal(g.build(), TrainingData.of(data), OPTIONS);

            assertThat(problem.type()).isEqualTo("unsupported-operator");
            assertThat(problem.detail()).contains("Det");
        }
    }

    @Test
    void logitsThatDoNotDependOnTheImagesAreRefused() {
        GraphBuilder g = GraphBuilder.empty("deaf");
        g.input("images", ElementType.FLOAT, -1, 1, 1, 2);
        Value w = g.initializer("w", TensorData.ofFloats(new float[] {1, 2, 3, 4}, 2, 2));
        g.output("logits", g.node("MatMul", List.of(w, w), Map.<String, Attribute>of()), ElementType.FLOAT, 2, 2);
        try (LabelledImages data = Samples.exclusiveOr(16)) {
            assertThat(refusal(g.build(), TrainingData.of(data), OPTIONS).detail())
                    .contains("does not depend on the input 'images'");
        }
    }

    @Test
    void aCancelledTrainingStopsAtTheNextStep() {
        AtomicInteger steps = new AtomicInteger();
        Progress impatient = new Progress() {
            @Override
            public void report(String phase, long done, long total, Map<String, Double> metrics) {}

            @Override
            public void checkCancelled() {
                if (steps.incrementAndGet() == 3) {
                    throw new CancelledException("enough");
                }
            }
        };
        try (LabelledImages data = Samples.exclusiveOr(64)) {
            TrainingData training = TrainingData.of(data);
            Graph untrained = Trainer.untrained(Architecture.MLP, training, 0);

            assertThatThrownBy(() -> Trainer.train(untrained, training, OPTIONS, impatient))
                    .isInstanceOf(CancelledException.class);
            assertThat(steps).hasValue(3);
        }
    }

    private static ProblemException refusal(Graph model, TrainingData data, TrainingOptions options) {
        return catchThrowableOfType(ProblemException.class, () -> Trainer.train(model, data, options, Progress.SILENT));
    }

    private static LabelledImages threeClasses() {
        return LabelledImages.of(Tensor.ofFloats(new float[] {0, 0, 0, 1, 1, 1}, 3, 1, 1, 2), new long[] {0, 1, 2});
    }
}
