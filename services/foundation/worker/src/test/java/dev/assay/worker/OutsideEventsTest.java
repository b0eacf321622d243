package dev.assay.worker;

import static org.assertj.core.api.Assertions.assertThat;

import dev.assay.attack.v1.EvaluateResult;
import dev.assay.contract.Problems;
import dev.assay.job.v1.Job;
import dev.assay.job.v1.Job.State;
import io.opentelemetry.api.OpenTelemetry;
import io.opentelemetry.api.trace.Span;
import io.opentelemetry.sdk.OpenTelemetrySdk;
import io.opentelemetry.sdk.trace.SdkTracerProvider;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.concurrent.atomic.AtomicReference;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/// What any Kafka client can put on a work queue, and the trace that goes through it.
@Timeout(120)
class OutsideEventsTest {

    private static final String TYPE = "dev.assay.attack.requested.v1";
    private static final String VALID =
            "{\"evaluate\": {\"model\": \"m\", \"data\": \"d\", \"threat\": [\"linf:8/255\"], \"steps\": 3}}";

    private static TestMesh mesh;
    private static Mesh process;
    private static JobConsumer worker;
    private static final TestHandlers.Counting HANDLER = new TestHandlers.Counting();

    @TempDir
    static Path folder;

    @BeforeAll
    static void start() {
        mesh = new TestMesh();
        process = mesh.connect("outside");
        worker = mesh.worker(process, WorkerConfiguration.named("outside"), folder, HANDLER);
    }

    @AfterAll
    static void stop() {
        worker.close();
        process.close();
        mesh.close();
    }

    @Test
    void aJsonEventFromAnyClientIsAJobAndTheSameEventAgainIsTheSameJob() throws Exception {
        int before = HANDLER.runs.get();
        send(event("order-1", TYPE, "application/json", VALID));
        send(event("order-1", TYPE, "application/json", VALID));
        String id = JobIds.ofKey("attack", "", "order-1");
        Job done = mesh.awaitFinal(id);
        assertThat(done.getState()).isEqualTo(State.SUCCEEDED);
        assertThat(done.getIdempotencyKey()).isEqualTo("order-1");
        assertThat(done.getResult().unpack(EvaluateResult.class).getSamples()).isEqualTo(3);
        // one more job behind both records: when it is done, both have been taken
        mesh.awaitFinal(mesh.gateway.submitter().submit(TestHandlers.request(2)).getId());
        TestMesh.await("both partitions to be read", () -> worker.running() == 0);
        assertThat(mesh.awaitFinalEvents(id)).startsWith("queued", "started").endsWith("succeeded");
        assertThat(HANDLER.runs.get() - before).isEqualTo(2);
    }

    @Test
    void anEventThatIsNoEventGoesToTheDeadWithTheReasonAndTheWorkerGoesOn() throws Exception {
        send(new ProducerRecord<>(WorkQueue.of("attack").topic(), "junk-1", "not an event".getBytes()));
        send(new ProducerRecord<>(WorkQueue.of("attack").topic(), "junk-2", null));
        var wrong = event("x", TYPE, "application/protobuf", "\u0007\u0007\u0007 no protobuf");
        send(new ProducerRecord<>(wrong.topic(), null, "junk-3", wrong.value(), wrong.headers()));
        var type = event("y", "com.example.other", "application/json", VALID);
        send(new ProducerRecord<>(type.topic(), null, "junk-4", type.value(), type.headers()));
        for (String key : new String[] {"junk-1", "junk-2", "junk-3", "junk-4"}) {
            var dead = LostWorkerTest.dead(mesh, key);
            assertThat(header(dead, "assay_problem")).isEqualTo(Problems.PREFIX + "malformed-event");
            assertThat(header(dead, "assay_reason")).startsWith("the event cannot be read");
            assertThat(header(dead, "assay_topic")).isEqualTo("assay.jobs.attack");
        }
        assertThat(mesh.awaitFinal(mesh.gateway
                                .submitter()
                                .submit(TestHandlers.request(2))
                                .getId())
                        .getState())
                .isEqualTo(State.SUCCEEDED);
    }

    @Test
    void aRequestThatBreaksItsContractFailsWithItsViolations() throws Exception {
        send(event("bad-1", TYPE, "application/json", VALID.replace("\"steps\": 3", "\"steps\": 0")));
        Job failed = mesh.awaitFinal(JobIds.ofKey("attack", "", "bad-1"));
        assertThat(failed.getState()).isEqualTo(State.FAILED);
        assertThat(failed.getProblem().getType()).isEqualTo(Problems.PREFIX + "invalid-request");
        assertThat(failed.getProblem().getViolationsList())
                .anySatisfy(v -> assertThat(v.getField()).isEqualTo("steps"));

        send(event("bad-2", TYPE, "application/json", "{}"));
        assertThat(mesh.awaitFinal(JobIds.ofKey("attack", "", "bad-2"))
                        .getProblem()
                        .getType())
                .isEqualTo(Problems.PREFIX + "unknown-operation");
    }

    @Test
    void theTraceOfASubmissionArrivesInTheHandlerAndInTheSnapshot(@TempDir Path own) {
        var seen = new AtomicReference<String>();
        OpenTelemetry telemetry = OpenTelemetrySdk.builder()
                .setTracerProvider(SdkTracerProvider.builder().build())
                .build();
        try (var tracedMesh = new TestMesh();
                var gateway = tracedMesh.connect("traced-gateway", telemetry);
                var traced = tracedMesh.connect("traced", telemetry);
                var consumer = tracedMesh.worker(
                        traced, WorkerConfiguration.named("traced"), own, new TestHandlers.Tracing(seen))) {
            Span request = telemetry.getTracer("test").spanBuilder("POST").startSpan();
            String id;
            try (var scope = request.makeCurrent()) {
                assertThat(scope).isNotNull();
                id = gateway.submitter().submit(TestHandlers.request(1)).getId();
            }
            Job done = tracedMesh.awaitFinal(id);
            String trace = request.getSpanContext().getTraceId();
            assertThat(seen.get()).isEqualTo(trace);
            assertThat(done.getTraceParent()).contains(trace);
            assertThat(consumer.isAlive()).isTrue();
        }
    }

    private static ProducerRecord<String, byte[]> event(String id, String type, String contentType, String data) {
        var record = new ProducerRecord<String, byte[]>(
                WorkQueue.of("attack").topic(), id, data.getBytes(StandardCharsets.UTF_8));
        header(record, "ce_specversion", "1.0");
        header(record, "ce_id", id);
        header(record, "ce_source", "/test");
        header(record, "ce_type", type);
        header(record, "content-type", contentType);
        return record;
    }

    private static void header(ProducerRecord<?, ?> record, String name, String value) {
        record.headers().add(name, value.getBytes(StandardCharsets.UTF_8));
    }

    private static String header(ConsumerRecord<?, ?> record, String name) {
        return new String(record.headers().lastHeader(name).value(), StandardCharsets.UTF_8);
    }

    private static void send(ProducerRecord<String, byte[]> record) throws Exception {
        try (var producer = mesh.kafka.producer()) {
            producer.send(record).get();
        }
    }
}
