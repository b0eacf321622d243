package dev.assay.perturbation;

import java.nio.FloatBuffer;
import java.util.Arrays;
import java.util.random.RandomGenerator;
import java.util.stream.IntStream;

/// Images in memory.
record Images(float[][] pixels, int[] labels) implements ImageSource {

    /// Images around the middle of the box, labelled as the classifier says.
    static Images classifiedBy(LinearClassifier classifier, RandomGenerator random, int count) {
        float[][] pixels = new float[count][classifier.height() * classifier.width()];
        for (float[] image : pixels) {
            for (int i = 0; i < image.length; i++) {
                image[i] = 0.35f + 0.3f * random.nextFloat();
            }
        }
        return new Images(
                pixels, Arrays.stream(pixels).mapToInt(classifier::predicted).toArray());
    }

    int count() {
        return labels.length;
    }

    int[] all() {
        return IntStream.range(0, count()).toArray();
    }

    /// Image `i` is image `order[i]` of these.
    Images reordered(int[] order) {
        return new Images(
                Arrays.stream(order).mapToObj(i -> pixels[i]).toArray(float[][]::new),
                Arrays.stream(order).map(i -> labels[i]).toArray());
    }

    @Override
    public void read(int sample, FloatBuffer image) {
        image.put(image.position(), pixels[sample]);
    }

    @Override
    public int label(int sample) {
        return labels[sample];
    }
}
