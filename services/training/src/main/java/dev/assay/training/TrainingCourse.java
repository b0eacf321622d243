package dev.assay.training;

import dev.assay.computation.UnfitCheckpointException;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalDouble;

/// How far a training has come, between two steps.
///
/// @param epochs those that are over, their evaluation included
/// @param sums over the steps of the epoch under way
record TrainingCourse(List<EpochRecord> epochs, Sums sums) {

    static final TrainingCourse BEGINNING = new TrainingCourse(List.of(), Sums.NONE);

    TrainingCourse {
        epochs = List.copyOf(epochs);
    }

    /// Running sums over the first steps of an epoch.
    ///
    /// @param steps done
    /// @param correct right answers
    record Sums(int steps, long correct, double loss, double gradientNorm) {

        static final Sums NONE = new Sums(0, 0, 0, 0);

        Sums plus(TrainingStep step) {
            return new Sums(
                    steps + 1, correct + step.correct(), loss + step.loss(), gradientNorm + step.gradientNorm());
        }

        double meanLoss() {
            return loss / steps;
        }

        double accuracy(int batchSize) {
            return (double) correct / ((long) steps * batchSize);
        }

        double meanGradientNorm() {
            return gradientNorm / steps;
        }
    }

    /// The epoch under way, from 0.
    int epoch() {
        return epochs.size();
    }

    /// All steps so far.
    long steps(int stepsPerEpoch) {
        return (long) epochs.size() * stepsPerEpoch + sums.steps();
    }

    TrainingCourse afterStep(TrainingStep step) {
        return new TrainingCourse(epochs, sums.plus(step));
    }

    TrainingCourse afterEpoch(EpochRecord epoch) {
        List<EpochRecord> more = new ArrayList<>(epochs);
        more.add(epoch);
        return new TrainingCourse(more, Sums.NONE);
    }

    void writeTo(DataOutputStream out) throws IOException {
        out.writeInt(epochs.size());
        for (EpochRecord epoch : epochs) {
            out.writeByte(epoch.phase().ordinal());
            out.writeDouble(epoch.rate());
            out.writeDouble(epoch.loss());
            out.writeDouble(epoch.trainAccuracy());
            out.writeBoolean(epoch.testAccuracy().isPresent());
            out.writeDouble(epoch.testAccuracy().orElse(0));
            out.writeDouble(epoch.gradientNorm());
        }
        out.writeInt(sums.steps());
        out.writeLong(sums.correct());
        out.writeDouble(sums.loss());
        out.writeDouble(sums.gradientNorm());
    }

    /// @param epochs length of the training
    /// @param stepsPerEpoch its steps
    /// @throws UnfitCheckpointException for a point that the training does not come to
    static TrainingCourse readFrom(DataInputStream in, int epochs, int stepsPerEpoch)
            throws IOException, UnfitCheckpointException {
        int over = in.readInt();
        if (over < 0 || over > epochs) {
            throw new UnfitCheckpointException("has " + over + " of " + epochs + " epochs");
        }
        List<EpochRecord> records = new ArrayList<>();
        for (int number = 1; number <= over; number++) {
            records.add(epoch(number, in));
        }
        Sums sums = new Sums(in.readInt(), in.readLong(), in.readDouble(), in.readDouble());
        if (sums.steps() < 0 || sums.steps() > (over == epochs ? 0 : stepsPerEpoch)) {
            throw new UnfitCheckpointException("has done " + sums.steps() + " of " + stepsPerEpoch + " steps of epoch "
                    + (over + 1) + " of " + epochs);
        }
        return new TrainingCourse(records, sums);
    }

    private static EpochRecord epoch(int number, DataInputStream in) throws IOException, UnfitCheckpointException {
        int phase = in.readUnsignedByte();
        if (phase >= TrainingPhase.values().length) {
            throw new UnfitCheckpointException("names the phase " + phase + " in epoch " + number);
        }
        double rate = in.readDouble();
        double loss = in.readDouble();
        double trainAccuracy = in.readDouble();
        boolean tested = in.readBoolean();
        double testAccuracy = in.readDouble();
        return new EpochRecord(
                number,
                TrainingPhase.values()[phase],
                rate,
                loss,
                trainAccuracy,
                tested ? OptionalDouble.of(testAccuracy) : OptionalDouble.empty(),
                in.readDouble());
    }
}
