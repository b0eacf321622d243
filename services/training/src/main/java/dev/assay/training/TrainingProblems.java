package dev.assay.training;

import dev.assay.computation.ProblemException;
import dev.assay.data.ImageShape;
import java.util.Locale;

/// What can be wrong with a training, each told with its cure. All but [#diverged] are found before the first step.
final class TrainingProblems {

    private TrainingProblems() {}

    static ProblemException labelOutOfRange(String field, int sample, int label, int classes) {
        return new ProblemException(
                "label-out-of-range",
                field,
                "sample " + sample + " has label " + label + ", but the model tells " + classes
                        + " classes apart (labels 0 to " + (classes - 1) + ")",
                "correct the labels, or train a model with enough outputs");
    }

    static ProblemException shapeMismatch(String field, String modelTakes, ImageShape imageShape) {
        return new ProblemException(
                "shape-mismatch",
                field,
                "the model takes " + modelTakes + ", but the images are [C,H,W] = " + imageShape,
                "give images of the model's size, or a model for images of this size");
    }

    static ProblemException unsupportedModel(String detail) {
        return new ProblemException(
                "unsupported-training",
                "model",
                detail,
                "give a classifier with one float image input [N,C,H,W] and one output of logits [N,classes]");
    }

    static ProblemException nothingToTrain() {
        return new ProblemException(
                "nothing-to-train",
                "model",
                "the model has no trainable initializer: no float tensor of more than one element that the logits"
                        + " depend on",
                "export the model with its weights as initializers, not as inputs or as constants of nodes");
    }

    static ProblemException unsupportedNode(String node, String why, String remedy) {
        return new ProblemException("unsupported-training", "model", "node '" + node + "': " + why, remedy);
    }

    static ProblemException imageTooSmall(Architecture architecture, ImageShape imageShape, int least) {
        return new ProblemException(
                "image-too-small",
                "data",
                architecture.label() + " needs images of at least " + least + " by " + least + " pixels, but they are"
                        + " [C,H,W] = " + imageShape,
                "use the architecture mlp, or larger images");
    }

    static ProblemException tooFewClasses(int classes) {
        return new ProblemException(
                "too-few-classes",
                "data",
                "the data set has " + classes + (classes == 1 ? " class" : " classes"),
                "give a data set whose labels tell at least two classes apart");
    }

    /// @param epoch from 1
    /// @param step within the epoch, from 1
    static ProblemException diverged(int epoch, int step, TrainingPhase phase, double rate, String what) {
        String field = switch (phase) {
            case LARGE_STEP -> "large_rate";
            case SMALL_STEP -> "small_rate";
        };
        return new ProblemException(
                "diverged",
                field,
                String.format(
                        Locale.ROOT,
                        "the training diverged in epoch %d, step %d (%s phase, rate %s): %s",
                        epoch,
                        step,
                        phase.label(),
                        rate,
                        what),
                "lower " + field + ", for instance to " + String.format(Locale.ROOT, "%.3g", rate / 10));
    }
}
