package dev.assay.attack;

import dev.assay.computation.UnfitCheckpointException;
import dev.assay.perturbation.Attacked;
import dev.assay.perturbation.Norm;
import dev.assay.perturbation.SearchEffort;
import dev.assay.statistics.Proportion;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.IntPredicate;

/// How far an evaluation has come. Threats are attacked norm after norm, by growing epsilon; {@link #order} has
/// them so. Not thread-safe.
final class EvaluationCourse {

    private final EvaluationSettings settings;
    private final IntPredicate isRight;
    private final List<Integer> order;
    private final List<ThreatResult> finished = new ArrayList<>(); // in that order
    private final ExampleKeeper examples;
    private Survivors survivors;

    /// @param isRight whether a sample is classified right without a perturbation
    EvaluationCourse(EvaluationSettings settings, IntPredicate isRight, int imageSize) {
        this.settings = settings;
        this.isRight = isRight;
        this.order = Arrays.stream(Norm.values())
                .flatMap(norm -> settings.byEpsilon(norm).stream())
                .toList();
        this.examples = new ExampleKeeper(
                Math.min(settings.examples(), settings.samples()),
                settings.threats().size(),
                imageSize);
        this.survivors = new Survivors(settings.samples(), isRight);
    }

    /// Places of the threats in {@link EvaluationSettings#threats}, in the order of their attacks.
    List<Integer> order() {
        return order;
    }

    boolean isOver() {
        return finished.size() == order.size();
    }

    /// The place of the threat under way; only until {@link #isOver}.
    int threat() {
        return order.get(finished.size());
    }

    Norm norm() {
        return settings.threats().get(threat()).norm();
    }

    /// The samples whose outcome under this threat is still open.
    int[] open() {
        return survivors.open();
    }

    void found(Attacked attacked) {
        survivors.found(attacked);
        examples.found(threat(), attacked);
    }

    /// Ends the threat under way and begins the next.
    ///
    /// @param effort of its search
    void finish(SearchEffort effort) {
        int ended = threat();
        finished.add(result(ended, survivors, effort));
        if (!isOver()) {
            begin(ended);
        }
    }

    /// What broke at a smaller epsilon of the same norm is broken at a larger one too.
    private void begin(int previous) {
        if (settings.threats().get(previous).norm() == norm()) {
            survivors = survivors.atALargerEpsilon();
            examples.carryOver(previous, threat());
        } else {
            survivors = new Survivors(settings.samples(), isRight);
        }
    }

    /// In the order of the settings; only when {@link #isOver}.
    List<ThreatResult> results() {
        ThreatResult[] results = new ThreatResult[order.size()];
        for (int i = 0; i < results.length; i++) {
            results[order.get(i)] = finished.get(i);
        }
        return List.of(results);
    }

    ExampleKeeper examples() {
        return examples;
    }

    String position() {
        String threats = finished.size() + " of " + order.size() + " threats";
        int decided = isOver() ? 0 : survivors.decided();
        return decided == 0 ? threats : threats + ", " + decided + " of " + settings.samples() + " images of the next";
    }

    void writeTo(DataOutputStream out) throws IOException {
        out.writeInt(finished.size());
        for (ThreatResult result : finished) {
            Survivors.of(result).writeTo(out);
            out.writeLong(result.effort().imageSteps());
            out.writeLong(result.effort().wall().toNanos());
            out.writeLong(result.effort().device().toNanos());
        }
        survivors.writeTo(out);
        examples.writeTo(out);
    }

    /// Takes over what {@link #writeTo} wrote, into a course at its beginning.
    ///
    /// @throws UnfitCheckpointException for what this evaluation does not come to
    void readFrom(DataInputStream in) throws IOException, UnfitCheckpointException {
        int count = in.readInt();
        if (count < 0 || count > order.size()) {
            throw new UnfitCheckpointException("has finished " + count + " of " + order.size() + " threats");
        }
        for (int i = 0; i < count; i++) {
            Survivors found = Survivors.readFrom(in, settings.samples(), isRight);
            SearchEffort effort =
                    new SearchEffort(in.readLong(), Duration.ofNanos(in.readLong()), Duration.ofNanos(in.readLong()));
            finished.add(result(order.get(i), found, effort));
        }
        survivors = Survivors.readFrom(in, settings.samples(), isRight);
        examples.readFrom(in);
    }

    private ThreatResult result(int threat, Survivors found, SearchEffort effort) {
        Proportion accuracy = new Proportion(found.robust(), settings.samples());
        return new ThreatResult(
                settings.threats().get(threat),
                accuracy,
                accuracy.wilson(settings.confidence()),
                found.largestPerturbation(),
                found.outcomes(),
                effort);
    }
}
