package dev.assay.perturbation;

import java.nio.FloatBuffer;

/// What a search found for one sample.
///
/// @param sample its number in the {@link ImageSource}
/// @param verdict whether the model took the perturbed image for another class
/// @param predicted the class that it took it for
/// @param distance size of the perturbation in the threat's norm
/// @param point the perturbed image [C,H,W]: of the restart that broke the sample, or of the last one. Readable
///     only while the listener runs.
public record Attacked(int sample, Verdict verdict, int predicted, double distance, FloatBuffer point) {

    public enum Verdict {
        /// The model withstood every restart.
        WITHSTOOD,
        /// The model was fooled.
        BROKEN
    }

    /// Told of every sample once. Called by several threads at once, for different samples.
    @FunctionalInterface
    public interface Listener {
        void found(Attacked attacked);
    }
}
