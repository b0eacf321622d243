package dev.assay.gateway.asyncapi;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import com.google.protobuf.Descriptors.FieldDescriptor;
import dev.assay.attack.v1.EvaluateRequest;
import dev.assay.contract.Comments;
import dev.assay.contract.Operations;
import dev.assay.job.v1.JobEvent;
import dev.assay.worker.Topics;
import io.apicurio.datamodels.Library;
import io.apicurio.datamodels.models.Document;
import io.apicurio.datamodels.models.asyncapi.v30.AsyncApi30Document;
import java.util.ArrayList;
import java.util.List;
import org.apache.kafka.clients.admin.NewTopic;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class AsyncApiDocumentTest {

    private static final String TEXT = AsyncApiDocument.generate("0");
    private static final JsonObject DOCUMENT = JsonParser.parseString(TEXT).getAsJsonObject();

    static List<NewTopic> topics() {
        return Topics.all();
    }

    @Test
    void anIndependentReaderOfAsyncApiFindsNothingWrong() {
        Document document = Library.readDocumentFromJSONString(TEXT);

        assertThat(document).isInstanceOf(AsyncApi30Document.class);
        assertThat(Library.validate(document, null))
                .extracting(problem -> problem.errorCode + " " + problem.nodePath + " " + problem.message)
                .isEmpty();
    }

    @ParameterizedTest
    @MethodSource("topics")
    void everyTopicIsAChannelWithItsSettingsAndAnOperation(NewTopic topic) {
        String name = topic.name().substring("assay.".length());
        JsonObject channel = DOCUMENT.getAsJsonObject("channels").getAsJsonObject(name);

        assertThat(channel.get("address").getAsString()).isEqualTo(topic.name());
        JsonObject kafka = channel.getAsJsonObject("bindings").getAsJsonObject("kafka");
        assertThat(kafka.get("partitions").getAsInt()).isEqualTo(topic.numPartitions());
        JsonObject settings = kafka.getAsJsonObject("topicConfiguration");
        assertThat(settings.keySet()).isEqualTo(topic.configs().keySet());
        topic.configs()
                .forEach((key, value) -> assertThat(settings.get(key).toString().replaceAll("[\\[\\]\"]", ""))
                        .as(key)
                        .isEqualTo(value));
        assertThat(DOCUMENT.getAsJsonObject("operations").asMap().values())
                .extracting(operation -> operation
                        .getAsJsonObject()
                        .getAsJsonObject("channel")
                        .get("$ref")
                        .getAsString())
                .containsOnlyOnce("#/channels/" + name)
                .hasSize(topics().size());
    }

    @Test
    void everyCapabilityTakesItsRequestInThreeForms() {
        for (String capability : Operations.capabilities()) {
            String message = "jobs." + capability + ".requested";
            assertThat(type(message)).isEqualTo("dev.assay." + capability + ".requested.v1");
            assertThat(contentType(message)).isEqualTo("application/protobuf");
            assertThat(contentType(message + ".json")).isEqualTo("application/json");
            assertThat(contentType(message + ".structured")).isEqualTo("application/cloudevents+json");
        }
    }

    @Test
    void everyKindOfJobEventStandsThere() {
        for (FieldDescriptor detail :
                JobEvent.getDescriptor().getOneofs().getFirst().getFields()) {
            assertThat(type("job-events." + detail.getName())).isEqualTo("dev.assay.job." + detail.getName() + ".v1");
        }
    }

    @Test
    void whatTheContractSaysOfAFieldIsSaidThere() {
        JsonObject properties = DOCUMENT.getAsJsonObject("components")
                .getAsJsonObject("schemas")
                .getAsJsonObject("attack.EvaluateRequest")
                .getAsJsonObject("properties");

        for (FieldDescriptor field : EvaluateRequest.getDescriptor().getFields()) {
            assertThat(properties
                            .getAsJsonObject(field.getJsonName())
                            .get("description")
                            .getAsString())
                    .contains(Comments.of(field));
        }
    }

    @Test
    void everyReferenceLeadsSomewhere() {
        List<String> references = new ArrayList<>();
        collect(DOCUMENT, references);

        assertThat(references).hasSizeGreaterThan(50).allSatisfy(reference -> {
            JsonObject target = DOCUMENT;
            for (String step : reference.substring(2).split("/")) {
                assertThat(target.has(step)).as(reference).isTrue();
                target = target.getAsJsonObject(step);
            }
        });
    }

    private static String type(String message) {
        return message(message)
                .getAsJsonObject("headers")
                .getAsJsonArray("allOf")
                .get(1)
                .getAsJsonObject()
                .getAsJsonObject("properties")
                .getAsJsonObject("ce_type")
                .get("const")
                .getAsString();
    }

    private static String contentType(String message) {
        return message(message).get("contentType").getAsString();
    }

    private static JsonObject message(String name) {
        return DOCUMENT.getAsJsonObject("components")
                .getAsJsonObject("messages")
                .getAsJsonObject(name);
    }

    private static void collect(JsonElement element, List<String> found) {
        if (element.isJsonObject()) {
            element.getAsJsonObject().asMap().forEach((key, value) -> {
                if (key.equals("$ref")) {
                    found.add(value.getAsString());
                } else {
                    collect(value, found);
                }
            });
        } else if (element.isJsonArray()) {
            element.getAsJsonArray().forEach(child -> collect(child, found));
        }
    }
}
