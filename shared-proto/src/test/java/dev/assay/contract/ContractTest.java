package dev.assay.contract;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.protobuf.Any;
import com.google.protobuf.Descriptors.FieldDescriptor;
import com.google.protobuf.Message;
import dev.assay.attack.v1.AttackRequest;
import dev.assay.attack.v1.EvaluateRequest;
import dev.assay.computation.ProblemException;
import dev.assay.contract.v1.ReferenceKind;
import dev.assay.job.v1.Job;
import dev.assay.job.v1.Violation;
import dev.assay.loading.v1.ImportRequest;
import dev.assay.training.v1.TrainRequest;
import java.time.Instant;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

class ContractTest {

    private static final EvaluateRequest VALID = EvaluateRequest.newBuilder()
            .setModel("digits-cnn")
            .setData("digits-test")
            .addThreat("linf:8/255")
            .build();

    static Stream<Operation> operations() {
        return Operations.all().stream();
    }

    @Test
    void operationsAreReadFromTheContracts() {
        assertThat(Operations.all())
                .map(Operation::toString)
                .contains("loading import", "training train", "attack evaluate");
        assertThat(Operations.find("attack", "evaluate"))
                .map(Operation::request)
                .contains(EvaluateRequest.getDescriptor());
        assertThat(Operations.find("attack", "destroy")).isEmpty();
    }

    @Test
    void anEnvelopeGivesBackTheRequestThatWasPutIn() throws Exception {
        Operation evaluate = Operations.find("attack", "evaluate").orElseThrow();
        Message envelope = evaluate.envelope(VALID);
        assertThat(envelope).isInstanceOf(AttackRequest.class);
        Message read = Operations.parseEnvelope("attack", envelope.toByteString());
        assertThat(Operations.ofEnvelope(read)).contains(evaluate);
        assertThat(Operations.requestOf(read)).isEqualTo(VALID);
    }

    @Test
    void absentFieldsTakeTheirDeclaredDefaultsAndPresentOnesStay() {
        EvaluateRequest filled = Defaults.filled(VALID.toBuilder().setSteps(7).build());
        assertThat(filled.getSteps()).isEqualTo(7);
        assertThat(filled.getRestarts()).isEqualTo(1);
        assertThat(filled.getRandomStart()).isTrue();
        assertThat(filled.getDevice()).isEqualTo("auto");
        assertThat(filled.hasRelativeStepSize()).isFalse();
        assertThat(Defaults.filled(filled)).isEqualTo(filled);
    }

    @ParameterizedTest
    @MethodSource("operations")
    void everyDeclaredDefaultIsAValueThatTheConstraintsAllow(Operation operation) {
        Message filled = Defaults.filled(operation.newRequest().build());
        for (FieldDescriptor field : operation.request().getFields()) {
            if (Defaults.json(field).isPresent()) {
                assertThat(filled.hasField(field)).as(field.getFullName()).isTrue();
                assertThat(Validation.check(filled))
                        .filteredOn(v -> v.getField().equals(field.getName()))
                        .isEmpty();
            }
        }
    }

    @Test
    void aViolationNamesTheFieldAndTheBound() {
        var request = VALID.toBuilder().setSteps(0).addThreat("linf=3").build();
        assertThatThrownBy(() -> Validation.accept(request))
                .isInstanceOfSatisfying(
                        InvalidRequestException.class,
                        invalid -> assertThat(invalid.violations())
                                .extracting(Violation::getField, Violation::getMessage)
                                .satisfiesExactlyInAnyOrder(
                                        v -> assertThat(v.toList()).first().isEqualTo("threat[1]"), v -> {
                                            assertThat(v.toList()).first().isEqualTo("steps");
                                            assertThat(v.toList().getLast().toString())
                                                    .contains("1")
                                                    .contains("10000");
                                        }));
    }

