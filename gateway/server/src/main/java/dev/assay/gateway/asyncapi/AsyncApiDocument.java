package dev.assay.gateway.asyncapi;

import com.google.gson.Gson;
import com.google.gson.GsonBuilder;
import com.google.gson.JsonArray;
import com.google.gson.JsonObject;
import com.google.gson.JsonPrimitive;
import dev.assay.gateway.asyncapi.EventChannel.Direction;
import dev.assay.gateway.asyncapi.EventChannel.Event;
import dev.assay.gateway.openapi.JsonSchemas;
import dev.assay.worker.CloudEvents;
import dev.assay.worker.Topics;
import java.util.TreeMap;
import org.apache.kafka.clients.admin.NewTopic;

/// The AsyncAPI 3.0 description of the mesh's topics. The data of events, their comments, defaults, bounds and
/// examples are read from the contracts, partitions and retention from {@link Topics}.
public final class AsyncApiDocument {

    private static final Gson GSON =
            new GsonBuilder().setPrettyPrinting().disableHtmlEscaping().create();

    private static final String HEADERS = "mesh.CloudEventHeaders";

    private final JsonSchemas schemas = new JsonSchemas();
    private final EventSchemas events = new EventSchemas(schemas);
    private final JsonObject channels = new JsonObject();
    private final JsonObject operations = new JsonObject();
    private final JsonObject messages = new JsonObject();

    private AsyncApiDocument() {}

    /// The document as JSON text.
    ///
    /// @param version of the product
    public static String generate(String version) {
        return GSON.toJson(new AsyncApiDocument().document(version));
    }

    private JsonObject document(String version) {
        EventChannel.all().forEach(this::add);
        JsonObject document = new JsonObject();
        document.addProperty("asyncapi", "3.0.0");
        document.add("info", info(version));
        document.addProperty("defaultContentType", CloudEvents.PROTOBUF);
        document.add("servers", servers());
        document.add("channels", channels);
        document.add("operations", operations);
        JsonObject named = new JsonObject();
        named.add(HEADERS, EventSchemas.headers());
        new TreeMap<>(schemas.all()).forEach(named::add);
        JsonObject components = new JsonObject();
        components.add("schemas", named);
        components.add("messages", messages);
        document.add("components", components);
        return document;
    }

    private void add(EventChannel channel) {
        JsonObject ofChannel = new JsonObject();
        if (channel.events().isEmpty()) {
            put(ofChannel, channel.name() + ".record", events.dead(channel.key()));
        }
        for (Event event : channel.events()) {
            String name = channel.name() + "." + event.name();
            if (channel.direction() == Direction.RECEIVED) {
                put(ofChannel, name + ".json", binary(channel, event, CloudEvents.JSON));
                put(ofChannel, name + ".structured", events.structured(event, channel.key()));
            }
            put(ofChannel, name, binary(channel, event, CloudEvents.PROTOBUF));
        }
        JsonObject json = new JsonObject();
        json.addProperty("address", channel.topic());
        json.addProperty("description", channel.description());
        json.add("messages", ofChannel);
        json.add("bindings", kafka(topic(channel.topic())));
        channels.add(channel.name(), json);
        operations.add(operationName(channel), operation(channel));
    }

    private void put(JsonObject ofChannel, String name, JsonObject message) {
        messages.add(name, message);
        ofChannel.add(name, reference("#/components/messages/" + name));
    }

    private JsonObject binary(EventChannel channel, Event event, String contentType) {
        return events.binary(event, contentType, channel.key(), reference("#/components/schemas/" + HEADERS));
    }

    private static String operationName(EventChannel channel) {
        return switch (channel.direction()) {
            case RECEIVED -> "take." + channel.name();
            case SENT -> "tell." + channel.name();
        };
    }

    private static JsonObject operation(EventChannel channel) {
        JsonObject operation = new JsonObject();
        operation.addProperty(
                "action",
                switch (channel.direction()) {
                    case RECEIVED -> "receive";
                    case SENT -> "send";
                });
        operation.add("channel", reference("#/channels/" + channel.name()));
        operation.addProperty(
                "summary",
                switch (channel.direction()) {
                    case RECEIVED -> "The mesh takes requests from " + channel.topic();
                    case SENT -> "The mesh tells on " + channel.topic();
                });
        return operation;
    }

    private static JsonObject kafka(NewTopic topic) {
        JsonObject configuration = new JsonObject();
        new TreeMap<>(topic.configs()).forEach((name, value) -> {
            switch (name) {
                case "cleanup.policy" -> {
                    JsonArray policies = new JsonArray();
                    policies.add(value);
                    configuration.add(name, policies);
                }
                case "retention.ms", "max.message.bytes" -> configuration.addProperty(name, Long.parseLong(value));
                default -> configuration.addProperty(name, value);
            }
        });
        JsonObject kafka = new JsonObject();
        kafka.addProperty("topic", topic.name());
        kafka.addProperty("partitions", topic.numPartitions());
        kafka.add("topicConfiguration", configuration);
        kafka.addProperty("bindingVersion", "0.5.0");
        JsonObject bindings = new JsonObject();
        bindings.add("kafka", kafka);
        return bindings;
    }

    private static NewTopic topic(String name) {
        return Topics.all().stream()
                .filter(topic -> topic.name().equals(name))
                .findFirst()
                .orElseThrow();
    }

    private static JsonObject info(String version) {
        JsonObject info = new JsonObject();
        info.addProperty("title", "Assay");
        info.addProperty("version", version);
        info.addProperty("description", """
                The events of a mesh that tells whether a machine-learning model can be trusted, and why.

                Put a request on `assay.jobs.<capability>` with any Kafka client and read what becomes of it on
                `assay.job-events`. Events are CloudEvents 1.0. The mesh writes binary mode with protobuf data; the
                schemas show the JSON mapping of the same messages, in which requests may be sent, too.""");
        JsonObject license = new JsonObject();
        license.addProperty("name", "Apache-2.0");
        license.addProperty("url", "https://www.apache.org/licenses/LICENSE-2.0");
        info.add("license", license);
        return info;
    }

    private static JsonObject servers() {
        JsonObject address = new JsonObject();
        address.addProperty("default", "127.0.0.1:7702");
        address.addProperty("description", "The value of assay.kafka.bootstrap-servers.");
        JsonObject variables = new JsonObject();
        variables.add("bootstrapServers", address);
        JsonObject mesh = new JsonObject();
        mesh.addProperty("host", "{bootstrapServers}");
        mesh.addProperty("protocol", "kafka");
        mesh.add("variables", variables);
        JsonObject servers = new JsonObject();
        servers.add("mesh", mesh);
        return servers;
    }

    private static JsonObject reference(String target) {
        JsonObject reference = new JsonObject();
        reference.add("$ref", new JsonPrimitive(target));
        return reference;
    }
}
