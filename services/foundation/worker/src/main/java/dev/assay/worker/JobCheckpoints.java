package dev.assay.worker;

import dev.assay.computation.Checkpoints;
import dev.assay.computation.ProblemException;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;
import java.util.TreeMap;
import org.jboss.logging.Logger;

/// A job's checkpoints; when one is due, its service says. One that cannot be kept or used is told to the log: it
/// costs time, never the job.
public abstract class JobCheckpoints<P extends Checkpoints.Point> implements Checkpoints<P> {

    private static final Logger LOG = Logger.getLogger(JobCheckpoints.class);

    private final Job<?> job;
    private long keptAt = System.nanoTime();

    protected JobCheckpoints(Job<?> job) {
        this.job = job;
    }

    /// Time since the last one was kept, or since the beginning.
    protected Duration sinceLast() {
        return Duration.ofNanos(System.nanoTime() - keptAt);
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
    public void keep(P point) {
        Path file = job.scratch().resolve("checkpoint");
        try {
            point.writeTo(file);
            job.checkpoint(point.position(), file);
        } catch (IOException | ProblemException failure) {
            LOG.warnf("job %s goes on without a new checkpoint: %s", job.id(), failure.getMessage());
        }
        keptAt = System.nanoTime();
    }
}
