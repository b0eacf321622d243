package dev.assay.attack;

import dev.assay.perturbation.Attacked;
import dev.assay.perturbation.ImageSource;
import java.nio.FloatBuffer;
import java.util.ArrayList;
import java.util.List;

/// Keeps what the attacks made of the first samples. Threads tell of different samples at once.
final class ExampleKeeper {

    /// Values that may be kept: 64 MiB of floats, so that many threats on large images do not fill the heap.
    private static final int LARGEST = 16 << 20;

    /// By threat, then by sample; null: not attacked under that threat, because wrong without one.
    private final Example.Perturbed[][] kept;

    private final int count;

    ExampleKeeper(int wanted, int threats, int imageSize) {
        long room = LARGEST / ((long) threats * imageSize);
        this.count = (int) Math.min(wanted, Math.max(1, room));
        this.kept = new Example.Perturbed[threats][count];
    }

    /// What broke a sample at a smaller epsilon breaks it at a larger one. A sample that is attacked again
    /// replaces it.
    void carryOver(int smaller, int larger) {
        if (smaller >= 0) {
            System.arraycopy(kept[smaller], 0, kept[larger], 0, count);
        }
    }

    void found(int threat, Attacked attacked) {
        if (attacked.sample() < count) {
            FloatBuffer point = attacked.point();
            float[] image = new float[point.remaining()];
            point.get(point.position(), image);
            kept[threat][attacked.sample()] = new Example.Perturbed(image, attacked.predicted());
        }
    }

    List<Example> examples(ImageSource images, CleanLogits clean, int imageSize) {
        List<Example> examples = new ArrayList<>();
        for (int sample = 0; sample < count; sample++) {
            float[] image = new float[imageSize];
            images.read(sample, FloatBuffer.wrap(image));
            int predicted = clean.predicted(sample);
            List<Example.Perturbed> perturbed = new ArrayList<>();
            for (Example.Perturbed[] ofThreat : kept) {
                perturbed.add(ofThreat[sample] == null ? new Example.Perturbed(image, predicted) : ofThreat[sample]);
            }
            examples.add(new Example(sample, images.label(sample), image, predicted, perturbed));
        }
        return examples;
    }
}
