package dev.assay.perturbation;

import java.nio.FloatBuffer;

/// Where a search reads its images. Asked by several threads at once.
public interface ImageSource {

    /// Writes image `sample` as floats [C,H,W] in [0,1] into the buffer, which it fills exactly.
    void read(int sample, FloatBuffer image);

    /// The true class of image `sample`.
    int label(int sample);
}
