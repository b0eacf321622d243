package dev.assay.attack;

import dev.assay.computation.ProblemException;
import dev.assay.data.LabelledImages;
import dev.assay.perturbation.ImageSource;
import java.lang.foreign.MemorySegment;
import java.nio.FloatBuffer;

/// A data set's images for a search. Values outside [0,1] are refused: the box of a threat model is that of images.
record CheckedImages(LabelledImages images) implements ImageSource {

    @Override
    public void read(int sample, FloatBuffer image) {
        images.copyTo(sample, MemorySegment.ofBuffer(image), 0);
        for (int i = image.position(); i < image.limit(); i++) {
            float value = image.get(i);
            if (!(value >= 0 && value <= 1)) {
                throw new ProblemException(
                        "image-out-of-range",
                        "data",
                        "image %d holds the value %s".formatted(sample, value),
                        "give images as uint8, or as floats in [0,1]; scaling and normalisation belong inside the model");
            }
        }
    }

    @Override
    public int label(int sample) {
        return images.label(sample);
    }
}
