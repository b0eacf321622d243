package dev.assay.worker;

import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.jboss.logging.Logger;

/// What a worker's slots share about one of its queues: whose turn it is, and the records that are missing.
final class QueueWork implements AutoCloseable {

    private static final Logger LOG = Logger.getLogger(QueueWork.class);
    private static final Duration PATIENCE = Duration.ofSeconds(20);
    private static final int MOST_AT_ONCE = 100;

    private final WorkQueue queue;
    private final JobConsumer worker;
    private final Turns turns;
    private final Intake intake;
    private Set<String> waitedBefore = Set.of();

    QueueWork(WorkQueue queue, JobConsumer worker) {
        Mesh mesh = worker.mesh();
        this.queue = queue;
        this.worker = worker;
        this.turns = new Turns(queue, mesh.states());
        this.intake = new Intake(
                queue,
                mesh.source(),
                worker.configuration().attempts(),
                mesh.states(),
                mesh.orders(),
                turns,
                mesh.clock());
    }

    WorkQueue queue() {
        return queue;
    }

    JobRun jobRun() {
        return new JobRun(worker, intake, turns);
    }

    /// To be called now and then by a slot that gets no records. A job that waits all the same has none: it was
    /// kept waiting for longer than the topic keeps records, or somebody has emptied the topic. It gets a new one;
    /// one too many does no harm. Nothing that was accepted waits for ever.
    ///
    /// @throws dev.assay.computation.ProblemException `mesh-unavailable`
    synchronized void replaceMissingRecords() {
        var waiting = turns.waiting(MOST_AT_ONCE);
        List<ProducerRecord<String, byte[]>> records = waiting.stream()
                .filter(job -> waitedBefore.contains(job.getId()))
                .peek(job -> LOG.warnf("job %s waits and its record is missing: it gets a new one", job.getId()))
                .map(job -> JobRequests.record(job, worker.mesh().source()))
                .toList();
        if (!records.isEmpty()) {
            worker.mesh().ledger().commit(records, PATIENCE);
        }
        waitedBefore = new HashSet<>();
        waiting.forEach(job -> waitedBefore.add(job.getId()));
    }

    @Override
    public void close() {
        turns.close();
    }
}
