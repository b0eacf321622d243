package dev.assay.training;

import dev.assay.computation.CancelledException;
import dev.assay.computation.CheckpointFile;
import dev.assay.computation.ProblemException;
import dev.assay.computation.Progress;
import dev.assay.computation.UnfitCheckpointException;
import dev.assay.data.BatchOrder;
import dev.assay.data.BatchOrder.LastBatch;
import dev.assay.data.LabelledImages;
import dev.assay.onnx.Graph;
import dev.assay.statistics.Proportion;
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

    private static final String CHECKPOINT_KIND = "training 1";

    private final TrainingData data;
    private final TrainingOptions options;
    private final TrainingCheckpoints checkpoints;
    private final Progress progress;
    private final int batchSize;
    private final int threads;
    private final BatchOrder order;
    private final TrainableModel model;
    private final int classes;
    private final CheckpointFile form;
    private final TrainingStep step;
    private final AccuracyMeter meter;
    private final long startedAt = System.nanoTime();
    private TrainingTime earlier = TrainingTime.NONE;
    private TrainingCourse course = TrainingCourse.BEGINNING;
    private TrainingCourse kept = course;
    private long stepNanos;

    private Trainer(
            Graph untrained,
            TrainingData data,
            TrainingOptions options,
            TrainingCheckpoints checkpoints,
            Progress progress) {
        this.data = data;
        this.options = options;
        this.checkpoints = checkpoints;
        this.progress = progress;
        TrainingChecks.requireSameShapes(data);
        this.model = TrainableModel.of(untrained);
        this.classes = TrainingChecks.requireFits(model, data);
        this.batchSize = Math.min(options.batchSize(), data.train().count());
        this.order = BatchOrder.random(data.train().count(), batchSize, LastBatch.DROP, options.seed());
        StepGraph graph = StepGraph.of(model, batchSize, data.train().imageShape(), (float) options.weightDecay());
        this.form = new CheckpointFile(CHECKPOINT_KIND, identity());
        Optional<SavedTraining> saved = SavedTraining.last(
                checkpoints,
                form,
                SavedTraining.Expected.of(options.threads(), options.epochs(), order.batches(), graph.initialState()));
        this.threads = saved.map(SavedTraining::threads).orElseGet(this::threadsOfAStep);
        this.step = new TrainingStep(graph, options.device(), threads, progress);
        try {
            this.meter = new AccuracyMeter(model, graph.savedState(), options.device(), options.evaluationThreads());
            saved.ifPresent(this::resume);
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
        return train(untrained, data, options, TrainingCheckpoints.NONE, progress);
    }

    /// As {@link #train(Graph, TrainingData, TrainingOptions, Progress)}, going on from the last checkpoint if
    /// there is one that fits, with as many threads in a step as before, and keeping new ones: when they are due,
    /// and when the training is cancelled.
    public static TrainingRun train(
            Graph untrained,
            TrainingData data,
            TrainingOptions options,
            TrainingCheckpoints checkpoints,
            Progress progress) {
        try (Trainer trainer = new Trainer(untrained, data, options, checkpoints, progress)) {
            return trainer.run();
        }
    }

    @Override
    public void close() {
        meter.close();
        step.close();
    }

    private TrainingRun run() {
        try {
            while (course.epoch() < options.epochs()) {
                epoch(course.epoch());
            }
            return finish();
        } catch (CancelledException cancelled) {
            keep();
            throw cancelled;
        }
    }

    private void epoch(int epoch) {
        TrainingPhase phase = phase(epoch);
        if (course.sums().steps() == 0 && (epoch == 0 || phase != phase(epoch - 1))) {
            step.resetMomentum();
        }
        step.setRate(options.rate().rate(phase), options.rate().momentum(phase));
        List<int[]> batches = order.epoch(epoch);
        while (course.sums().steps() < batches.size()) {
            step(epoch, phase, batches);
        }
        Optional<Double> testAccuracy = data.test()
                .map(test -> meter.measure(test, step.weights(), progress).value());
        Map<String, Double> metrics = metrics(phase);
        testAccuracy.ifPresent(accuracy -> metrics.put("test_accuracy", accuracy));
        progress.report(phase.label(), stepsDone(), totalSteps(), metrics);
        course = course.afterEpoch(new EpochRecord(
                epoch + 1,
                phase,
                options.rate().rate(phase),
                course.sums().meanLoss(),
                course.sums().accuracy(batchSize),
                testAccuracy.map(OptionalDouble::of).orElse(OptionalDouble.empty()),
                course.sums().meanGradientNorm()));
    }

    private void step(int epoch, TrainingPhase phase, List<int[]> batches) {
        progress.checkCancelled();
        int batch = course.sums().steps();
        long start = System.nanoTime();
        load(batches.get(batch));
        step.run();
        stepNanos += System.nanoTime() - start;
        requireFinite(epoch, batch, phase);
        course = course.afterStep(step);
        if (checkpoints.isDue(stepsDone() - kept.steps(order.batches()))) {
            keep();
        }
        int done = batch + 1;
        if (done < batches.size() && done % Math.ceilDiv(batches.size(), REPORTS_PER_EPOCH) == 0) {
            progress.report(phase.label(), stepsDone(), totalSteps(), metrics(phase));
        }
    }

    private TrainingRun finish() {
        progress.report("evaluation", totalSteps(), totalSteps());
        Proportion trainAccuracy = meter.measure(data.train(), step.weights(), progress);
        Optional<Proportion> testAccuracy = data.test().map(test -> meter.measure(test, step.weights(), progress));
        Graph trained = model.withWeights(step.savedWeights()).requireFiniteInitializers();
        TrainingTime time = time();
        return new TrainingRun(
                trained,
                classes,
                model.parameterCount(),
                batchSize,
                threads,
                course.epochs(),
                trainAccuracy,
                testAccuracy,
                imagesPerSecond(time),
                time.wallNanos() / 1e9,
                (step.deviceNanos() + meter.deviceNanos()) / 1e9);
    }

    /// Everything that decides the course of the training but the number of threads.
    private String identity() {
        return "%s; epochs %d, batch %d, %s, weight decay %s, seed %d; %s images, tested on %s; %s"
                .formatted(
                        model.graph().name(),
                        options.epochs(),
                        batchSize,
                        options.rate(),
                        options.weightDecay(),
                        options.seed(),
                        data.train().count(),
                        data.test().map(LabelledImages::count).orElse(0),
                        checkpoints.inputs());
    }

    private int threadsOfAStep() {
        return options.threads() == TrainingOptions.AUTOMATIC
                ? StepCost.of(model, batchSize, data.train().imageShape()).threads(options.evaluationThreads())
                : options.threads();
    }

    private void resume(SavedTraining saved) {
        try {
            step.restore(saved);
            course = saved.course();
            kept = course;
            earlier = saved.time();
        } catch (UnfitCheckpointException unfit) {
            checkpoints.refused(unfit.getMessage());
        }
    }

    private void keep() {
        if (!course.equals(kept)) {
            kept = course;
            checkpoints.keep(new TrainingCheckpoint(
                    form, threads, options.epochs(), order.batches(), course, time(), step.currentState()));
        }
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

    private Map<String, Double> metrics(TrainingPhase phase) {
        TrainingCourse.Sums sums = course.sums();
        Map<String, Double> metrics = new HashMap<>();
        metrics.put("epoch", course.epoch() + 1.0);
        metrics.put("loss", sums.meanLoss());
        metrics.put("train_accuracy", sums.accuracy(batchSize));
        metrics.put("rate", options.rate().rate(phase));
        metrics.put("gradient_norm", sums.meanGradientNorm());
        metrics.put("images_per_second", imagesPerSecond(time()));
        return metrics;
    }

    private TrainingPhase phase(int epoch) {
        return options.rate().phase(epoch, options.epochs());
    }

    private long stepsDone() {
        return course.steps(order.batches());
    }

    private long totalSteps() {
        return (long) options.epochs() * order.batches();
    }

    private TrainingTime time() {
        return earlier.plus(new TrainingTime(stepNanos, System.nanoTime() - startedAt));
    }

    private double imagesPerSecond(TrainingTime time) {
        return stepsDone() * batchSize / (time.stepNanos() / 1e9);
    }
}
