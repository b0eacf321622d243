package dev.assay.gateway.submission;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.protobuf.Message;
import dev.assay.attack.v1.EvaluateRequest;
import dev.assay.computation.ProblemException;
import dev.assay.contract.InvalidRequestException;
import dev.assay.contract.Operation;
import dev.assay.contract.Operations;
import dev.assay.gateway.http.LimitedBody;
import dev.assay.job.v1.Violation;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class RequestReaderTest {

    private static final Operation EVALUATE = Operations.named("attack", "evaluate");

    @Test
    void jsonAndProtobufGiveTheSameRequest() throws IOException {
        EvaluateRequest request = EvaluateRequest.newBuilder()
                .setModel("digits-cnn")
                .setData("digits")
                .addThreat("linf:8/255")
                .build();

        Message fromJson = json("""
                {"model": "digits-cnn", "data": "digits", "threat": ["linf:8/255"]}""");
        Message fromProtobuf =
                RequestReader.request(EVALUATE, Optional.of("application/x-protobuf"), body(request.toByteArray()));

        assertThat(fromJson).isEqualTo(fromProtobuf);
        assertThat(((EvaluateRequest) fromJson).getSteps()).as("default").isEqualTo(20);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "{\"model\"                                              | malformed-json  | not JSON",
                "[]                                                      | malformed-json  | not a JSON object",
                "{\"modle\": \"m\"}                                      | unknown-field   | no field 'modle'",
                "{\"model\": {\"a\": 1}}                                 | malformed-field | a",
                "{\"steps\": \"many\"}                                   | malformed-field | many",
                "{\"threat\": \"linf:8/255\"}                            | malformed-field | threat",
            })
    void whatCannotBeReadIsRefusedByName(String text, String type, String detail) {
        assertThatThrownBy(() -> json(text))
                .isInstanceOfSatisfying(
                        ProblemException.class,
                        problem -> assertThat(problem.type()).isEqualTo(type))
                .hasMessageContaining(detail);
    }

    @Test
    void aMistypedFieldIsToldItsNearestName() {
        assertThatThrownBy(() -> json("{\"modle\": \"m\"}"))
                .isInstanceOfSatisfying(
                        ProblemException.class,
                        problem -> assertThat(problem.remedy()).contains("did you mean model?"));
    }

    @Test
    void everyBrokenBoundIsListed() {
        assertThatThrownBy(() -> json("""
                        {"model": "m", "data": "d", "threat": ["linf:-1"], "steps": 0, "confidence": 2}"""))
                .isInstanceOfSatisfying(
                        InvalidRequestException.class,
                        problem -> assertThat(problem.violations())
                                .extracting(Violation::getField)
                                .containsExactlyInAnyOrder("threat[0]", "steps", "confidence"));
    }

    @Test
    void garbageIsNotProtobuf() {
        assertThatThrownBy(() -> RequestReader.request(
                        EVALUATE, Optional.of("application/x-protobuf"), body(new byte[] {1, 2, 3})))
                .isInstanceOf(ProblemException.class);
    }

    private static Message json(String text) throws IOException {
        return RequestReader.request(
                EVALUATE, Optional.of("application/json"), body(text.getBytes(StandardCharsets.UTF_8)));
    }

    private static LimitedBody body(byte[] bytes) {
        return LimitedBody.of(new ByteArrayInputStream(bytes), "/", "limit", 10_000, bytes.length);
    }
}
