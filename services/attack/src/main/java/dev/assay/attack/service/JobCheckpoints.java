package dev.assay.attack.service;

import dev.assay.attack.EvaluationCheckpoint;
import dev.assay.attack.EvaluationCheckpoints;
import dev.assay.computation.ProblemException;
import dev.assay.worker.Job;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;
import java.util.TreeMap;
import org.jboss.logging.Logger;

/// A job's checkpoints. One that cannot be kept or used is told to the log: it costs time, never the job.
final class JobCheckpoints implements EvaluationCheckpoints {

    private static final Logger LOG = Logger.getLogger(JobCheckpoints.class);

    /// Less work than this is not worth a file and an event, at the end of a threat and in its middle.
    private static final Duration PAUSE_AFTER_A_THREAT = Duration.ofSeconds(1);

    private static final Duration PAUSE_IN_A_THREAT = Duration.ofSeconds(10);

    private final Job<?> job;
    private long keptAt = System.nanoTime();

    JobCheckpoints(Job<?> job) {
        this.job = job;
    }

    /// A registered name may mean other bytes by now; digests do not.
    @Override
    public String inputs() {
        return new TreeMap<>(job.provenance().getInputsMap()).toString();
    }

    @Override
    public Optional<Path> last() {
        return job.lastCheckpoint();
    }

    @Override
    public void refused(String reason) {
        LOG.warnf("job %s begins anew: its checkpoint %s", job.id(), reason);
    }

    @Override
    public boolean isDue(Boundary boundary) {
        Duration pause = switch (boundary) {
            case THREAT -> PAUSE_AFTER_A_THREAT;
            case SAMPLE -> PAUSE_IN_A_THREAT;
        };
        return System.nanoTime() - keptAt >= pause.toNanos();
    }

    @Override
    public void keep(EvaluationCheckpoint checkpoint) {
        Path file = job.scratch().resolve("checkpoint");
        try {
            checkpoint.writeTo(file);
            job.checkpoint(checkpoint.position(), file);
        } catch (IOException | ProblemException failure) {
            LOG.warnf("job %s goes on without a new checkpoint: %s", job.id(), failure.getMessage());
        }
        keptAt = System.nanoTime();
    }
}
