package dev.assay.training;

import dev.assay.computation.ProblemException;
import dev.assay.data.ImageShape;
import dev.assay.data.LabelledImages;
import dev.assay.onnx.Dimension;
import dev.assay.onnx.ValueInfo;
import dev.assay.runtime.ShapeInference;
import java.util.Map;

/// What is checked before the first step.
final class TrainingChecks {

    private static final String TRAIN_FIELD = "data";
    private static final String TEST_FIELD = "test_data";

    private TrainingChecks() {}

    /// @throws ProblemException `shape-mismatch` when training and test images differ
    static void requireSameShapes(TrainingData data) {
        data.test().ifPresent(test -> {
            if (!test.imageShape().equals(data.train().imageShape())) {
                throw TrainingProblems.shapeMismatch(
                        TEST_FIELD, "training images [C,H,W] = " + data.train().imageShape(), test.imageShape());
            }
        });
    }

    /// @return how many classes the model tells apart
    /// @throws ProblemException `shape-mismatch`, `label-out-of-range`, or `unsupported-training` for an output
    /// that is
    ///     not [N,classes]
    static int requireFits(TrainableModel model, TrainingData data) {
        model.requireFits(TRAIN_FIELD, data.train().imageShape());
        int classes = model.declaredClasses()
                .orElseGet(() -> inferredClasses(model, data.train().imageShape()));
        requireLabels(data.train(), TRAIN_FIELD, classes);
        data.test().ifPresent(test -> requireLabels(test, TEST_FIELD, classes));
        return classes;
    }

    private static void requireLabels(LabelledImages images, String field, int classes) {
        int[] labels = images.labels();
        for (int sample = 0; sample < labels.length; sample++) {
            if (labels[sample] < 0 || labels[sample] >= classes) {
                throw TrainingProblems.labelOutOfRange(field, sample, labels[sample], classes);
            }
        }
    }

    private static int inferredClasses(TrainableModel model, ImageShape imageShape) {
        ValueInfo logits = ShapeInference.concrete(model.graph(), Map.of(model.images(), imageShape.batch(1)))
                .get(model.logits());
        if (logits.dimensions().size() != 2) {
            throw TrainingProblems.unsupportedModel("the model's output is " + logits);
        }
        return Math.toIntExact(((Dimension.Fixed) logits.dimensions().get(1)).length());
    }
}
