package dev.assay.perturbation;

import dev.assay.autodiff.UnsupportedOperatorException;
import dev.assay.computation.CounterRandom;
import dev.assay.computation.ProblemException;
import dev.assay.computation.Progress;
import dev.assay.onnx.Graph;
import dev.assay.perturbation.Attacked.Verdict;
import dev.assay.runtime.ParallelRuns;
import dev.assay.runtime.Program;
import dev.assay.runtime.ProgramCache.Lease;
import dev.assay.runtime.ProgramOptions;
import dev.assay.runtime.Programs;
import dev.assay.runtime.StopSignal;
import java.nio.FloatBuffer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.atomic.LongAdder;

/// Projected gradient descent on the objective (Madry et al., 2018), for many images: x ← P(x +
/// step·direction(∇)), where P projects onto ball and box.
///
/// The whole step is one graph. Chunks of images are carried through all steps by single-threaded runs of one
/// shared program, a chunk for each thread. A sample that an earlier restart broke is not attacked again, so
/// the restarts are the worst case for each sample. Random starts are keyed by seed, sample and restart: what
/// is found for a sample does not depend on the chunk size, the number of threads or the other samples.
///
/// Success is what the classifier as given, asked once more about the final point, takes for another class; the
/// point is projected in Java first, so that it lies in the ball whatever the graph's rounding did.
public final class PerturbationSearch implements AutoCloseable {

    private final ClassifierGraph classifier;
    private final Norm norm;
    private final StepRule rule;
    private final int chunkSize;
    private final Lease lease;
    private final Program step;
    private final ForwardPass forward;
    private final ParallelRuns runs;
    private final List<Workspace> workspaces = new ArrayList<>();

    private PerturbationSearch(
            ClassifierGraph classifier, Norm norm, int chunkSize, int threads, Lease lease, ForwardPass forward) {
        this.classifier = classifier;
        this.norm = norm;
        this.rule = StepRule.of(norm);
        this.chunkSize = chunkSize;
        this.lease = lease;
        this.step = lease.program();
        this.forward = forward;
        this.runs = new ParallelRuns(threads);
        for (int worker = 0; worker < threads; worker++) {
            workspaces.add(new Workspace(classifier, rule, chunkSize));
        }
    }

    /// Differentiates and compiles; one search serves every epsilon of its norm.
    ///
    /// @throws UnsupportedOperatorException if there is no rule for an operator between the images and the logits
    public static PerturbationSearch compile(
            ClassifierGraph classifier, Objective objective, Norm norm, SearchOptions options) {
        return compile(classifier, objective, norm, options, Programs.compiledAnew());
    }

    /// As {@link #compile(ClassifierGraph, Objective, Norm, SearchOptions)}, with programs that may be there
    /// already: then nothing is differentiated either.
    public static PerturbationSearch compile(
            ClassifierGraph classifier, Objective objective, Norm norm, SearchOptions options, Programs programs) {
        int chunkSize = options.chunkFor(classifier);
        ProgramOptions single = ProgramOptions.singleThreaded();
        String transformation = "step " + objective.name() + " " + norm.text();
        Lease step = programs.lease(classifier.key(transformation, chunkSize, options.device(), single), () -> {
            Graph graph = StepGraph.of(classifier, objective, StepRule.of(norm), chunkSize);
            return Program.compile(graph, options.device(), single);
        });
        try {
            ForwardPass forward = ForwardPass.compile(classifier, options.withChunkSize(chunkSize), programs);
            return new PerturbationSearch(classifier, norm, chunkSize, options.threads(), step, forward);
        } catch (RuntimeException | Error failure) {
            step.close();
            throw failure;
        }
    }

    /// Searches a perturbation for each of the samples. One call at a time.
    ///
    /// @param samples numbers of images that the classifier takes for what they are
    /// @param listener told of every sample once
    /// @param progress a run that is under way when it is cancelled is ended within milliseconds
    /// @throws ProblemException `non-finite-gradient` if the search of a sample leads to a point that is not a
    ///     number
    public SearchEffort run(
            ImageSource images,
            int[] samples,
            ThreatModel threat,
            PgdSettings settings,
            Attacked.Listener listener,
            Progress progress) {
        if (threat.norm() != norm) {
            throw new IllegalArgumentException(threat + " in a search over " + norm.symbol());
        }
        long start = System.nanoTime();
        long total = (long) samples.length * settings.restarts();
        try (StopSignal stop = StopSignal.following(progress)) {
            Run run = new Run(images, threat, settings, listener, progress, stop, total);
            int[] survivors = samples;
            for (int restart = 0; restart < settings.restarts() && survivors.length > 0; restart++) {
                survivors = run.attack(survivors, restart);
            }
            return new SearchEffort(
                    run.imageSteps.sum(),
                    Duration.ofNanos(System.nanoTime() - start),
                    Duration.ofNanos(run.deviceNanos.sum()));
        }
    }

