package dev.assay.worker;

import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.Message;
import dev.assay.computation.ProblemException;
import dev.assay.contract.Json;
import io.cloudevents.CloudEvent;
import io.cloudevents.core.builder.CloudEventBuilder;
import io.cloudevents.kafka.KafkaMessageFactory;
import io.cloudevents.rw.CloudEventRWException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.producer.ProducerRecord;

/// CloudEvents 1.0 in Kafka's binary mode. The mesh writes protobuf; from outside it reads JSON, too.
public final class CloudEvents {

    public static final String PROTOBUF = "application/protobuf";
    public static final String JSON = "application/json";

    private CloudEvents() {}

    /// An event as a record.
    ///
    /// @param key the record's key: decides the partition
    /// @param type such as `dev.assay.attack.requested.v1`
    /// @param source who says it, such as `/workers/attack-1`
    /// @param id unique for the source; the same id again is the same event
    /// @param subject what it is about: a job's id, a model's name
    public static ProducerRecord<String, byte[]> record(
            String topic, String key, String type, String source, String id, String subject, Message data) {
        CloudEventBuilder event = CloudEventBuilder.v1()
                .withId(id)
                .withSource(URI.create(source))
                .withType(type)
                .withSubject(subject)
                .withTime(OffsetDateTime.now(ZoneOffset.UTC))
                .withData(PROTOBUF, data.toByteArray());
        var trace = TraceContext.current();
        trace.ifPresent(parent -> event.withExtension(TraceContext.TRACE_PARENT, parent));
        ProducerRecord<String, byte[]> record =
                KafkaMessageFactory.<String>createWriter(topic, key).writeBinary(event.build());
        trace.ifPresent(
                parent -> record.headers().add(TraceContext.TRACE_PARENT, parent.getBytes(StandardCharsets.UTF_8)));
        return record;
    }

    /// @throws ProblemException `malformed-event` saying what is wrong with it
    public static CloudEvent read(ConsumerRecord<?, byte[]> record) {
        try {
            return KafkaMessageFactory.createReader(record).toEvent();
        } catch (CloudEventRWException | IllegalArgumentException | IllegalStateException broken) {
            throw malformed("it is no CloudEvent: " + broken.getMessage(), broken);
        }
    }

    /// The data of an event, by its content type.
    ///
    /// @param prototype an empty message of the expected type
    /// @throws ProblemException `malformed-event`, or what {@link Json#parse} says of JSON
    public static Message data(CloudEvent event, Message prototype) {
        String type = event.getDataContentType() == null ? PROTOBUF : event.getDataContentType();
        if (event.getData() == null) {
            throw malformed("it has no data", null);
        }
        byte[] bytes = event.getData().toBytes();
        return switch (type.split(";", 2)[0].strip()) {
            case PROTOBUF, "application/x-protobuf" -> protobuf(bytes, prototype);
            case JSON -> {
                Message.Builder builder = prototype.newBuilderForType();
                Json.parse(new String(bytes, StandardCharsets.UTF_8), builder);
                yield builder.build();
            }
            default -> throw malformed("its content type is " + type, null);
        };
    }

    static ProblemException malformed(String what, Throwable cause) {
        return new ProblemException(
                "malformed-event",
                "",
                "the event cannot be read: " + what,
                "send a CloudEvent 1.0 in binary mode with " + PROTOBUF + " or " + JSON + " data (docs/mesh.md)",
                cause);
    }

    private static Message protobuf(byte[] bytes, Message prototype) {
        try {
            return prototype.getParserForType().parseFrom(bytes);
        } catch (InvalidProtocolBufferException broken) {
            throw malformed(
                    "its data is no " + prototype.getDescriptorForType().getFullName() + ": " + broken.getMessage(),
                    broken);
        }
    }
}
