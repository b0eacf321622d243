package dev.assay.gateway.openapi;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.gson.JsonArray;
import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import com.google.protobuf.Descriptors.Descriptor;
import com.google.protobuf.Descriptors.FieldDescriptor;
import dev.assay.contract.Comments;
import dev.assay.contract.Defaults;
import dev.assay.contract.Operation;
import dev.assay.contract.Operations;
import dev.assay.job.v1.Job;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class OpenApiDocumentTest {

    private static final JsonObject DOCUMENT =
            JsonParser.parseString(OpenApiDocument.generate("0")).getAsJsonObject();

    static List<Operation> operations() {
        return Operations.all();
    }

    static Set<Descriptor> messages() {
        Set<Descriptor> found = new LinkedHashSet<>();
        Operations.all().forEach(operation -> {
            collect(operation.request(), found);
            collect(operation.result(), found);
        });
        collect(Job.getDescriptor(), found);
        return found;
    }

    @ParameterizedTest
    @MethodSource("operations")
    void everyOperationIsAPathThatTakesItsRequest(Operation operation) {
        JsonObject post = DOCUMENT.getAsJsonObject("paths")
                .getAsJsonObject("/v1/" + operation.capability() + "/" + operation.name())
                .getAsJsonObject("post");

        assertThat(post.get("description").getAsString()).contains(Comments.of(operation.request()));
        String reference = post.getAsJsonObject("requestBody")
                .getAsJsonObject("content")
                .getAsJsonObject("application/json")
                .getAsJsonObject("schema")
                .get("$ref")
                .getAsString();
        assertThat(resolve(reference).getAsJsonObject("properties").keySet())
                .containsExactlyElementsOf(operation.request().getFields().stream()
                        .map(FieldDescriptor::getJsonName)
                        .toList());
    }

    @ParameterizedTest
    @MethodSource("messages")
    void everyFieldStandsThereWithItsCommentAndDefault(Descriptor message) {
        JsonObject properties = schema(message).getAsJsonObject("properties");

        for (FieldDescriptor field : message.getFields()) {
            JsonObject property = properties.getAsJsonObject(field.getJsonName());
            assertThat(property).as(field.getFullName()).isNotNull();
            if (!Comments.of(field).isEmpty()) {
                assertThat(property.get("description").getAsString()).contains(Comments.of(field));
            }
            Defaults.json(field)
                    .ifPresent(value -> assertThat(property.get("default")).isEqualTo(JsonParser.parseString(value)));
        }
    }

    @Test
    void boundsOfTheContractAreBoundsOfTheSchema() {
        JsonObject request = namedSchema("attack.EvaluateRequest").getAsJsonObject("properties");

        assertThat(request.getAsJsonObject("steps").get("minimum").getAsInt()).isEqualTo(1);
        assertThat(request.getAsJsonObject("steps").get("maximum").getAsInt()).isEqualTo(10000);
        assertThat(request.getAsJsonObject("confidence").get("exclusiveMaximum").getAsDouble())
                .isEqualTo(1);
        assertThat(request.getAsJsonObject("threat").get("minItems").getAsInt()).isEqualTo(1);
        assertThat(request.getAsJsonObject("threat").get("description").getAsString())
                .contains("must be a norm and an epsilon");
        assertThat(request.getAsJsonObject("model").get("pattern").getAsString())
                .startsWith("^(sha256:");
        assertThat(namedSchema("training.TrainRequest")
                        .getAsJsonObject("properties")
                        .getAsJsonObject("architecture")
                        .getAsJsonArray("enum"))
                .hasSize(2);
        assertThat(namedSchema("training.TrainRequest").get("description").getAsString())
                .contains("give either model");
    }

    @Test
    void requiredFieldsAreRequired() {
        assertThat(strings(namedSchema("attack.EvaluateRequest").getAsJsonArray("required")))
                .containsExactly("model", "data", "threat");
    }

    @Test
    void theExampleHoldsTheFieldsThatHaveOne() {
        JsonObject example = DOCUMENT.getAsJsonObject("paths")
                .getAsJsonObject("/v1/attack/evaluate")
                .getAsJsonObject("post")
                .getAsJsonObject("requestBody")
                .getAsJsonObject("content")
                .getAsJsonObject("application/json")
                .getAsJsonObject("example");

        assertThat(example.keySet()).containsExactly("model", "data", "threat");
    }

    @Test
    void everyReferenceLeadsSomewhere() {
        List<String> references = new ArrayList<>();
        references(DOCUMENT, references);

        assertThat(references)
                .isNotEmpty()
                .allSatisfy(reference ->
                        assertThat(resolve(reference)).as(reference).isNotNull());
    }

    @Test
    void operationIdsAreUnique() {
        List<String> ids = new ArrayList<>();
        DOCUMENT.getAsJsonObject("paths")
                .asMap()
                .values()
                .forEach(path -> path.getAsJsonObject()
                        .asMap()
                        .values()
                        .forEach(method -> ids.add(
                                method.getAsJsonObject().get("operationId").getAsString())));

        assertThat(ids).doesNotHaveDuplicates().hasSizeGreaterThan(15);
    }

    private static void collect(Descriptor message, Set<Descriptor> found) {
        if (message.getFullName().startsWith("google.protobuf.")
                || message.getOptions().getMapEntry()
                || !found.add(message)) {
            return;
        }
        message.getFields().stream()
                .filter(field -> field.getJavaType() == FieldDescriptor.JavaType.MESSAGE)
                .forEach(field -> collect(field.getMessageType(), found));
    }

    private static JsonObject schema(Descriptor message) {
        String[] packageParts = message.getFile().getPackage().split("\\.");
        return namedSchema(packageParts[1] + "." + message.getName());
    }

    private static JsonObject namedSchema(String name) {
        return DOCUMENT.getAsJsonObject("components").getAsJsonObject("schemas").getAsJsonObject(name);
    }

    private static JsonObject resolve(String reference) {
        JsonObject target = DOCUMENT;
        for (String step : reference.substring(2).split("/")) {
            target = target.getAsJsonObject(step);
        }
        return target;
    }

    private static void references(JsonElement element, List<String> found) {
        if (element.isJsonObject()) {
            element.getAsJsonObject().asMap().forEach((key, value) -> {
                if (key.equals("$ref")) {
                    found.add(value.getAsString());
                } else {
                    references(value, found);
                }
            });
        } else if (element.isJsonArray()) {
            element.getAsJsonArray().forEach(child -> references(child, found));
        }
    }

    private static List<String> strings(JsonArray array) {
        return array.asList().stream().map(JsonElement::getAsString).toList();
    }
}
