package dev.assay.attack;

import dev.assay.computation.ProblemException;
import dev.assay.data.ImageShape;
import dev.assay.data.LabelledImages;
import dev.assay.onnx.Dimension;
import dev.assay.onnx.ElementType;
import dev.assay.onnx.Graph;
import dev.assay.onnx.ValueInfo;
import dev.assay.perturbation.ClassifierGraph;
import dev.assay.runtime.Device;
import dev.assay.runtime.ProgramCache.Lease;
import dev.assay.runtime.ProgramOptions;
import dev.assay.runtime.Programs;
import dev.assay.runtime.Tensor;
import java.util.Arrays;
import java.util.List;
import java.util.Map;

/// A model that has been found to be an image classifier that fits a data set: one float input [N,C,H,W], one float
/// output [N,classes], finite weights, and as many classes as the labels need.
public record Classifier(ClassifierGraph graph) {

    private static final int CHANNEL_AXIS = 1;
    private static final int IMAGE_RANK = 4;

    /// Checks a model against a data set.
    ///
    /// @throws ProblemException `model-input-mismatch`, `model-output-mismatch`, `label-out-of-range` or
    ///     `non-finite-weights`, naming both sides
    public static Classifier fitting(Graph model, LabelledImages images) {
        return fitting(model, images, Programs.compiledAnew());
    }

    /// As {@link #fitting(Graph, LabelledImages)}, with a compiled model that may be there already.
    public static Classifier fitting(Graph model, LabelledImages images, Programs programs) {
        model.requireFiniteInitializers();
        ValueInfo input = imageInput(model);
        requireShape(input, images.imageShape());
        int batch = batch(input);
        ValueInfo output = logitsOutput(model);
        int classes = classes(model, input, output, images.imageShape().batch(trialBatch(batch)), programs);
        requireLabels(images, classes);
        ImageShape shape = images.imageShape();
        return new Classifier(new ClassifierGraph(
                model, input.name(), output.name(), shape.channels(), shape.height(), shape.width(), classes, batch));
    }

    public int classes() {
        return graph.classes();
    }

    private static ValueInfo imageInput(Graph model) {
        List<ValueInfo> inputs = model.inputs();
        if (inputs.size() != 1) {
            throw inputMismatch(
                    "the model has %d inputs: %s".formatted(inputs.size(), inputs),
                    "give a model whose only input is a batch of images, float32 [N,C,H,W]");
        }
        ValueInfo input = inputs.getFirst();
        boolean isRankFour =
                input.rank() == ValueInfo.Rank.UNKNOWN || input.dimensions().size() == IMAGE_RANK;
        if (input.type() != ElementType.FLOAT || !isRankFour) {
            throw inputMismatch(
                    "the model's input is %s".formatted(input),
                    "give a model that takes images as float32 [N,C,H,W] with values in [0,1]");
        }
        return input;
    }

    private static void requireShape(ValueInfo input, ImageShape imageShape) {
        long[] batch = imageShape.batch(1);
        for (int axis = CHANNEL_AXIS; axis < input.dimensions().size(); axis++) {
            if (input.dimensions().get(axis) instanceof Dimension.Fixed(long length) && length != batch[axis]) {
                throw inputMismatch(
                        "the model takes images of %s, but the data set's are %s"
                                .formatted(input.dimensions().subList(CHANNEL_AXIS, IMAGE_RANK), imageShape),
                        isChannelsLast(input, imageShape)
                                ? "export the model with channels first: [N,C,H,W]"
                                : "give a data set of the images that the model was trained on, or a model for this one");
            }
        }
    }

    private static boolean isChannelsLast(ValueInfo input, ImageShape imageShape) {
        List<Dimension> dimensions = input.dimensions();
        return dimensions.get(3).equals(Dimension.of(imageShape.channels()))
                && dimensions.get(1).equals(Dimension.of(imageShape.height()))
                && dimensions.get(2).equals(Dimension.of(imageShape.width()));
    }

    private static int batch(ValueInfo input) {
        return input.rank() == ValueInfo.Rank.KNOWN && input.dimensions().getFirst() instanceof Dimension.Fixed(long n)
                ? Math.toIntExact(n)
                : ClassifierGraph.ANY_BATCH;
    }

    private static int trialBatch(int batch) {
        return batch == ClassifierGraph.ANY_BATCH ? 2 : batch;
    }

    private static ValueInfo logitsOutput(Graph model) {
        if (model.outputs().size() != 1) {
            throw outputMismatch("the model has %d outputs: %s"
                    .formatted(
                            model.outputs().size(),
                            model.outputs().stream().map(ValueInfo::name).toList()));
        }
        ValueInfo output = model.outputs().getFirst();
        if (output.type() != ElementType.FLOAT) {
            throw outputMismatch("the model's output is " + output);
        }
        return output;
    }

    /// What the output declares is often incomplete or stale; one run on blank images tells.
    private static int classes(Graph model, ValueInfo input, ValueInfo output, long[] imageBatch, Programs programs) {
        try (Lease lease = programs.lease(model, new Device.Cpu(), ProgramOptions.singleThreaded());
                Tensor blank = Tensor.allocate(ElementType.FLOAT, imageBatch)) {
            Map<String, Tensor> results = lease.program().run(Map.of(input.name(), blank));
            try {
                long[] shape = results.get(output.name()).shape();
                if (shape.length != 2 || shape[0] != imageBatch[0] || shape[1] < 2) {
                    throw outputMismatch("for %d images the model's output '%s' has the shape %s"
                            .formatted(imageBatch[0], output.name(), Arrays.toString(shape)));
                }
                return Math.toIntExact(shape[1]);
            } finally {
                results.values().forEach(Tensor::close);
            }
        }
    }

    private static void requireLabels(LabelledImages images, int classes) {
        int[] labels = images.labels();
        for (int i = 0; i < labels.length; i++) {
            if (labels[i] < 0 || labels[i] >= classes) {
                throw new ProblemException(
                        "label-out-of-range",
                        "data",
                        "image %d has the label %d, but the model tells %d classes (0 to %d) apart"
                                .formatted(i, labels[i], classes, classes - 1),
                        "give a data set labelled with the model's classes");
            }
        }
    }

    private static ProblemException inputMismatch(String detail, String remedy) {
        return new ProblemException("model-input-mismatch", "model", detail, remedy);
    }

    private static ProblemException outputMismatch(String detail) {
        return new ProblemException(
                "model-output-mismatch",
                "model",
                detail,
                "give a model whose only output is the logits of at least two classes, float32 [N,classes]");
    }
}
