package dev.assay.training;

import dev.assay.data.LabelledImages;
import java.util.Objects;
import java.util.Optional;

/// What a training sees: images to learn from and, if given, images to be measured on.
///
/// @param train the training data
/// @param test the test data, of the same image shape
public record TrainingData(LabelledImages train, Optional<LabelledImages> test) {

    public TrainingData {
        Objects.requireNonNull(train, "train");
        Objects.requireNonNull(test, "test");
    }

    public static TrainingData of(LabelledImages train) {
        return new TrainingData(train, Optional.empty());
    }

    public static TrainingData of(LabelledImages train, LabelledImages test) {
        return new TrainingData(train, Optional.of(test));
    }
}
