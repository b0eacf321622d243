package dev.assay.training.service;

import dev.assay.training.TrainingCheckpoint;
import dev.assay.training.TrainingCheckpoints;
import dev.assay.training.v1.TrainRequest;
import dev.assay.worker.Job;
import dev.assay.worker.JobCheckpoints;
import java.time.Duration;

/// Keeps checkpoints of a training as often as its request says.
final class TrainCheckpoints extends JobCheckpoints<TrainingCheckpoint> implements TrainingCheckpoints {

    /// Less work than this is not worth a file and an event.
    private static final Duration PAUSE = Duration.ofSeconds(1);

    private final long everySteps;

    TrainCheckpoints(Job<TrainRequest> job) {
        super(job);
        this.everySteps = Integer.toUnsignedLong(job.request().getCheckpointSteps());
    }

    @Override
    public boolean isDue(long steps) {
        return steps >= everySteps && sinceLast().compareTo(PAUSE) >= 0;
    }
}
