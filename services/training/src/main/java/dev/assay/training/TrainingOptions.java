package dev.assay.training;

import dev.assay.computation.ProblemException;
import dev.assay.runtime.Device;
import java.util.Objects;

/// How to train.
///
/// @param epochs passes over the training data, at least 1
/// @param batchSize samples per step, at least 1; a data set smaller than that is one batch
/// @param weightDecay λ in [0,1]: λ·w is added to the gradient of every weight but biases and norms
/// @param seed of the order of the samples
/// @param confidence level of the intervals in [0.5, 1)
/// @param threads that share one operator of a step, and that evaluate side by side; {@link #AUTOMATIC}: as many as
///     the arithmetic of a step is worth, up to one for each processor, and all processors to evaluate. Results repeat
///     to the last bit only with the same number in a step, which {@link TrainingRun#threads} tells
public record TrainingOptions(
        int epochs,
        int batchSize,
        TwoPhaseRate rate,
        double weightDecay,
        long seed,
        double confidence,
        Device device,
        int threads) {

    public static final int AUTOMATIC = 0;

    private static final int MOST_THREADS = 256;

    /// @throws ProblemException `invalid-request` naming the field and its bound
    public TrainingOptions {
        Bounds.require(epochs >= 1, "epochs", epochs, "of at least 1");
        Bounds.require(batchSize >= 1, "batch_size", batchSize, "of at least 1");
        Bounds.require(weightDecay >= 0 && weightDecay <= 1, "weight_decay", weightDecay, "in [0, 1]");
        Bounds.require(confidence >= 0.5 && confidence < 1, "confidence", confidence, "in [0.5, 1)");
        Bounds.require(
                threads >= AUTOMATIC && threads <= MOST_THREADS, "threads", threads, "from 1 to 256, or 0 to choose");
        Objects.requireNonNull(rate, "rate");
        Objects.requireNonNull(device, "device");
    }

    /// The contract's defaults on this machine's CPU: 12 epochs of batches of 64, rates 0.1 then 0.005 with
    /// momentum
    /// 0.9, switch after 60 % of the epochs, weight decay 5e-4.
    public static TrainingOptions defaults() {
        return new TrainingOptions(
                12, 64, new TwoPhaseRate(0.1, 0.005, 0.9, 0.6), 5e-4, 0, 0.95, new Device.Cpu(), AUTOMATIC);
    }

    /// Threads that evaluate side by side: what they count does not depend on how many they are.
    int evaluationThreads() {
        return threads == AUTOMATIC
                ? Math.min(MOST_THREADS, Runtime.getRuntime().availableProcessors())
                : threads;
    }

    public TrainingOptions withEpochs(int newEpochs) {
        return new TrainingOptions(newEpochs, batchSize, rate, weightDecay, seed, confidence, device, threads);
    }

    public TrainingOptions withBatchSize(int newBatchSize) {
        return new TrainingOptions(epochs, newBatchSize, rate, weightDecay, seed, confidence, device, threads);
    }

    public TrainingOptions withRate(TwoPhaseRate newRate) {
        return new TrainingOptions(epochs, batchSize, newRate, weightDecay, seed, confidence, device, threads);
    }

    public TrainingOptions withWeightDecay(double newWeightDecay) {
        return new TrainingOptions(epochs, batchSize, rate, newWeightDecay, seed, confidence, device, threads);
    }

    public TrainingOptions withSeed(long newSeed) {
        return new TrainingOptions(epochs, batchSize, rate, weightDecay, newSeed, confidence, device, threads);
    }

    public TrainingOptions withConfidence(double newConfidence) {
        return new TrainingOptions(epochs, batchSize, rate, weightDecay, seed, newConfidence, device, threads);
    }

    public TrainingOptions withDevice(Device newDevice) {
        return new TrainingOptions(epochs, batchSize, rate, weightDecay, seed, confidence, newDevice, threads);
    }

    public TrainingOptions withThreads(int newThreads) {
        return new TrainingOptions(epochs, batchSize, rate, weightDecay, seed, confidence, device, newThreads);
    }
}
