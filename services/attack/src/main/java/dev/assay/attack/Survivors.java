package dev.assay.attack;

import dev.assay.computation.UnfitCheckpointException;
import dev.assay.perturbation.Attacked;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.util.Arrays;
import java.util.List;
import java.util.function.IntPredicate;
import java.util.stream.IntStream;

/// The samples that a growing epsilon has left standing, and which of them have been attacked at the present one.
/// Not thread-safe.
final class Survivors {

    private final Outcome[] outcomes;
    private final boolean[] attacked;
    private double largestPerturbation;

    private Survivors(Outcome[] outcomes, double largestPerturbation) {
        this.outcomes = outcomes;
        this.attacked = new boolean[outcomes.length];
        this.largestPerturbation = largestPerturbation;
    }

    Survivors(int samples, IntPredicate isRight) {
        this(
                IntStream.range(0, samples)
                        .mapToObj(i -> isRight.test(i) ? Outcome.ROBUST : Outcome.WRONG)
                        .toArray(Outcome[]::new),
                0);
    }

    /// As they were when a threat was finished.
    static Survivors of(ThreatResult result) {
        return new Survivors(result.outcomes().toArray(Outcome[]::new), result.largestPerturbation());
    }

    /// The same, to be attacked anew.
    Survivors atALargerEpsilon() {
        return new Survivors(outcomes.clone(), largestPerturbation);
    }

    void found(Attacked found) {
        attacked[found.sample()] = true;
        switch (found.verdict()) {
            case WITHSTOOD -> {}
            case BROKEN -> {
                outcomes[found.sample()] = Outcome.BROKEN;
                largestPerturbation = Math.max(largestPerturbation, found.distance());
            }
        }
    }

    /// Those that stand and have not been attacked at this epsilon.
    int[] open() {
        return IntStream.range(0, outcomes.length)
                .filter(i -> outcomes[i] == Outcome.ROBUST && !attacked[i])
                .toArray();
    }

    /// How many have been attacked at this epsilon.
    int decided() {
        return (int)
                IntStream.range(0, attacked.length).filter(i -> attacked[i]).count();
    }

    long robust() {
        return Arrays.stream(outcomes).filter(Outcome.ROBUST::equals).count();
    }

    List<Outcome> outcomes() {
        return List.of(outcomes);
    }

    /// Of all perturbations that broke a sample so far.
    double largestPerturbation() {
        return largestPerturbation;
    }

    void writeTo(DataOutputStream out) throws IOException {
        for (int i = 0; i < outcomes.length; i++) {
            out.writeByte(outcomes[i].code());
            out.writeBoolean(attacked[i]);
        }
        out.writeDouble(largestPerturbation);
    }

    /// @throws UnfitCheckpointException for outcomes that the model's answers to clean images rule out
    static Survivors readFrom(DataInputStream in, int samples, IntPredicate isRight)
            throws IOException, UnfitCheckpointException {
        Survivors read = new Survivors(new Outcome[samples], 0);
        for (int i = 0; i < samples; i++) {
            int code = in.readUnsignedByte();
            if (code >= Outcome.values().length || (Outcome.values()[code] == Outcome.WRONG) == isRight.test(i)) {
                throw new UnfitCheckpointException("gives image " + i + " the outcome " + code);
            }
            read.outcomes[i] = Outcome.values()[code];
            read.attacked[i] = in.readBoolean();
        }
        read.largestPerturbation = in.readDouble();
        return read;
    }
}
