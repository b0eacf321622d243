package dev.assay.attack;

import dev.assay.autodiff.UnsupportedOperatorException;
import dev.assay.computation.ProblemException;
import dev.assay.computation.Progress;
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
import java.util.List;
import java.util.stream.IntStream;

/// Measures how robust a classifier is: its accuracy on clean images, and for each threat the share of all samples
/// that projected gradient descent on the cross-entropy does not make it misclassify (Madry et al., 2018).
///
/// A sample that broke at a smaller epsilon of the same norm is broken at a larger one too, by the same
/// perturbation, and is not attacked again; so robust accuracy never rises with epsilon. What PGD finds is an
/// upper bound of the true robust accuracy.
public final class RobustnessEvaluation {

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
        return new Evaluation(clean, settings, progress).run();
    }

    /// One evaluation under way.
    private final class Evaluation {

        private final CleanLogits clean;
        private final EvaluationSettings settings;
        private final Progress progress;
        private final ImageSource source = new CheckedImages(images);
        private final ThreatResult[] results;
        private final ExampleKeeper examples;

        Evaluation(CleanLogits clean, EvaluationSettings settings, Progress progress) {
            this.clean = clean;
            this.settings = settings;
            this.progress = progress;
            this.results = new ThreatResult[settings.threats().size()];
            this.examples = new ExampleKeeper(
                    Math.min(settings.examples(), settings.samples()),
                    settings.threats().size(),
                    classifier.graph().imageSize());
        }

        RobustnessReport run() {
            int right = (int)
                    IntStream.range(0, settings.samples()).filter(this::isRight).count();
            for (Norm norm : Norm.values()) {
                List<Integer> smallestFirst = settings.byEpsilon(norm);
                if (!smallestFirst.isEmpty()) {
                    attack(norm, smallestFirst);
                }
            }
            SearchEffort effort = SearchEffort.NONE;
            for (ThreatResult result : results) {
                effort = effort.plus(result.effort());
            }
            Proportion accuracy = new Proportion(right, settings.samples());
            return new RobustnessReport(
                    accuracy,
                    accuracy.wilson(settings.confidence()),
                    List.of(results),
                    examples.examples(source, clean, classifier.graph().imageSize()),
                    effort);
        }

        private void attack(Norm norm, List<Integer> smallestFirst) {
            try (PerturbationSearch search =
                    PerturbationSearch.compile(classifier.graph(), Objective.crossEntropy(), norm, options, programs)) {
                Survivors survivors = new Survivors(settings.samples(), this::isRight);
                int previous = -1;
                for (int threat : smallestFirst) {
                    examples.carryOver(previous, threat);
                    results[threat] = attack(search, threat, survivors);
                    previous = threat;
                }
            }
        }

        private ThreatResult attack(PerturbationSearch search, int threat, Survivors survivors) {
            ThreatModel model = settings.threats().get(threat);
            Attacked.Listener listener = attacked -> {
                survivors.found(attacked);
                examples.found(threat, attacked);
            };
            SearchEffort effort = search.run(source, survivors.samples(), model, settings.pgd(), listener, progress);
            List<Outcome> outcomes = survivors.outcomes();
            long robust = outcomes.stream().filter(Outcome.ROBUST::equals).count();
            Proportion accuracy = new Proportion(robust, settings.samples());
            return new ThreatResult(
                    model,
                    accuracy,
                    accuracy.wilson(settings.confidence()),
                    survivors.largestPerturbation(),
                    outcomes,
                    effort);
        }

        private boolean isRight(int sample) {
            return clean.predicted(sample) == source.label(sample);
        }
    }
}
