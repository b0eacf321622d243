package dev.assay.worker;

import dev.assay.job.v1.Job;
import dev.assay.job.v1.Problem;
import java.nio.charset.StandardCharsets;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.producer.ProducerRecord;

/// What goes to `assay.jobs.dead`: a record that nobody can read as it came, its own headers included, or the
/// request of a job that is given up; and the reason in headers that begin with `assay_`.
final class DeadRecords {

    private DeadRecords() {}

    /// A record that is no request of any job.
    static ProducerRecord<String, byte[]> of(ConsumerRecord<String, byte[]> record, Problem problem, String buriedBy) {
        var dead = new ProducerRecord<>(Topics.DEAD, record.key(), record.value());
        record.headers().forEach(header -> dead.headers().add(header));
        header(dead, "attempts", "0");
        header(dead, "last_worker", "");
        return explained(dead, record, problem, buriedBy);
    }

    /// A job that is given up.
    ///
    /// @param record the one that brought it for the last time
    static ProducerRecord<String, byte[]> of(
            Job job, ConsumerRecord<String, byte[]> record, Problem problem, String buriedBy) {
        ProducerRecord<String, byte[]> request = JobRequests.record(job, buriedBy);
        var dead = new ProducerRecord<>(Topics.DEAD, request.key(), request.value());
        request.headers().forEach(header -> dead.headers().add(header));
        header(dead, "attempts", Integer.toString(job.getAttempt()));
        header(dead, "last_worker", job.getWorker());
        header(dead, "log_tail", problem.getLogTail());
        return explained(dead, record, problem, buriedBy);
    }

    private static ProducerRecord<String, byte[]> explained(
            ProducerRecord<String, byte[]> dead,
            ConsumerRecord<String, byte[]> record,
            Problem problem,
            String buriedBy) {
        header(dead, "topic", record.topic());
        header(dead, "partition", Integer.toString(record.partition()));
        header(dead, "offset", Long.toString(record.offset()));
        header(dead, "problem", problem.getType());
        header(dead, "reason", problem.getDetail());
        header(dead, "buried_by", buriedBy);
        return dead;
    }

    private static void header(ProducerRecord<?, ?> record, String name, String value) {
        record.headers().add("assay_" + name, value.getBytes(StandardCharsets.UTF_8));
    }
}
