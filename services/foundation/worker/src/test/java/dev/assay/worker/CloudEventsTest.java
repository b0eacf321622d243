package dev.assay.worker;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.assay.attack.v1.AttackRequest;
import dev.assay.attack.v1.EvaluateRequest;
import dev.assay.computation.ProblemException;
import io.cloudevents.CloudEvent;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// The structured mode of CloudEvents; the binary mode is shown by every test of the mesh.
class CloudEventsTest {

    private static final AttackRequest REQUEST = AttackRequest.newBuilder()
            .setEvaluate(EvaluateRequest.newBuilder()
                    .setModel("digits-cnn")
                    .setData("digits-test")
                    .addThreat("linf:8/255"))
            .build();

    @Test
    void anEventInOneJsonObjectIsReadWithItsDataInTheJsonMapping() {
        CloudEvent event = CloudEvents.read(structured("""
                {"specversion": "1.0", "id": "order-1", "source": "/console", "subject": "s",
                 "type": "dev.assay.attack.requested.v1", "traceparent": "00-1-2-01",
                 "data": {"evaluate": {"model": "digits-cnn", "data": "digits-test", "threat": ["linf:8/255"]}}}"""));

        assertThat(event.getId()).isEqualTo("order-1");
        assertThat(event.getSource()).hasToString("/console");
        assertThat(event.getSubject()).isEqualTo("s");
        assertThat(event.getType()).isEqualTo("dev.assay.attack.requested.v1");
        assertThat(CloudEvents.data(event, AttackRequest.getDefaultInstance())).isEqualTo(REQUEST);
    }

    @Test
    void bytesInBase64AreProtobuf() {
        String base64 = Base64.getEncoder().encodeToString(REQUEST.toByteArray());
        CloudEvent event = CloudEvents.read(structured("""
                {"specversion": "1.0", "id": "1", "source": "/c", "type": "t", "data_base64": "%s"}""".formatted(base64)));

        assertThat(CloudEvents.data(event, AttackRequest.getDefaultInstance())).isEqualTo(REQUEST);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "no json",
                "[1]",
                "{}",
                "{\"specversion\": \"0.3\", \"id\": \"1\", \"source\": \"/c\", \"type\": \"t\"}",
                "{\"specversion\": \"1.0\", \"source\": \"/c\", \"type\": \"t\"}",
                "{\"specversion\": \"1.0\", \"id\": \"\", \"source\": \"/c\", \"type\": \"t\"}",
                "{\"specversion\": \"1.0\", \"id\": {}, \"source\": \"/c\", \"type\": \"t\"}",
                "{\"specversion\": \"1.0\", \"id\": \"1\", \"source\": \"not a uri\", \"type\": \"t\"}",
                "{\"specversion\": \"1.0\", \"id\": \"1\", \"source\": \"/c\"}",
                "{\"specversion\": \"1.0\", \"id\": \"1\", \"source\": \"/c\", \"type\": \"t\", \"data_base64\": \"%\"}"
            })
    void whatIsNoEventIsMalformed(String value) {
        assertThatThrownBy(() -> CloudEvents.read(structured(value)))
                .isInstanceOfSatisfying(
                        ProblemException.class,
                        problem -> assertThat(problem.type()).isEqualTo("malformed-event"));
    }

    @Test
    void nestingWithoutEndIsMalformedAndHarmless() {
        assertThatThrownBy(() -> CloudEvents.read(structured("{\"data\": " + "[".repeat(1_000_000))))
                .isInstanceOfSatisfying(
                        ProblemException.class,
                        problem -> assertThat(problem.type()).isEqualTo("malformed-event"));
    }

    private static ConsumerRecord<String, byte[]> structured(String value) {
        var record = new ConsumerRecord<>(
                WorkQueue.of("attack").topic(), 0, 0, "key", value.getBytes(StandardCharsets.UTF_8));
        record.headers()
                .add("content-type", "application/cloudevents+json; charset=UTF-8".getBytes(StandardCharsets.UTF_8));
        return record;
    }
}
