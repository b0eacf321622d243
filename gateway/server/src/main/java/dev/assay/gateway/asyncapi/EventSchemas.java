package dev.assay.gateway.asyncapi;

import com.google.gson.JsonArray;
import com.google.gson.JsonObject;
import dev.assay.gateway.asyncapi.EventChannel.Event;
import dev.assay.gateway.openapi.JsonSchemas;
import dev.assay.worker.CloudEvents;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/// The messages of the AsyncAPI document: headers and data of CloudEvents.
final class EventSchemas {

    /// Attributes of every event, as CloudEvents 1.0 has them.
    private static final Map<String, String> ATTRIBUTES = attributes();

    private static final List<String> REQUIRED = List.of("specversion", "id", "source", "type");

    private final JsonSchemas schemas;

    EventSchemas(JsonSchemas schemas) {
        this.schemas = schemas;
    }

    /// The record headers of an event in binary mode.
    static JsonObject headers() {
        JsonObject properties = new JsonObject();
        ATTRIBUTES.forEach((name, description) -> properties.add("ce_" + name, text(description)));
        properties.add(
                "content-type",
                text("The media type of the value: " + CloudEvents.PROTOBUF + " or " + CloudEvents.JSON + "."));
        properties.add(
                "traceparent", text("W3C trace context, as the mesh's processes read it; the same as ce_traceparent."));
        properties.getAsJsonObject("ce_specversion").addProperty("const", "1.0");
        JsonObject schema =
                object(properties, REQUIRED.stream().map(name -> "ce_" + name).toList());
        schema.addProperty("description", "CloudEvents 1.0 in Kafka's binary mode: attributes are headers.");
        return schema;
    }

    /// An event whose attributes are headers and whose value is its data.
    JsonObject binary(Event event, String contentType, String key, JsonObject commonHeaders) {
        JsonObject properties = new JsonObject();
        properties.add("ce_type", constant(event.type()));
        properties.add("content-type", constant(contentType));
        JsonArray parts = new JsonArray();
        parts.add(commonHeaders);
        parts.add(object(properties, List.of("ce_type", "content-type")));
        JsonObject headers = new JsonObject();
        headers.addProperty("type", "object");
        headers.add("allOf", parts);
        JsonObject message = message(event, contentType, key);
        message.add("headers", headers);
        message.add("payload", schemas.of(event.data()));
        return message;
    }

    /// A whole event in the value, which any client can send that can set one header.
    JsonObject structured(Event event, String key) {
        JsonObject properties = new JsonObject();
        ATTRIBUTES.forEach((name, description) -> properties.add(name, text(description)));
        properties.getAsJsonObject("specversion").addProperty("const", "1.0");
        properties.add("type", constant(event.type()));
        properties.add("datacontenttype", constant(CloudEvents.JSON));
        properties.add("data", schemas.of(event.data()));
        JsonObject header = new JsonObject();
        header.add("content-type", constant(CloudEvents.STRUCTURED));
        JsonObject message = message(event, CloudEvents.STRUCTURED, key);
        message.add("headers", object(header, List.of("content-type")));
        message.add("payload", object(properties, List.of("specversion", "id", "source", "type", "data")));
        return message;
    }

    /// A record of which nothing is known but why it lies there.
    JsonObject dead(String key) {
        JsonObject properties = new JsonObject();
        properties.add("assay_topic", text("Where the record came from."));
        properties.add("assay_partition", text("Its partition there."));
        properties.add("assay_offset", text("Its offset there."));
        properties.add("assay_problem", text("Type of the problem, such as `urn:assay:problem:job-given-up`."));
        properties.add("assay_reason", text("What was found."));
        properties.add("assay_attempts", text("How often the job was started; 0 when it is no job."));
        properties.add("assay_last_worker", text("The worker of the last attempt; empty when there was none."));
        properties.add("assay_buried_by", text("The worker that gave it up."));
        JsonObject message = new JsonObject();
        message.addProperty("name", "dead");
        message.addProperty("title", "A record that was given up");
        message.add("headers", object(properties, properties.keySet().stream().toList()));
        message.add("bindings", keyed(key));
        return message;
    }

    private static JsonObject message(Event event, String contentType, String key) {
        JsonObject message = new JsonObject();
        message.addProperty("name", event.type());
        message.addProperty("title", event.type() + " as " + contentType);
        if (!event.description().isEmpty()) {
            message.addProperty("description", event.description());
        }
        message.addProperty("contentType", contentType);
        message.add("bindings", keyed(key));
        message.addProperty("x-protobuf-message", event.data().getFullName());
        return message;
    }

    private static JsonObject keyed(String key) {
        JsonObject kafka = new JsonObject();
        kafka.add("key", text(key));
        kafka.addProperty("bindingVersion", "0.5.0");
        JsonObject bindings = new JsonObject();
        bindings.add("kafka", kafka);
        return bindings;
    }

    private static JsonObject object(JsonObject properties, List<String> names) {
        JsonArray required = new JsonArray();
        names.forEach(required::add);
        JsonObject schema = new JsonObject();
        schema.addProperty("type", "object");
        schema.add("properties", properties);
        schema.add("required", required);
        return schema;
    }

    private static JsonObject text(String description) {
        JsonObject schema = new JsonObject();
        schema.addProperty("type", "string");
        schema.addProperty("description", description);
        return schema;
    }

    private static JsonObject constant(String value) {
        JsonObject schema = new JsonObject();
        schema.addProperty("const", value);
        return schema;
    }

    private static Map<String, String> attributes() {
        Map<String, String> attributes = new LinkedHashMap<>();
        attributes.put("specversion", "The version of CloudEvents.");
        attributes.put("id", "Unique for the sender. A request with the id of an earlier one is the same job.");
        attributes.put("source", "Who says it, as a URI reference such as `/workers/attack-1`.");
        attributes.put("type", "What it is.");
        attributes.put("subject", "What it is about: the job's id, or the name in the registry.");
        attributes.put("time", "When it was written, RFC 3339.");
        attributes.put("traceparent", "W3C trace context.");
        return attributes;
    }
}
