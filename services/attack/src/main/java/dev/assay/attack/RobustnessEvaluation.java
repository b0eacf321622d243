package dev.assay.attack;

import dev.assay.attack.EvaluationCheckpoints.Boundary;
import dev.assay.autodiff.UnsupportedOperatorException;
import dev.assay.computation.CancelledException;
import dev.assay.computation.CheckpointFile;
import dev.assay.computation.ProblemException;
import dev.assay.computation.Progress;
import dev.assay.computation.UnfitCheckpointException;
import dev.assay.data.LabelledImages;
import dev.assay.perturbation.Attacked;
import dev.assay.perturbation.ForwardPass;
import dev.assay.perturbation.ImageSource;
import dev.assay.perturbation.Norm;
import dev.assay.perturbation.Objective;
import dev.assay.perturbation.PerturbationSearch;
import dev.assay.perturbation.SearchEffort;
import dev.assay.perturbation.SearchOptions;
import dev.assay.perturbation.ThreatModel;
import dev.assay.runtime.Programs;
import dev.assay.statistics.Proportion;
import java.nio.file.Path;
import java.util.Optional;
import java.util.stream.IntStream;

/// Measures how robust a classifier is: its accuracy on clean images, and for each threat the share of all samples
/// that projected gradient descent on the cross-entropy does not make it misclassify (Madry et al., 2018).
///
/// A sample that broke at a smaller epsilon of the same norm is broken at a larger one too, by the same
/// perturbation, and is not attacked again; so robust accuracy never rises with epsilon. What PGD finds is an
/// upper bound of the true robust accuracy.
public final class RobustnessEvaluation {

    private static final String CHECKPOINT_KIND = "robustness evaluation 1";

    private final Classifier classifier;
    private final LabelledImages images;
    private final SearchOptions options;
    private final Programs programs;

    public RobustnessEvaluation(Classifier classifier, LabelledImages images, SearchOptions options) {
        this(classifier, images, options, Programs.compiledAnew());
    }

    /// @param programs where the compiled forward and gradient graphs come from
    public RobustnessEvaluation(
            Classifier classifier, LabelledImages images, SearchOptions options, Programs programs) {
        this.classifier = classifier;
        this.images = images;
        this.options = options;
        this.programs = programs;
    }

    /// The model's answers on the first `count` images as they are.
    ///
    /// @throws ProblemException `non-finite-logits`, `image-out-of-range`
    public CleanLogits cleanLogits(int count, Progress progress) {
        try (ForwardPass forward = ForwardPass.compile(classifier.graph(), options, programs)) {
            return new CleanLogits(forward.logits(new CheckedImages(images), count, progress), classifier.classes());
        }
    }

    /// @param clean the answers of {@link #cleanLogits} on at least as many images as the settings take
    /// @throws ProblemException `not-enough-samples` if the data set has fewer images than the settings take
    /// @throws UnsupportedOperatorException if the model has an operator that cannot be differentiated
    public RobustnessReport evaluate(CleanLogits clean, EvaluationSettings settings, Progress progress) {
        return evaluate(clean, settings, EvaluationCheckpoints.NONE, progress);
    }

    /// As {@link #evaluate(CleanLogits, EvaluationSettings, Progress)}, going on from the last checkpoint if there
    /// is one that fits, and keeping new ones: when they are due, and when the evaluation is cancelled. The
    /// outcomes are those of an evaluation that was never interrupted; the effort is that of the searches that came
    /// to their end, and leaves out what was searched of a threat before it was interrupted.
    public RobustnessReport evaluate(
            CleanLogits clean, EvaluationSettings settings, EvaluationCheckpoints checkpoints, Progress progress) {
        return new Evaluation(clean, settings, checkpoints, progress).run();
    }

    /// One evaluation under way.
    private final class Evaluation {

        private final CleanLogits clean;
        private final EvaluationSettings settings;
        private final EvaluationCheckpoints checkpoints;
        private final Progress progress;
        private final ImageSource source = new CheckedImages(images);
        private final CheckpointFile form;
        private final EvaluationCourse course; // guarded by this while a search runs
        private String kept;

        Evaluation(
                CleanLogits clean, EvaluationSettings settings, EvaluationCheckpoints checkpoints, Progress progress) {
            this.clean = clean;
            this.settings = settings;
            this.checkpoints = checkpoints;
            this.progress = progress;
            this.form = new CheckpointFile(CHECKPOINT_KIND, settings + "; " + checkpoints.inputs());
            this.course = checkpoints.last().flatMap(this::resumed).orElseGet(this::beginning);
            this.kept = course.position();
        }

        RobustnessReport run() {
            try {
                while (!course.isOver()) {
                    attack(course.norm());
                }
            } catch (CancelledException cancelled) {
                keep();
                throw cancelled;
            }
            int right = (int)
                    IntStream.range(0, settings.samples()).filter(this::isRight).count();
            SearchEffort effort = SearchEffort.NONE;
            for (ThreatResult result : course.results()) {
                effort = effort.plus(result.effort());
            }
            Proportion accuracy = new Proportion(right, settings.samples());
            return new RobustnessReport(
                    accuracy,
                    accuracy.wilson(settings.confidence()),
                    course.results(),
                    course.examples().examples(source, clean, classifier.graph().imageSize()),
                    effort);
        }

        /// All threats of a norm that are left; one compiled search serves them.
        private void attack(Norm norm) {
            try (PerturbationSearch search =
                    PerturbationSearch.compile(classifier.graph(), Objective.crossEntropy(), norm, options, programs)) {
                while (!course.isOver() && course.norm() == norm) {
                    ThreatModel threat = settings.threats().get(course.threat());
                    course.finish(search.run(source, course.open(), threat, settings.pgd(), this::found, progress));
                    keepIfDue(Boundary.THREAT);
                }
            }
        }

        private synchronized void found(Attacked attacked) {
            course.found(attacked);
            keepIfDue(Boundary.SAMPLE);
        }

        private EvaluationCourse beginning() {
            return new EvaluationCourse(
                    settings, this::isRight, classifier.graph().imageSize());
        }

        private Optional<EvaluationCourse> resumed(Path file) {
            try {
                return Optional.of(form.read(file, in -> {
                    EvaluationCourse read = beginning();
                    read.readFrom(in);
                    return read;
                }));
            } catch (UnfitCheckpointException unfit) {
                checkpoints.refused(unfit.getMessage());
                return Optional.empty();
            }
        }

        private void keepIfDue(Boundary boundary) {
            if (checkpoints.isDue(boundary)) {
                keep();
            }
        }

        private void keep() {
            if (!course.position().equals(kept)) {
                kept = course.position();
                checkpoints.keep(new EvaluationCheckpoint(form, course));
            }
        }

        private boolean isRight(int sample) {
            return clean.predicted(sample) == source.label(sample);
        }
    }
}
