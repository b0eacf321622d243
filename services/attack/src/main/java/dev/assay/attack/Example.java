package dev.assay.attack;

import java.util.List;

/// One sample as it was given and as each threat's attack left it.
///
/// @param sample its number in the data set
/// @param label its true class
/// @param clean the image [C,H,W] in [0,1]; not to be changed
/// @param predicted what the model takes it for
/// @param perturbed one for each threat, in the evaluation's order
public record Example(int sample, int label, float[] clean, int predicted, List<Perturbed> perturbed) {

    /// @param image [C,H,W] in [0,1], not to be changed: the perturbed image that fooled the model, or the last
    ///     try; the clean image when the model was wrong about that
    /// @param predicted what the model takes it for
    public record Perturbed(float[] image, int predicted) {}

    public Example {
        perturbed = List.copyOf(perturbed);
    }
}
