package dev.assay.training;

import dev.assay.computation.Checkpoints;
import java.nio.file.Path;
import java.util.Optional;

/// Where a training keeps points to go on from, and where it finds the last one. A training that goes on gives the
/// same weights, to the last bit on a CPU, and the same epochs as one that was never interrupted.
public interface TrainingCheckpoints extends Checkpoints<TrainingCheckpoint> {

    /// Asked after every step: whether to keep a checkpoint now.
    ///
    /// @param steps since the last one, or since the beginning
    boolean isDue(long steps);

    /// For callers who begin anew after a crash.
    TrainingCheckpoints NONE = new TrainingCheckpoints() {
        @Override
        public String inputs() {
            return "";
        }

        @Override
        public Optional<Path> last() {
            return Optional.empty();
        }

        @Override
        public void refused(String reason) {}

        @Override
        public boolean isDue(long steps) {
            return false;
        }

        @Override
        public void keep(TrainingCheckpoint checkpoint) {}
    };
}
