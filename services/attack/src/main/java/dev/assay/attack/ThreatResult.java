package dev.assay.attack;

import dev.assay.perturbation.SearchEffort;
import dev.assay.perturbation.ThreatModel;
import dev.assay.statistics.Interval;
import dev.assay.statistics.Proportion;
import java.util.List;

/// Robust accuracy under one threat.
///
/// @param accuracy share of all samples that are classified right and stay so under the attack
/// @param interval Wilson's, of the accuracy
/// @param largestPerturbation the largest norm of a perturbation that broke a sample; 0 when none did
/// @param outcomes one for each sample
/// @param effort what the search cost; nothing for samples that broke at a smaller epsilon
public record ThreatResult(
        ThreatModel threat,
        Proportion accuracy,
        Interval interval,
        double largestPerturbation,
        List<Outcome> outcomes,
        SearchEffort effort) {

    public ThreatResult {
        outcomes = List.copyOf(outcomes);
    }
}
