package dev.assay.training;

import dev.assay.onnx.Graph;
import dev.assay.statistics.Proportion;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;

/// What a training gave.
///
/// @param model the trained classifier, weights as initializers
/// @param classes how many classes the logits tell apart
/// @param parameters how many numbers were trained
/// @param batchSize samples per step, after a small data set bounded it
/// @param threads that shared each operator of a step; the same number repeats the run to the last bit
/// @param epochs one entry per epoch
/// @param trainAccuracy of the final model on all training data
/// @param testAccuracy of the final model on the test data, when there is any
/// @param imagesPerSecond training throughput: samples seen per second of wall time spent on steps. Like the wall
///     seconds it covers all attempts of a resumed training, each up to the checkpoint from which the next went on:
///     what was lost and done again counts once
/// @param wallSeconds from the first check to the last evaluation
/// @param deviceSeconds spent in runs of the graphs by the last attempt, summed over threads
public record TrainingRun(
        Graph model,
        int classes,
        long parameters,
        int batchSize,
        int threads,
        List<EpochRecord> epochs,
        Proportion trainAccuracy,
        Optional<Proportion> testAccuracy,
        double imagesPerSecond,
        double wallSeconds,
        double deviceSeconds) {

    public TrainingRun {
        Objects.requireNonNull(model, "model");
        epochs = List.copyOf(epochs);
        Objects.requireNonNull(trainAccuracy, "trainAccuracy");
        Objects.requireNonNull(testAccuracy, "testAccuracy");
    }

    /// The same, with text properties added to the model.
    public TrainingRun withMetadata(Map<String, String> properties) {
        return new TrainingRun(
                GraphParts.replaced(model, Map.of(), properties),
                classes,
                parameters,
                batchSize,
                threads,
                epochs,
                trainAccuracy,
                testAccuracy,
                imagesPerSecond,
                wallSeconds,
                deviceSeconds);
    }
}
