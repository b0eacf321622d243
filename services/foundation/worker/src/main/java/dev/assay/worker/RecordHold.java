package dev.assay.worker;

import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import org.apache.kafka.clients.consumer.AcknowledgeType;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaShareConsumer;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.TopicIdPartition;
import org.jboss.logging.Logger;

/// A slot's hold on a record of the work queue: it lasts for the group's lock duration and is renewed while the
/// job runs. Used on the slot's thread only.
final class RecordHold {

    private static final Logger LOG = Logger.getLogger(RecordHold.class);
    private static final Duration COMMIT = Duration.ofSeconds(10);
    private static final Duration RENEWAL_POLL = Duration.ofMillis(500);

    /// How the hold stands after an attempt to renew it.
    enum State {
        HELD,
        LOST
    }

    private final KafkaShareConsumer<String, byte[]> member;
    private final ConsumerRecord<String, byte[]> record;
    private State state = State.HELD;
    private long renewedAt = System.nanoTime();

    RecordHold(KafkaShareConsumer<String, byte[]> member, ConsumerRecord<String, byte[]> record) {
        this.member = member;
        this.record = record;
    }

    /// How long the record is ours without renewing.
    Duration lock(Duration configured) {
        return member.acquisitionLockTimeoutMs().map(Duration::ofMillis).orElse(configured);
    }

    /// Whether the record is known to be another worker's to take.
    boolean isLost() {
        return state == State.LOST;
    }

    /// Whether the lock may have run out: this thread was frozen, or the broker away, for longer than it lasts.
    boolean mayHaveRunOut(Duration lock) {
        return state == State.LOST || System.nanoTime() - renewedAt > lock.toNanos();
    }

    /// Starts the lock's time anew. After the commit the record must be polled again before it can be
    /// acknowledged again; the broker hands it out at once.
    State renew() {
        if (state == State.LOST) {
            return state;
        }
        long asked = System.nanoTime();
        try {
            member.acknowledge(record, AcknowledgeType.RENEW);
            Optional<KafkaException> refused = commit();
            if (refused.isPresent()) {
                LOG.warnf("%s is lost: %s", JobRequests.describe(record), refused.get());
                state = State.LOST;
                return state;
            }
            renewedAt = asked;
            pollAgain();
        } catch (KafkaException | IllegalStateException failure) {
            // the broker may be away; whether the hold survived is seen when the job ends
            LOG.warnf("%s could not be renewed: %s", JobRequests.describe(record), failure);
            state = State.LOST;
        }
        return state;
    }

    /// Says what becomes of the record. The job's state is committed by now: if this is lost, the record comes
    /// again, its job is over, and it is skipped.
    void end(AcknowledgeType verdict) {
        if (state == State.LOST) {
            return;
        }
        try {
            member.acknowledge(record, verdict);
            commit().ifPresent(refused ->
                    LOG.infof("%s was not ours to acknowledge: %s", JobRequests.describe(record), refused));
        } catch (IllegalStateException notHeld) {
            LOG.infof("%s is no longer held: %s", JobRequests.describe(record), notHeld.getMessage());
        }
    }

    private void pollAgain() {
        for (int tries = 0; tries < 4; tries++) {
            for (ConsumerRecord<String, byte[]> polled : member.poll(RENEWAL_POLL)) {
                if (RecordPosition.of(polled).equals(RecordPosition.of(record))) {
                    return;
                }
                member.acknowledge(polled, AcknowledgeType.RELEASE);
            }
        }
        LOG.warnf("%s did not come back after its renewal", JobRequests.describe(record));
    }

    private Optional<KafkaException> commit() {
        Map<TopicIdPartition, Optional<KafkaException>> results = member.commitSync(COMMIT);
        return results.values().stream().flatMap(Optional::stream).findFirst();
    }
}
