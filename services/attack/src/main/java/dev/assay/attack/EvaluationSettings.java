package dev.assay.attack;

import dev.assay.perturbation.Norm;
import dev.assay.perturbation.PgdSettings;
import dev.assay.perturbation.ThreatModel;
import java.util.Comparator;
import java.util.List;
import java.util.Objects;
import java.util.stream.IntStream;

/// What an evaluation measures.
///
/// @param threats at least one; results keep their order
/// @param pgd how each threat is searched
/// @param samples how many images are taken, from the first on; at least 1
/// @param confidence level of the intervals, in (0, 1)
/// @param examples how many images' perturbed versions are kept, from the first on; fewer, but at least one, when
/// they
///     would take more than 64 MiB over all threats
public record EvaluationSettings(
        List<ThreatModel> threats, PgdSettings pgd, int samples, double confidence, int examples) {

    public EvaluationSettings {
        threats = List.copyOf(threats);
        Objects.requireNonNull(pgd, "pgd");
        if (threats.isEmpty() || samples < 1 || examples < 0) {
            throw new IllegalArgumentException(
                    "%d threats, %d samples, %d examples; give at least one threat and one sample"
                            .formatted(threats.size(), samples, examples));
        }
        if (!(confidence > 0 && confidence < 1)) {
            throw new IllegalArgumentException("confidence is " + confidence + "; give a share, such as 0.95");
        }
    }

    /// Places in {@link #threats} of those of one norm, by growing epsilon.
    public List<Integer> byEpsilon(Norm norm) {
        return IntStream.range(0, threats.size())
                .boxed()
                .filter(i -> threats.get(i).norm() == norm)
                .sorted(Comparator.comparing((Integer i) -> threats.get(i).epsilon()))
                .toList();
    }
}
