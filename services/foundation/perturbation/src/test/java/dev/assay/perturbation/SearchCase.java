package dev.assay.perturbation;

import dev.assay.computation.CounterRandom;
import dev.assay.computation.Progress;

/// Random samples, and the epsilon from which each is broken in closed form.
record SearchCase(LinearClassifier classifier, Images images) {

    static SearchCase of(long seed, int classes, int count) {
        CounterRandom random = CounterRandom.of(seed, "test", 0);
        LinearClassifier classifier = LinearClassifier.random(random, classes, 4, 4);
        return new SearchCase(classifier, Images.classifiedBy(classifier, random, count));
    }

    double breakingEpsilon(int sample, Norm norm) {
        double[] logits = classifier.logits(images.pixels()[sample]);
        double size = 0;
        for (int i = 0; i < 16; i++) {
            double w = Math.abs(classifier.weight()[0][i] - classifier.weight()[1][i]);
            size += norm == Norm.LINF ? w : w * w;
        }
        return Math.abs(logits[0] - logits[1]) / (norm == Norm.LINF ? size : Math.sqrt(size));
    }

    Found search(ThreatModel threat, PgdSettings settings, SearchOptions options) {
        Found found = new Found();
        try (PerturbationSearch search =
                PerturbationSearch.compile(classifier.graph(), Objective.crossEntropy(), threat.norm(), options)) {
            search.run(images, images.all(), threat, settings, found, Progress.SILENT);
        }
        return found;
    }
}