    @Override
    public void close() {
        runs.close();
        workspaces.forEach(Workspace::close);
        forward.close();
        lease.close();
    }

    /// One call of {@link #run}.
    private final class Run {

        private final ImageSource images;
        private final ThreatModel threat;
        private final PgdSettings settings;
        private final Attacked.Listener listener;
        private final Progress progress;
        private final StopSignal stop;
        private final long total;
        private final LongAdder imageSteps = new LongAdder();
        private final LongAdder deviceNanos = new LongAdder();
        private long done; // guarded by this

        Run(
                ImageSource images,
                ThreatModel threat,
                PgdSettings settings,
                Attacked.Listener listener,
                Progress progress,
                StopSignal stop,
                long total) {
            this.images = images;
            this.threat = threat;
            this.settings = settings;
            this.listener = listener;
            this.progress = progress;
            this.stop = stop;
            this.total = total;
        }

        /// One restart; answers the samples that withstood it.
        int[] attack(int[] samples, int restart) {
            boolean[] broken = new boolean[samples.length];
            runs.forEachChunk(samples.length, chunkSize, chunk -> {
                Workspace workspace = workspaces.get(chunk.worker());
                workspace.prepare(threat, settings);
                for (int row = 0; row < chunk.count(); row++) {
                    load(workspace, row, samples[chunk.from() + row], restart);
                }
                search(workspace, chunk.count());
                long units = 0;
                for (int row = 0; row < chunk.count(); row++) {
                    int index = chunk.from() + row;
                    broken[index] = judge(workspace, row, samples[index], restart);
                    units += broken[index] ? settings.restarts() - restart : 1;
                }
                report(units);
            });
            int[] survivors = new int[samples.length];
            int count = 0;
            for (int i = 0; i < samples.length; i++) {
                if (!broken[i]) {
                    survivors[count++] = samples[i];
                }
            }
            return Arrays.copyOf(survivors, count);
        }

        private void load(Workspace workspace, int row, int sample, int restart) {
            workspace.load(row, sample, images, threat);
            switch (settings.start()) {
                case CLEAN_IMAGE -> {}
                case RANDOM_POINT ->
                    threat.randomStart(
                            workspace.clean(row),
                            CounterRandom.of(settings.seed(), "pgd-start-" + restart, sample),
                            workspace.point(row));
            }
        }

        /// All steps, then the classifier's own word on where they led.
        private void search(Workspace workspace, int count) {
            long start = System.nanoTime();
            for (int i = 1; i < settings.steps(); i++) {
                progress.checkCancelled();
                workspace.step(step, stop);
            }
            progress.checkCancelled();
            workspace.stepKeepingGradient(step, stop);
            long stepped = System.nanoTime();
            for (int row = 0; row < count; row++) {
                threat.project(workspace.clean(row), workspace.point(row));
            }
            long projected = System.nanoTime();
            workspace.classify(forward, stop);
            imageSteps.add((long) count * settings.steps());
            deviceNanos.add(stepped - start + System.nanoTime() - projected);
        }

        /// Tells the listener, and answers whether the sample is broken.
        private boolean judge(Workspace workspace, int row, int sample, int restart) {
            FloatBuffer point = workspace.point(row);
            requireNumbers(sample, workspace.gradient(row));
            requireNumbers(sample, point);
            ForwardPass.requireFinite(workspace.logits(row), "the perturbed image " + sample);
            int predicted = workspace.predicted(row);
            boolean broken = predicted != images.label(sample);
            if (broken || restart == settings.restarts() - 1) {
                listener.found(new Attacked(
                        sample,
                        broken ? Verdict.BROKEN : Verdict.WITHSTOOD,
                        predicted,
                        threat.distance(workspace.clean(row), point),
                        point));
            }
            return broken;
        }

        /// A gradient that is not a number leads nowhere, and robustness measured with it would mean nothing.
        private void requireNumbers(int sample, FloatBuffer values) {
            for (int i = 0; i < values.limit(); i++) {
                if (Float.isNaN(values.get(i))) {
                    throw new ProblemException(
                            "non-finite-gradient",
                            "model",
                            "the gradient of the model around image %d under %s is not a number"
                                    .formatted(sample, threat),
                            "check the model for roots, logarithms and divisions that meet zero, and for overflow");
                }
            }
        }

        private synchronized void report(long units) {
            done += units;
            progress.report(threat.text(), done, total);
        }
    }
}
