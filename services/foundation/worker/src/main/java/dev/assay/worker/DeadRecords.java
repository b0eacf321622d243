package dev.assay.worker;

import dev.assay.job.v1.Problem;
import java.nio.charset.StandardCharsets;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.producer.ProducerRecord;

/// What goes to `assay.jobs.dead`: the record as it came, its own headers included, and the reason in headers
/// that begin with `assay_`. It can be put back as it is.
final class DeadRecords {

    private DeadRecords() {}

    /// @param attempts how often the job was started; 0 when it is no job
    /// @param lastWorker the worker of the last attempt; empty when there was none
    static ProducerRecord<String, byte[]> of(
            ConsumerRecord<String, byte[]> record, Problem problem, int attempts, String lastWorker, String buriedBy) {
        var dead = new ProducerRecord<>(Topics.DEAD, record.key(), record.value());
        record.headers().forEach(header -> dead.headers().add(header));
        header(dead, "topic", record.topic());
        header(dead, "partition", Integer.toString(record.partition()));
        header(dead, "offset", Long.toString(record.offset()));
        header(dead, "problem", problem.getType());
        header(dead, "reason", problem.getDetail());
        header(dead, "attempts", Integer.toString(attempts));
        header(dead, "last_worker", lastWorker);
        header(dead, "buried_by", buriedBy);
        return dead;
    }

    private static void header(ProducerRecord<?, ?> record, String name, String value) {
        record.headers().add("assay_" + name, value.getBytes(StandardCharsets.UTF_8));
    }
}
