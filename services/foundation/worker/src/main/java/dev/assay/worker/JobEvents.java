package dev.assay.worker;

import com.google.protobuf.InvalidProtocolBufferException;
import dev.assay.computation.ProblemException;
import dev.assay.job.v1.Job;
import dev.assay.job.v1.JobEvent;
import dev.assay.job.v1.JobOrder;
import java.util.Locale;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.producer.ProducerRecord;

/// How snapshots, events and orders look as records: CloudEvents keyed by the job's id.
public final class JobEvents {

    private static final String TYPE = "dev.assay.job.%s.v1";

    private JobEvents() {}

    /// The CloudEvent type of an event: `dev.assay.job.started.v1`.
    ///
    /// @throws IllegalArgumentException if the event tells nothing
    public static String type(JobEvent event) {
        return TYPE.formatted(name(event));
    }

    /// `queued`, `started`, `progress`, `checkpoint`, `succeeded`, `failed` or `cancelled`.
    ///
    /// @throws IllegalArgumentException if the event tells nothing
    public static String name(JobEvent event) {
        return switch (event.getDetailCase()) {
            case QUEUED, STARTED, PROGRESS, CHECKPOINT, SUCCEEDED, FAILED, CANCELLED ->
                event.getDetailCase().name().toLowerCase(Locale.ROOT);
            case DETAIL_NOT_SET -> throw new IllegalArgumentException("an event of " + event.getJobId() + " is empty");
        };
    }

    /// No event of this job follows it.
    public static boolean isFinal(JobEvent event) {
        return switch (event.getDetailCase()) {
            case SUCCEEDED, FAILED, CANCELLED -> true;
            case QUEUED, STARTED, PROGRESS, CHECKPOINT, DETAIL_NOT_SET -> false;
        };
    }

    /// The id of the CloudEvent: the same step written twice has the same one.
    ///
    /// @throws IllegalArgumentException if the event tells nothing
    public static String id(JobEvent event) {
        String id = event.getJobId() + "-" + event.getAttempt() + "-" + name(event);
        return event.hasProgress() || event.hasCheckpoint()
                ? id + "-" + event.getTime().getSeconds() + "."
                        + event.getTime().getNanos()
                : id;
    }

    static ProducerRecord<String, byte[]> record(JobEvent event, String source) {
        String job = event.getJobId();
        return CloudEvents.record(Topics.JOB_EVENTS, job, type(event), source, id(event), job, event);
    }

    static ProducerRecord<String, byte[]> snapshot(Job job, String source) {
        String id = job.getId() + "-" + job.getAttempt() + "-" + job.getState();
        return CloudEvents.record(
                Topics.JOB_STATE, job.getId(), TYPE.formatted("snapshot"), source, id, job.getId(), job);
    }

    static ProducerRecord<String, byte[]> order(JobOrder order, String source, String id) {
        String subject = order.hasDrain() ? order.getDrain().getWorker() : order.getJobId();
        return CloudEvents.record(Topics.CONTROL, subject, TYPE.formatted("order"), source, id, subject, order);
    }

    /// @throws ProblemException `malformed-event`
    static JobEvent readEvent(ConsumerRecord<String, byte[]> record) {
        try {
            JobEvent event = JobEvent.parseFrom(value(record));
            if (event.getDetailCase() == JobEvent.DetailCase.DETAIL_NOT_SET) {
                throw CloudEvents.malformed("it tells nothing", null);
            }
            return event;
        } catch (InvalidProtocolBufferException broken) {
            throw CloudEvents.malformed("its data is no job event", broken);
        }
    }

    /// @throws ProblemException `malformed-event`
    static Job readSnapshot(ConsumerRecord<String, byte[]> record) {
        try {
            Job job = Job.parseFrom(value(record));
            if (job.getId().isEmpty()) {
                throw CloudEvents.malformed("it names no job", null);
            }
            return job;
        } catch (InvalidProtocolBufferException broken) {
            throw CloudEvents.malformed("its data is no job", broken);
        }
    }

    /// @throws ProblemException `malformed-event`
    static JobOrder readOrder(ConsumerRecord<String, byte[]> record) {
        try {
            return JobOrder.parseFrom(value(record));
        } catch (InvalidProtocolBufferException broken) {
            throw CloudEvents.malformed("its data is no order", broken);
        }
    }

    private static byte[] value(ConsumerRecord<String, byte[]> record) {
        if (record.value() == null) {
            throw CloudEvents.malformed("it has no data", null);
        }
        return record.value();
    }
}
