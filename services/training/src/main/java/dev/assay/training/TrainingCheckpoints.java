package dev.assay.training;

import java.nio.file.Path;
import java.util.Optional;

/// Where a training keeps points to go on from, and where it finds the last one. A training that goes on gives the
/// same weights, to the last bit on a CPU, and the same epochs as one that was never interrupted.
public interface TrainingCheckpoints {

    /// What the course of the training depends on besides its options, such as the digests of data and model: a
    /// checkpoint is only for a training with the same.
    String inputs();

    /// What an earlier attempt at the same training kept last.
    Optional<Path> last();

    /// Told when {@link #last} cannot be gone on from; the training begins at the beginning.
    ///
    /// @param reason the end of "the checkpoint …"
    void refused(String reason);

    /// Asked after every step: whether to keep a checkpoint now.
    ///
    /// @param steps since the last one, or since the beginning
    boolean isDue(long steps);

    /// Keeps a point. Also called when the training is cancelled, before it ends. Must not fail: a training does
    /// not depend on it.
    ///
    /// @param checkpoint readable only during the call
    void keep(TrainingCheckpoint checkpoint);

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
