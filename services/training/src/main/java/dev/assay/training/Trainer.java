package dev.assay.training;

import dev.assay.computation.CancelledException;
import dev.assay.computation.ProblemException;
import dev.assay.computation.Progress;
import dev.assay.data.BatchOrder;
import dev.assay.data.BatchOrder.LastBatch;
import dev.assay.data.LabelledImages;
import dev.assay.onnx.Graph;
import dev.assay.statistics.Proportion;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;

/// Trains a classifier by stochastic gradient descent on the cross-entropy, with a large-step and a small-step
/// phase
/// ({@link TwoPhaseRate}), and measures what came out. One training per instance, on one thread.
public final class Trainer implements AutoCloseable {

    /// How often an epoch tells of itself.
    private static final int REPORTS_PER_EPOCH = 5;

    private final TrainingData data;
    private final TrainingOptions options;
    private final Progress progress;
    private final int batchSize;
    private final int threads;
    private final BatchOrder order;
    private final TrainableModel model;
    private final int classes;
    private final TrainingStep step;
    private final AccuracyMeter meter;
    private long stepNanos;
    private long stepsDone;

    private Trainer(Graph untrained, TrainingData data, TrainingOptions options, Progress progress) {
        this.data = data;
        this.options = options;
        this.progress = progress;
        TrainingChecks.requireSameShapes(data);
        this.model = TrainableModel.of(untrained);
        this.classes = TrainingChecks.requireFits(model, data);
        this.batchSize = Math.min(options.batchSize(), data.train().count());
        this.order = BatchOrder.random(data.train().count(), batchSize, LastBatch.DROP, options.seed());
        StepGraph graph = StepGraph.of(model, batchSize, data.train().imageShape(), (float) options.weightDecay());
        this.threads = options.threads() == TrainingOptions.AUTOMATIC
                ? StepCost.of(model, batchSize, data.train().imageShape()).threads(options.evaluationThreads())
                : options.threads();
        this.step = new TrainingStep(graph, options.device(), threads);
        try {
            this.meter = new AccuracyMeter(model, graph.savedState(), options.device(), options.evaluationThreads());
        } catch (RuntimeException | Error failure) {
            step.close();
            throw failure;
        }
    }

    /// A named architecture with fresh weights, made for this data: its image shape, its classes, and the channel
    /// statistics of its training part.
    ///
    /// @throws ProblemException `image-too-small`, `too-few-classes`
    public static Graph untrained(Architecture architecture, TrainingData data, long seed) {
        LabelledImages train = data.train();
        return architecture.untrained(train.imageShape(), train.classes(), ChannelStatistics.of(train), seed);
    }

    /// Trains.
    ///
    /// @param untrained a classifier as {@link TrainableModel#of} takes it
    /// @param progress told several times per epoch: phase `large-step`, `small-step`, then `evaluation`; `done` of
    /// `total` steps; metrics `epoch`, `loss`, `train_accuracy`, `rate`, `images_per_second`, `gradient_norm`,
    ///     and
    ///     `test_accuracy` at the end of an epoch
    /// @throws ProblemException before the first step: `label-out-of-range`, `shape-mismatch`,
    /// `nothing-to-train`, `non-finite-weights`, `unsupported-training`, `unsupported-operator`; later `diverged`
    /// @throws CancelledException as soon as `progress` says so
    public static TrainingRun train(Graph untrained, TrainingData data, TrainingOptions options, Progress progress) {
        try (Trainer trainer = new Trainer(untrained, data, options, progress)) {
            return trainer.run();
        }
    }

    @Override
    public void close() {
        meter.close();
        step.close();
    }