    @ParameterizedTest
    @ValueSource(strings = {"linf:8/255", "linf:1", "linf:0.031", "l2:0.5", "l2:128/255", "l2:3.5"})
    void threatsInThePixelScaleAreAccepted(String threat) {
        assertThat(Validation.check(Defaults.filled(
                        VALID.toBuilder().clearThreat().addThreat(threat).build())))
                .isEmpty();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "linf:8",
                "linf:300/255",
                "linf:0",
                "linf:0/255",
                "linf:1/0",
                "l2:0",
                "l2:5000",
                "linf:-1/255",
                "l1:1",
                "linf",
                "8/255",
                ""
            })
    void threatsOutOfRangeOrOfAnotherFormAreRefused(String threat) {
        assertThat(Validation.check(Defaults.filled(
                        VALID.toBuilder().clearThreat().addThreat(threat).build())))
                .extracting(Violation::getField)
                .contains("threat[0]");
    }

    @Test
    void severalRestartsNeedARandomStart() {
        assertThatThrownBy(() -> Validation.accept(
                        VALID.toBuilder().setRestarts(3).setRandomStart(false).build()))
                .hasMessageContaining("random start");
    }

    @Test
    void modelAndArchitectureExcludeEachOther() {
        var request = TrainRequest.newBuilder().setData("d").setModel("m").setArchitecture("mlp");
        assertThatThrownBy(() -> Validation.accept(request.build())).hasMessageContaining("not both");
        assertThat(Validation.accept(request.clearModel().build()).getArchitecture())
                .isEqualTo("mlp");
    }

    @Test
    void referencesAreFoundAndResolved() {
        assertThat(References.in(VALID))
                .extracting(References.Reference::field, References.Reference::kind)
                .containsExactly(
                        org.assertj.core.groups.Tuple.tuple("model", ReferenceKind.MODEL),
                        org.assertj.core.groups.Tuple.tuple("data", ReferenceKind.DATA_SET));
        assertThat(References.resolved(VALID, r -> "x-" + r.value()).getModel()).isEqualTo("x-digits-cnn");
    }

    @Test
    void jsonRoundTripsIncludingTheAnysOfAJob() {
        var job = Job.newBuilder()
                .setId(JobId.next())
                .setState(Job.State.QUEUED)
                .setRequest(Any.pack(Defaults.filled(VALID)))
                .build();
        String json = Json.print(job);
        assertThat(json).contains("\"QUEUED\"", "linf:8/255", "assay.attack.v1.EvaluateRequest");
        Job.Builder read = Job.newBuilder();
        Json.parse(json, read);
        assertThat(read.build()).isEqualTo(job);
    }

    @Test
    void numbersAreAcceptedWhereTheContractHasNumbers() {
        var request = ImportRequest.newBuilder();
        Json.parse(
                "{\"source\": \"digits\", \"maximumValue\": 16, \"test_fraction\": 0.2, \"format\": \"NPZ\"}", request);
        assertThat(request.getMaximumValue()).isEqualTo(16);
        assertThat(request.getTestFraction()).isEqualTo(0.2);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "{\"stepps\": 3} | unknown-field | did you mean steps?",
                "{\"zzzzzzzzz\": 3} | unknown-field | the fields are model, data",
                "{\"steps\": \"many\"} | malformed-field | see the types",
                "[1] | malformed-json | send",
                "{\"steps\": | malformed-json | send valid JSON",
            })
    void wrongJsonIsToldByFieldAndCure(String json, String type, String remedy) {
        assertThatThrownBy(() -> Json.parse(json, EvaluateRequest.newBuilder()))
                .isInstanceOfSatisfying(ProblemException.class, problem -> {
                    assertThat(problem.type()).isEqualTo(type);
                    assertThat(problem.remedy()).contains(remedy);
                });
    }

    @ParameterizedTest
    @MethodSource("operations")
    void everyOperationAndEveryFieldIsDescribed(Operation operation) {
        assertThat(Comments.of(operation.request())).as(operation.toString()).isNotEmpty();
        assertThat(operation.request().getFields())
                .filteredOn(field -> Comments.of(field).isEmpty())
                .extracting(FieldDescriptor::getFullName)
                .isEmpty();
    }

    @Test
    void jobIdsSortByTime() {
        byte[] entropy = new byte[16];
        String earlier = JobId.of(Instant.parse("2026-11-24T00:00:00Z"), entropy);
        String later = JobId.of(Instant.parse("2026-11-24T00:00:00.001Z"), entropy);
        assertThat(earlier).isLessThan(later);
        assertThat(JobId.isValid(JobId.next())).isTrue();
        assertThat(JobId.isValid("../../etc/passwd")).isFalse();
    }

    @Test
    void anUnknownCapabilityIsToldTheKnownOnes() {
        assertThatThrownBy(() -> Operations.named("atack", "evaluate"))
                .isInstanceOfSatisfying(ProblemException.class, problem -> {
                    assertThat(problem.type()).isEqualTo("unknown-capability");
                    assertThat(problem.remedy())
                            .contains("did you mean attack?")
                            .contains("loading, training, attack");
                });
        assertThatThrownBy(() -> Operations.named("attack", "evalute"))
                .isInstanceOfSatisfying(
                        ProblemException.class,
                        problem -> assertThat(problem.type()).isEqualTo("unknown-operation"));
    }
}
