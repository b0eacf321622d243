package dev.assay.attack;

import dev.assay.perturbation.SearchEffort;
import dev.assay.statistics.Interval;
import dev.assay.statistics.Proportion;
import java.util.List;

/// The answer of an evaluation.
///
/// @param cleanAccuracy share of samples that are classified right without a perturbation
/// @param cleanInterval Wilson's, of the clean accuracy
/// @param results one for each threat, in the evaluation's order
/// @param examples the first samples, clean and perturbed
/// @param effort of all searches together
public record RobustnessReport(
        Proportion cleanAccuracy,
        Interval cleanInterval,
        List<ThreatResult> results,
        List<Example> examples,
        SearchEffort effort) {

    public RobustnessReport {
        results = List.copyOf(results);
        examples = List.copyOf(examples);
    }

    public int samples() {
        return Math.toIntExact(cleanAccuracy.trials());
    }
}
