package dev.assay.perturbation;

import dev.assay.autodiff.GraphTransforms;
import dev.assay.computation.ProblemException;
import dev.assay.computation.Progress;
import dev.assay.onnx.ElementType;
import dev.assay.onnx.Graph;
import dev.assay.runtime.ParallelRuns;
import dev.assay.runtime.Program;
import dev.assay.runtime.ProgramCache.Lease;
import dev.assay.runtime.ProgramKey;
import dev.assay.runtime.ProgramOptions;
import dev.assay.runtime.Programs;
import dev.assay.runtime.StopSignal;
import dev.assay.runtime.Tensor;
import java.nio.FloatBuffer;
import java.util.Map;
import java.util.concurrent.atomic.AtomicLong;

/// A classifier's answers, computed by the model as it was given: nothing is folded or rewritten, so that what
/// counts as fooled is what the user's own runtime would see. May be used by several threads at once.
public final class ForwardPass implements AutoCloseable {

    private final ClassifierGraph classifier;
    private final int chunkSize;
    private final int threads;
    private final Lease lease;
    private final Program program;

    private ForwardPass(ClassifierGraph classifier, int chunkSize, int threads, Lease lease) {
        this.classifier = classifier;
        this.chunkSize = chunkSize;
        this.threads = threads;
        this.lease = lease;
        this.program = lease.program();
    }

    public static ForwardPass compile(ClassifierGraph classifier, SearchOptions options) {
        return compile(classifier, options, Programs.compiledAnew());
    }

    /// As {@link #compile(ClassifierGraph, SearchOptions)}, with a program that may be there already.
    public static ForwardPass compile(ClassifierGraph classifier, SearchOptions options, Programs programs) {
        int chunkSize = options.chunkFor(classifier);
        ProgramOptions single = ProgramOptions.singleThreaded();
        ProgramKey key = classifier.key("forward", chunkSize, options.device(), single);
        Lease lease = programs.lease(key, () -> {
            Graph concrete = GraphTransforms.specialise(
                    classifier.graph(), Map.of(classifier.images(), classifier.shape(chunkSize)));
            return Program.compile(concrete, options.device(), single);
        });
        return new ForwardPass(classifier, chunkSize, options.threads(), lease);
    }

    /// The logits of images 0 to count-1, as [count, classes].
    ///
    /// @throws ProblemException `non-finite-logits` naming the first image whose logits are not all numbers
    public float[] logits(ImageSource images, int count, Progress progress) {
        float[] all = new float[Math.multiplyExact(count, classifier.classes())];
        AtomicLong done = new AtomicLong();
        try (ParallelRuns runs = new ParallelRuns(threads);
                StopSignal stop = StopSignal.following(progress)) {
            runs.forEachChunk(count, chunkSize, chunk -> {
                progress.checkCancelled();
                try (Tensor points = allocatePoints();
                        Tensor logits = allocateLogits()) {
                    FloatBuffer values = points.floats();
                    for (int i = 0; i < chunk.count(); i++) {
                        images.read(chunk.from() + i, image(values, i));
                    }
                    run(points, logits, stop);
                    FloatBuffer answers = logits.floats();
                    for (int i = 0; i < chunk.count(); i++) {
                        requireFinite(
                                answers.slice(i * classifier.classes(), classifier.classes()),
                                "image " + (chunk.from() + i));
                    }
                    answers.get(0, all, chunk.from() * classifier.classes(), chunk.count() * classifier.classes());
                }
                synchronized (done) {
                    progress.report("clean", done.addAndGet(chunk.count()), count);
                }
            });
        }
        return all;
    }

    /// The class with the largest logit of row `row`; of equal ones the first.
    public static int predicted(FloatBuffer logits, int row, int classes) {
        int best = 0;
        for (int i = 1; i < classes; i++) {
            if (logits.get(row * classes + i) > logits.get(row * classes + best)) {
                best = i;
            }
        }
        return best;
    }

    @Override
    public void close() {
        lease.close();
    }

    int chunkSize() {
        return chunkSize;
    }

    Tensor allocatePoints() {
        return Tensor.allocate(ElementType.FLOAT, classifier.shape(chunkSize));
    }

    Tensor allocateLogits() {
        return Tensor.allocate(ElementType.FLOAT, chunkSize, classifier.classes());
    }

    void run(Tensor points, Tensor logits, StopSignal stop) {
        program.run(Map.of(classifier.images(), points), Map.of(classifier.logits(), logits), stop);
    }

    /// A view of image `index` of a chunk.
    FloatBuffer image(FloatBuffer chunk, int index) {
        return chunk.slice(index * classifier.imageSize(), classifier.imageSize());
    }

    /// Refuses an answer that says nothing.
    ///
    /// @param what the image that was shown, for the message
    static void requireFinite(FloatBuffer logits, String what) {
        for (int i = 0; i < logits.remaining(); i++) {
            if (!Float.isFinite(logits.get(logits.position() + i))) {
                throw new ProblemException(
                        "non-finite-logits",
                        "model",
                        "the model answers %s with %s for class %d"
                                .formatted(what, logits.get(logits.position() + i), i),
                        "check the model's arithmetic: with such logits neither accuracy nor robustness has a meaning");
            }
        }
    }
}
