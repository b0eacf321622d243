package dev.assay.worker;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.apache.kafka.clients.consumer.AcknowledgeType;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaShareConsumer;
import org.jboss.logging.Logger;

/// One of a worker's slots: a member of the share group of each of the worker's queues, which holds one record at a
/// time. All calls to its consumers are made on its own thread, as Kafka demands.
final class JobSlot {

    private static final Logger LOG = Logger.getLogger(JobSlot.class);

    /// A job that came right after another waited as long as a poll lasts (530 ms at 500 ms, 74 ms at 50 ms):
    /// a poll that begins while an acknowledgement is on its way seems not to ask the broker for records.
    private static final Duration POLL = Duration.ofMillis(50);

    private static final Duration PAUSE_AFTER_FAILURE = Duration.ofMillis(500);
    private static final Duration PATIENCE_WITH_HANDLER = Duration.ofSeconds(15);

    /// With no record for so long, the queue has none that is free.
    private static final Duration IDLE = Duration.ofSeconds(10);

    /// A queue as this slot takes from it.
    private record Membership(QueueWork work, JobRun runs, KafkaShareConsumer<String, byte[]> member) {}

    private final JobConsumer worker;
    private final String clientId;
    private final Thread thread;
    private volatile boolean takesMore = true;

    JobSlot(JobConsumer worker, int number) {
        this.worker = worker;
        this.clientId = WorkerMember.clientId(worker.configuration().name(), number);
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
            List<Membership> memberships = new ArrayList<>();
            try {
                worker.queues().forEach(queue -> memberships.add(join(queue)));
                takeJobs(memberships);
            } catch (RuntimeException failure) {
                LOG.warnf(failure, "%s starts again", thread.getName());
                pause();
            } finally {
                memberships.forEach(membership -> membership.member().close());
            }
        }
    }

    private Membership join(QueueWork work) {
        var member = worker.mesh().connection().shareConsumer(work.queue().group(), clientId);
        member.subscribe(List.of(work.queue().topic()));
        return new Membership(work, work.jobRun(), member);
    }

    private void takeJobs(List<Membership> memberships) {
        long idleSince = System.nanoTime();
        while (takesMore) {
            for (Membership membership : memberships) {
                if (takeJob(membership)) {
                    idleSince = System.nanoTime();
                }
            }
            long now = System.nanoTime();
            if (now - idleSince > IDLE.toNanos()) {
                memberships.forEach(membership -> membership.work().replaceMissingRecords(now));
                idleSince = now;
            }
        }
    }

    /// @return whether there was a record
    private boolean takeJob(Membership membership) {
        boolean any = false;
        for (ConsumerRecord<String, byte[]> record : membership.member().poll(POLL)) {
            var hold = new RecordHold(membership.member(), record);
            hold.end(takesMore ? membership.runs().take(record, hold) : AcknowledgeType.RELEASE);
            any = true;
        }
        return any;
    }

    private void pause() {
        try {
            Thread.sleep(PAUSE_AFTER_FAILURE);
        } catch (InterruptedException stopped) {
            takesMore = false;
        }
    }
}
