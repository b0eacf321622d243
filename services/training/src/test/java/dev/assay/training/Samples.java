package dev.assay.training;

import dev.assay.computation.CounterRandom;
import dev.assay.data.LabelledImages;
import dev.assay.data.NpzImages;
import dev.assay.data.PixelScale;
import dev.assay.data.Split;
import dev.assay.runtime.Tensor;
import java.io.IOException;

/// Small data sets to train on.
public final class Samples {

    private Samples() {}

    /// Two pixels in [0,1], label 1 where exactly one of them is bright: no linear model tells these apart.
    public static LabelledImages exclusiveOr(int count) {
        CounterRandom random = CounterRandom.of(5, "exclusive-or", 0);
        float[] pixels = new float[count * 2];
        long[] labels = new long[count];
        for (int n = 0; n < count; n++) {
            boolean left = n % 2 == 0;
            boolean right = n / 2 % 2 == 0;
            pixels[2 * n] = (left ? 0.8f : 0.1f) + 0.1f * random.nextFloat();
            pixels[2 * n + 1] = (right ? 0.8f : 0.1f) + 0.1f * random.nextFloat();
            labels[n] = left ^ right ? 1 : 0;
        }
        return LabelledImages.of(Tensor.ofFloats(pixels, count, 1, 1, 2), labels);
    }

    /// Random images of two classes, one brighter than the other.
    public static LabelledImages brightAndDark(int count, int channels, int side) {
        CounterRandom random = CounterRandom.of(6, "bright-and-dark", 0);
        int size = channels * side * side;
        float[] pixels = new float[count * size];
        long[] labels = new long[count];
        for (int i = 0; i < pixels.length; i++) {
            labels[i / size] = i / size % 2;
            pixels[i] = 0.6f * random.nextFloat() + 0.4f * labels[i / size];
        }
        return LabelledImages.of(Tensor.ofFloats(pixels, count, channels, side, side), labels);
    }

    /// The handwritten digits, a fifth of them held out; both parts end with `all`.
    public static TrainingData digits(LabelledImages all) {
        Split split = Split.stratified(all.labels(), 0.2, 0);
        return TrainingData.of(all.select(split.training()), all.select(split.heldOut()));
    }

    public static LabelledImages digits() throws IOException {
        return NpzImages.read(Fixtures.path("digits/digits.npz"), PixelScale.maximum(16));
    }
}
