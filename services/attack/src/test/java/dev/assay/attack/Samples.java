package dev.assay.attack;

import dev.assay.computation.CounterRandom;
import dev.assay.computation.Progress;
import dev.assay.data.LabelledImages;
import dev.assay.onnx.ElementType;
import dev.assay.onnx.Graph;
import dev.assay.onnx.GraphBuilder;
import dev.assay.onnx.TensorData;
import dev.assay.onnx.Value;
import dev.assay.onnx.Window;
import dev.assay.perturbation.SearchOptions;
import dev.assay.runtime.Device;
import dev.assay.runtime.Tensor;
import java.util.stream.IntStream;

/// Small models and data sets made for tests.
public final class Samples {

    public static final int SIDE = 6;
    public static final int CLASSES = 3;

    private Samples() {}

    /// A convolution, a ReLU and a linear layer with random weights.
    public static Graph model(long seed) {
        CounterRandom random = CounterRandom.of(seed, "model", 0);
        GraphBuilder g = GraphBuilder.empty("small");
        Value images = g.input("images", ElementType.FLOAT, -1, 1, SIDE, SIDE);
        Value filters = g.initializer("filters", TensorData.ofFloats(normal(random, 4 * 9, 0.5), 4, 1, 3, 3));
        Value features = g.flatten(g.relu(g.conv(images, filters, Window.over(2))), 1);
        int size = 4 * 4 * 4;
        Value weight = g.initializer("weight", TensorData.ofFloats(normal(random, CLASSES * size, 0.5), CLASSES, size));
        Value bias = g.initializer("bias", TensorData.ofFloats(new float[CLASSES], CLASSES));
        return g.output("logits", g.linear(features, weight, bias), ElementType.FLOAT, -1, CLASSES)
                .build();
    }

    /// Random images with the given labels; random ones where there are none.
    public static LabelledImages images(long seed, int count, int... labels) {
        CounterRandom random = CounterRandom.of(seed, "images", 0);
        byte[] pixels = new byte[count * SIDE * SIDE];
        for (int i = 0; i < pixels.length; i++) {
            pixels[i] = (byte) random.nextInt(256);
        }
        long[] classes = IntStream.range(0, count)
                .mapToLong(i -> i < labels.length ? labels[i] : random.nextInt(CLASSES))
                .toArray();
        return LabelledImages.of(Tensor.ofBytes(ElementType.UINT8, pixels, count, 1, SIDE, SIDE), classes);
    }

    /// Images that the model takes for what they are, but for one in five.
    public static LabelledImages imagesFor(Graph model, long seed, int count) {
        try (LabelledImages unlabelled = images(seed, count)) {
            CleanLogits answers = evaluation(model, unlabelled).cleanLogits(count, Progress.SILENT);
            int[] labels = IntStream.range(0, count)
                    .map(i -> i % 5 == 0 ? (answers.predicted(i) + 1) % CLASSES : answers.predicted(i))
                    .toArray();
            return images(seed, count, labels);
        }
    }

    static RobustnessEvaluation evaluation(Graph model, LabelledImages images) {
        return new RobustnessEvaluation(Classifier.fitting(model, images), images, SearchOptions.on(new Device.Cpu()));
    }

    private static float[] normal(CounterRandom random, int count, double deviation) {
        float[] values = new float[count];
        for (int i = 0; i < count; i++) {
            values[i] = (float) (deviation * random.nextGaussian());
        }
        return values;
    }
}
