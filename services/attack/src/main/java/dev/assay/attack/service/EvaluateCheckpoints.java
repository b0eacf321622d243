package dev.assay.attack.service;

import dev.assay.attack.EvaluationCheckpoint;
import dev.assay.attack.EvaluationCheckpoints;
import dev.assay.worker.Job;
import dev.assay.worker.JobCheckpoints;
import java.time.Duration;

/// Keeps checkpoints of an evaluation after threats, and in the middle of long ones.
final class EvaluateCheckpoints extends JobCheckpoints<EvaluationCheckpoint> implements EvaluationCheckpoints {

    /// Less work than this is not worth a file and an event, at the end of a threat and in its middle.
    private static final Duration PAUSE_AFTER_A_THREAT = Duration.ofSeconds(1);

    private static final Duration PAUSE_IN_A_THREAT = Duration.ofSeconds(10);

    EvaluateCheckpoints(Job<?> job) {
        super(job);
    }

    @Override
    public boolean isDue(Boundary boundary) {
        Duration pause = switch (boundary) {
            case THREAT -> PAUSE_AFTER_A_THREAT;
            case SAMPLE -> PAUSE_IN_A_THREAT;
        };
        return sinceLast().compareTo(pause) >= 0;
    }
}
