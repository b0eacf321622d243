package dev.assay.worker;

import java.time.Duration;
import java.util.List;
import org.apache.kafka.clients.consumer.AcknowledgeType;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaShareConsumer;
import org.jboss.logging.Logger;

/// One of a worker's slots: a member of the capability's share group that holds one record at a time. All calls
/// to its consumer are made on its own thread, as Kafka demands.
final class JobSlot {

    private static final Logger LOG = Logger.getLogger(JobSlot.class);

    /// A job that came right after another waited as long as a poll lasts (530 ms at 500 ms, 74 ms at 50 ms):
    /// a poll that begins while an acknowledgement is on its way seems not to ask the broker for records.
    private static final Duration POLL = Duration.ofMillis(50);

    private static final Duration PAUSE_AFTER_FAILURE = Duration.ofMillis(500);
    private static final Duration PATIENCE_WITH_HANDLER = Duration.ofSeconds(15);

    private final JobConsumer worker;
    private final JobRun runs;
    private final Thread thread;
    private volatile boolean takesMore = true;

    JobSlot(JobConsumer worker, int number) {
        this.worker = worker;
        this.runs = new JobRun(worker);
        this.thread = Thread.ofPlatform()
                .name("assay-" + worker.capability() + "-slot-" + number)
                .daemon()
                .unstarted(this::work);
    }

    void start() {
        thread.start();
    }

    boolean isAlive() {
        return thread.isAlive();
    }

    void takeNoMore() {
        takesMore = false;
    }

    /// Waits until the slot has let go of its record; its attempt must have been told to stop.
    void close() {
        takeNoMore();
        try {
            if (!thread.join(PATIENCE_WITH_HANDLER)) {
                LOG.warnf("%s does not stop: its handler does not look at its progress", thread.getName());
            }
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
        }
    }

    private void work() {
        while (takesMore) {
            try (var member = worker.mesh().connection().shareConsumer(Topics.group(worker.capability()))) {
                member.subscribe(List.of(Topics.jobs(worker.capability())));
                takeJobs(member);
            } catch (RuntimeException failure) {
                LOG.warnf(failure, "%s starts again", thread.getName());
                pause();
            }
        }
    }

    private void takeJobs(KafkaShareConsumer<String, byte[]> member) {
        while (takesMore) {
            for (ConsumerRecord<String, byte[]> record : member.poll(POLL)) {
                var hold = new RecordHold(member, record);
                hold.end(takesMore ? runs.take(record, hold) : AcknowledgeType.RELEASE);
            }
        }
    }

    private void pause() {
        try {
            Thread.sleep(PAUSE_AFTER_FAILURE);
        } catch (InterruptedException stopped) {
            takesMore = false;
        }
    }
}
