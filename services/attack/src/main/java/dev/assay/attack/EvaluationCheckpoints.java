package dev.assay.attack;

import dev.assay.computation.Checkpoints;
import java.nio.file.Path;
import java.util.Optional;

/// Where an evaluation keeps points to go on from, and where it finds the last one. An evaluation that goes on
/// gives the same outcomes as one that was never interrupted, because the outcome of a sample does not depend on
/// the others. May be called by several threads, one at a time.
public interface EvaluationCheckpoints extends Checkpoints<EvaluationCheckpoint> {

    /// What has just been finished.
    enum Boundary {
        THREAT,
        SAMPLE
    }

    /// Asked after every sample and every threat: whether to keep a checkpoint now.
    boolean isDue(Boundary boundary);

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
