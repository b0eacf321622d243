package dev.assay.worker;

import dev.assay.job.v1.Job;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.consumer.OffsetAndTimestamp;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.utils.Utils;

/// Reads the events of one job again from its partition, from the time of its submission on.
final class EventReplay {

    /// The clocks of a gateway and of the broker may differ by this much.
    private static final Duration CLOCK_DIFFERENCE = Duration.ofMinutes(5);

    private static final Duration POLL = Duration.ofMillis(500);

    private final KafkaConnection connection;
    private final JobStates states;
    private final int partitions;

    EventReplay(KafkaConnection connection, Admin admin, JobStates states) {
        this.connection = connection;
        this.states = states;
        this.partitions =
                TopicReader.partitions(admin, Set.of(Topics.JOB_EVENTS)).size();
    }

    /// @throws dev.assay.computation.ProblemException `mesh-unavailable`
    List<JobEventLog.Entry> events(String jobId) {
        var partition = new TopicPartition(Topics.JOB_EVENTS, partitionOf(jobId));
        var rule = new LegalHistory();
        List<JobEventLog.Entry> events = new ArrayList<>();
        try (KafkaConsumer<String, byte[]> consumer = connection.reader()) {
            consumer.assign(List.of(partition));
            long end = consumer.endOffsets(List.of(partition)).get(partition);
            seek(consumer, partition, end, jobId);
            while (consumer.position(partition) < end) {
                for (ConsumerRecord<String, byte[]> record : consumer.poll(POLL)) {
                    if (jobId.equals(record.key())) {
                        var entry = new JobEventLog.Entry(record.offset(), JobEvents.readEvent(record));
                        if (rule.admits(entry.event())) {
                            events.add(entry);
                        }
                    }
                }
            }
        } catch (KafkaException failure) {
            throw Topics.unavailable(failure);
        }
        return events;
    }

    private void seek(KafkaConsumer<String, byte[]> consumer, TopicPartition partition, long end, String jobId) {
        Instant from = states.find(jobId)
                .map(Job::getCreatedAt)
                .map(JobLife::instant)
                .orElse(Instant.EPOCH)
                .minus(CLOCK_DIFFERENCE);
        if (from.isBefore(Instant.EPOCH)) {
            consumer.seekToBeginning(List.of(partition));
            return;
        }
        OffsetAndTimestamp found =
                consumer.offsetsForTimes(Map.of(partition, from.toEpochMilli())).get(partition);
        consumer.seek(partition, found == null ? end : found.offset());
    }

    /// Where Kafka's default partitioner puts a key.
    private int partitionOf(String jobId) {
        return Utils.toPositive(Utils.murmur2(jobId.getBytes(StandardCharsets.UTF_8))) % partitions;
    }
}
