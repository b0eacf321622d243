package dev.assay.worker;

import dev.assay.job.v1.Job;
import dev.assay.job.v1.Progress;
import java.time.Clock;
import java.time.Duration;
import java.util.function.Supplier;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.KafkaException;
import org.jboss.logging.Logger;

/// Sends progress without a transaction: it may be lost with its worker, and must cost nothing. What an attempt
/// has sent is in the log before its final step, because that step waits for {@link #flush}.
final class ProgressStream implements AutoCloseable {

    private static final Logger LOG = Logger.getLogger(ProgressStream.class);

    private final KafkaProducer<String, byte[]> producer;
    private final String source;
    private final Clock clock;

    ProgressStream(KafkaConnection connection, String source, Clock clock) {
        this.producer = connection.producer();
        this.source = source;
        this.clock = clock;
    }

    /// @param running the job as its attempt has it at the moment of a report
    JobProgress of(Supplier<Job> running) {
        return new JobProgress(new JobProgress.Listener() {
            @Override
            public void event(Progress progress) {
                send(JobEvents.record(step(progress).event(), source));
            }

            @Override
            public void snapshot(Progress progress) {
                send(JobEvents.snapshot(step(progress).snapshot(), source));
            }

            private JobLife.Step step(Progress progress) {
                return JobLife.progressed(running.get(), progress, clock.instant());
            }
        });
    }

    /// Tells of the checkpoint that the job has now: in the same stream as progress, so that no snapshot of an
    /// earlier moment follows it.
    void checkpoint(Job running) {
        JobLife.checkpointed(running, clock.instant()).records(source).forEach(this::send);
    }

    /// Returns when everything sent so far is in the log, or lost.
    void flush() {
        producer.flush();
    }

    @Override
    public void close() {
        producer.close(Duration.ofSeconds(5));
    }

    private void send(ProducerRecord<String, byte[]> record) {
        try {
            producer.send(record, (where, failure) -> {
                if (failure != null) {
                    LOG.debugf("progress of %s was lost: %s", record.key(), failure);
                }
            });
        } catch (KafkaException failure) {
            LOG.debugf("progress of %s was lost: %s", record.key(), failure);
        }
    }
}
