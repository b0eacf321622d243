package dev.assay.worker;

import dev.assay.job.v1.Job;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.jboss.logging.Logger;

/// What a worker's slots share about one of its queues: whose turn it is, and the records that are missing.
final class QueueWork implements AutoCloseable {

    private static final Logger LOG = Logger.getLogger(QueueWork.class);
    private static final Duration PATIENCE = Duration.ofSeconds(20);
    private static final int MOST_AT_ONCE = 100;

    /// Between two looks for records that are missing.
    static final Duration BETWEEN_LOOKS = Duration.ofSeconds(5);

    private final WorkQueue queue;
    private final JobConsumer worker;
    private final Turns turns;
    private final Intake intake;
    private Map<String, Job> missingBefore = Map.of();
    private long lookedAt = System.nanoTime() - BETWEEN_LOOKS.toNanos();

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

    /// To be called now and then by a slot that gets no records, so that nothing that was accepted stays undone.
    ///
    /// A job that waits all the same has no record: it was kept waiting for longer than the topic keeps records, or
    /// somebody has emptied the topic. One that runs on a worker that does not work on it has none either, or it
    /// would have come again. What is found at two looks in a row gets a new record; one too many does no harm.
    /// Looks lie some seconds apart, whichever slots ask for them: a job that is just starting looks like a
    /// lost one.
    ///
    /// @param nanoTime now
    /// @throws dev.assay.computation.ProblemException `mesh-unavailable`
    synchronized void replaceMissingRecords(long nanoTime) {
        if (nanoTime - lookedAt < BETWEEN_LOOKS.toNanos()) {
            return;
        }
        lookedAt = nanoTime;
        List<Job> missing = new ArrayList<>(turns.waiting(MOST_AT_ONCE));
        missing.addAll(abandoned());
        List<ProducerRecord<String, byte[]>> records = new ArrayList<>();
        missing.stream()
                .filter(job -> job.equals(missingBefore.get(job.getId())))
                .forEach(job -> records.addAll(again(job)));
        if (!records.isEmpty()) {
            worker.mesh().ledger().commit(records, PATIENCE);
        }
        missingBefore = missing.stream().collect(Collectors.toMap(Job::getId, Function.identity()));
    }

    /// Jobs that run according to their state, though their worker is gone or has nothing of them.
    private List<Job> abandoned() {
        String ourName = worker.configuration().name();
        List<Job> running = turns.running().stream()
                .filter(job -> worker.attemptAt(job.getId()).isEmpty())
                .toList();
        if (running.isEmpty()) {
            return running;
        }
        Set<String> others = worker.mesh().members().stream()
                .filter(member -> member.queue().equals(queue))
                .map(WorkerMember::worker)
                .filter(name -> !name.equals(ourName))
                .collect(Collectors.toSet());
        return running.stream()
                .filter(job -> !others.contains(job.getWorker()))
                .limit(MOST_AT_ONCE)
                .toList();
    }

    private List<ProducerRecord<String, byte[]>> again(Job job) {
        Mesh mesh = worker.mesh();
        LOG.warnf("job %s is %s and its record is missing: it gets a new one", job.getId(), job.getState());
        List<ProducerRecord<String, byte[]>> records = new ArrayList<>();
        if (job.getState() == Job.State.RUNNING) {
            Job lost =
                    job.toBuilder().setLostAttempts(JobLife.lostAttempts(job)).build();
            String because = job.getWorker() + " no longer works on it";
            records.addAll(
                    JobLife.handedBack(lost, because, mesh.clock().instant()).records(mesh.source()));
        }
        records.add(JobRequests.record(job, mesh.source()));
        return records;
    }

    @Override
    public void close() {
        turns.close();
    }
}
