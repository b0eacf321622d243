package dev.assay.worker;

import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.JsonParseException;
import com.google.gson.JsonParser;
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
import java.util.Base64;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.header.Header;

/// CloudEvents 1.0 on Kafka. The mesh writes binary mode with protobuf; from outside it reads JSON, too, and the
/// structured mode `application/cloudevents+json`, which needs one header only (docs/events.md).
public final class CloudEvents {

    public static final String PROTOBUF = "application/protobuf";
    public static final String JSON = "application/json";

    /// The content type of a record whose value is the whole event.
    public static final String STRUCTURED = "application/cloudevents+json";

    /// What a structured event may have besides attributes of its sender's.
    private static final Set<String> STANDARD_MEMBERS = Set.of(
            "specversion",
            "id",
            "source",
            "type",
            "subject",
            "time",
            "datacontenttype",
            "dataschema",
            "data",
            "data_base64");

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
        return record(topic, key, type, source, id, subject, data, Map.of());
    }

    /// As above, with attributes of our own.
    ///
    /// @param attributes by name: lower-case letters and digits
    static ProducerRecord<String, byte[]> record(
            String topic,
            String key,
            String type,
            String source,
            String id,
            String subject,
            Message data,
            Map<String, String> attributes) {
        CloudEventBuilder event = CloudEventBuilder.v1()
                .withId(id)
                .withSource(URI.create(source))
                .withType(type)
                .withSubject(subject)
                .withTime(OffsetDateTime.now(ZoneOffset.UTC))
                .withData(PROTOBUF, data.toByteArray());
        attributes.forEach(event::withExtension);
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
            if (isStructured(record)) {
                return structured(record.value());
            }
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
        return switch (mediaType(type)) {
            case PROTOBUF, "application/x-protobuf" -> protobuf(bytes, prototype);
            case JSON -> {
                Message.Builder builder = prototype.newBuilderForType();
                Json.parse(new String(bytes, StandardCharsets.UTF_8), builder);
                yield builder.build();
            }
            default -> throw malformed("its content type is " + type, null);
        };
    }

    private static boolean isStructured(ConsumerRecord<?, ?> record) {
        Header header = record.headers().lastHeader("content-type");
        return header != null
                && header.value() != null
                && mediaType(new String(header.value(), StandardCharsets.UTF_8)).equals(STRUCTURED);
    }

    private static CloudEvent structured(byte[] value) {
        if (value == null) {
            throw malformed("it has no data", null);
        }
        JsonObject json;
        try {
            json = JsonParser.parseString(new String(value, StandardCharsets.UTF_8))
                    .getAsJsonObject();
        } catch (JsonParseException | IllegalStateException broken) {
            throw malformed("its value is no JSON object: " + broken.getMessage(), broken);
        }
        if (!attribute(json, "specversion").equals("1.0")) {
            throw malformed("its specversion is '" + attribute(json, "specversion") + "', not '1.0'", null);
        }
        String contentType = attribute(json, "datacontenttype");
        CloudEventBuilder event = CloudEventBuilder.v1()
                .withId(required(json, "id"))
                .withSource(URI.create(required(json, "source")))
                .withType(required(json, "type"));
        if (json.has("subject")) {
            event.withSubject(attribute(json, "subject"));
        }
        json.keySet().stream()
                .filter(name -> !STANDARD_MEMBERS.contains(name))
                .filter(name -> json.get(name).isJsonPrimitive())
                .forEach(name -> event.withExtension(name, attribute(json, name)));
        if (json.has("data_base64")) {
            byte[] data = Base64.getDecoder().decode(attribute(json, "data_base64"));
            event.withData(contentType.isEmpty() ? PROTOBUF : contentType, data);
        } else if (json.has("data")) {
            byte[] data = json.get("data").toString().getBytes(StandardCharsets.UTF_8);
            event.withData(contentType.isEmpty() ? JSON : contentType, data);
        }
        return event.build();
    }

    private static String required(JsonObject event, String name) {
        String value = attribute(event, name);
        if (value.isEmpty()) {
            throw malformed("it has no '" + name + "'", null);
        }
        return value;
    }

    private static String attribute(JsonObject event, String name) {
        JsonElement value = event.get(name);
        if (value == null) {
            return "";
        }
        if (!value.isJsonPrimitive()) {
            throw malformed("its attribute '" + name + "' is no string", null);
        }
        return value.getAsString();
    }

    private static String mediaType(String contentType) {
        return contentType.split(";", 2)[0].strip().toLowerCase(Locale.ROOT);
    }

    static ProblemException malformed(String what, Throwable cause) {
        return new ProblemException(
                "malformed-event",
                "",
                "the event cannot be read: " + what,
                "send a CloudEvent 1.0 in binary mode with " + PROTOBUF + " or " + JSON + " data, or a whole one as "
                        + STRUCTURED + " (docs/events.md)",
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