    private TrainingRun run() {
        long start = System.nanoTime();
        List<EpochRecord> epochs = new ArrayList<>();
        TrainingPhase previous = null;
        for (int epoch = 0; epoch < options.epochs(); epoch++) {
            TrainingPhase phase = options.rate().phase(epoch, options.epochs());
            if (phase != previous) {
                step.resetMomentum();
                step.setRate(options.rate().rate(phase), options.rate().momentum(phase));
                previous = phase;
            }
            epochs.add(epoch(epoch, phase));
        }
        progress.report("evaluation", totalSteps(), totalSteps());
        Proportion trainAccuracy = meter.measure(data.train(), step.weights(), progress);
        Optional<Proportion> testAccuracy = data.test().map(test -> meter.measure(test, step.weights(), progress));
        Graph trained = model.withWeights(step.savedWeights()).requireFiniteInitializers();
        return new TrainingRun(
                trained,
                classes,
                model.parameterCount(),
                batchSize,
                threads,
                epochs,
                trainAccuracy,
                testAccuracy,
                imagesPerSecond(),
                (System.nanoTime() - start) / 1e9,
                step.deviceSeconds() + meter.deviceSeconds());
    }

    private EpochRecord epoch(int epoch, TrainingPhase phase) {
        List<int[]> batches = order.epoch(epoch);
        int steps = batches.size();
        EpochSums sums = new EpochSums();
        for (int batch = 0; batch < steps; batch++) {
            progress.checkCancelled();
            long start = System.nanoTime();
            load(batches.get(batch));
            step.run();
            stepNanos += System.nanoTime() - start;
            stepsDone++;
            requireFinite(epoch, batch, phase);
            sums.add(step, batchSize);
            if (batch + 1 < steps && (batch + 1) % Math.ceilDiv(steps, REPORTS_PER_EPOCH) == 0) {
                progress.report(phase.label(), stepsDone, totalSteps(), metrics(epoch, phase, sums));
            }
        }
        Optional<Double> testAccuracy = data.test()
                .map(test -> meter.measure(test, step.weights(), progress).value());
        Map<String, Double> metrics = metrics(epoch, phase, sums);
        testAccuracy.ifPresent(accuracy -> metrics.put("test_accuracy", accuracy));
        progress.report(phase.label(), stepsDone, totalSteps(), metrics);
        return new EpochRecord(
                epoch + 1,
                phase,
                options.rate().rate(phase),
                sums.meanLoss(),
                sums.accuracy(),
                testAccuracy.map(OptionalDouble::of).orElse(OptionalDouble.empty()),
                sums.meanGradientNorm());
    }

    private void load(int[] samples) {
        data.train().copyTo(samples, step.images());
        data.train().copyLabelsTo(samples, step.labels().rewind());
    }

    private void requireFinite(int epoch, int batch, TrainingPhase phase) {
        double rate = options.rate().rate(phase);
        if (!Float.isFinite(step.loss())) {
            throw TrainingProblems.diverged(epoch + 1, batch + 1, phase, rate, "the loss is " + step.loss());
        }
        if (!Float.isFinite(step.gradientNorm())) {
            throw TrainingProblems.diverged(
                    epoch + 1, batch + 1, phase, rate, "the norm of the gradient is " + step.gradientNorm());
        }
    }

    private Map<String, Double> metrics(int epoch, TrainingPhase phase, EpochSums sums) {
        Map<String, Double> metrics = new HashMap<>();
        metrics.put("epoch", epoch + 1.0);
        metrics.put("loss", sums.meanLoss());
        metrics.put("train_accuracy", sums.accuracy());
        metrics.put("rate", options.rate().rate(phase));
        metrics.put("gradient_norm", sums.meanGradientNorm());
        metrics.put("images_per_second", imagesPerSecond());
        return metrics;
    }

    private long totalSteps() {
        return (long) options.epochs() * order.batches();
    }

    private double imagesPerSecond() {
        return stepsDone * batchSize / (stepNanos / 1e9);
    }

    /// Running sums over the steps of an epoch.
    private static final class EpochSums {
        private int steps;
        private long images;
        private long correct;
        private double loss;
        private double gradientNorm;

        void add(TrainingStep step, int batchSize) {
            steps++;
            images += batchSize;
            correct += step.correct();
            loss += step.loss();
            gradientNorm += step.gradientNorm();
        }

        double meanLoss() {
            return loss / steps;
        }

        double accuracy() {
            return (double) correct / images;
        }

        double meanGradientNorm() {
            return gradientNorm / steps;
        }
    }
}
