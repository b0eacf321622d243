package dev.assay.attack;

import java.nio.file.Path;
import java.util.Optional;

/// Where an evaluation keeps points to go on from, and where it finds the last one. An evaluation that goes on
/// gives the same outcomes as one that was never interrupted, because the outcome of a sample does not depend on
/// the others. May be called by several threads, one at a time.
public interface EvaluationCheckpoints {

    /// What has just been finished.
    enum Boundary {
        THREAT,
        SAMPLE
    }

    /// What the outcomes depend on besides the settings, such as the digests of model and data: a checkpoint is
    /// only for an evaluation with the same.
    String inputs();

    /// What an earlier attempt at the same evaluation kept last.
    Optional<Path> last();

    /// Told when {@link #last} cannot be gone on from; the evaluation begins at the beginning.
    ///
    /// @param reason the end of "the checkpoint …"
    void refused(String reason);

    /// Asked after every sample and every threat: whether to keep a checkpoint now.
    boolean isDue(Boundary boundary);

    /// Keeps a point. Also called when the evaluation is cancelled, before it ends. Must not fail: an evaluation
    /// does not depend on it.
    ///
    /// @param checkpoint readable only during the call
    void keep(EvaluationCheckpoint checkpoint);

    /// For callers who begin anew after a crash.
    EvaluationCheckpoints NONE = new EvaluationCheckpoints() {
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
        public boolean isDue(Boundary boundary) {
            return false;
        }

        @Override
        public void keep(EvaluationCheckpoint checkpoint) {}
    };
}
