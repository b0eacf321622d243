package dev.assay.worker;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.Any;
import dev.assay.attack.v1.EvaluateResult;
import dev.assay.callback.v1.DeliverRequest;
import dev.assay.job.v1.Job;
import dev.assay.job.v1.Job.State;
import dev.assay.job.v1.Problem;
import dev.assay.job.v1.Progress;
import dev.assay.job.v1.Provenance;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.junit.jupiter.api.Test;

class CallbackJobTest {

    private static final Instant NOW = Instant.parse("2026-11-24T12:00:00Z");
    private static final Job RUNNING = Job.newBuilder()
            .setId("01kb0000000000000000000001")
            .setCapability("attack")
            .setOperation("evaluate")
            .setState(State.RUNNING)
            .setRequest(Any.pack(TestHandlers.request(1)))
            .setAttempt(2)
            .setRetries(1)
            .setTenant("acme")
            .setCallback("https://hooks.example.org/x")
            .build();

    @Test
    void onlyTheEndOfAJobThatNamesAnAddressBringsADelivery() {
        var end = JobLife.failed(RUNNING, Problem.getDefaultInstance(), Map.of(), NOW);
        var unnamed = JobLife.failed(
                RUNNING.toBuilder().clearCallback().build(), Problem.getDefaultInstance(), Map.of(), NOW);
        var step = JobLife.progressed(RUNNING, Progress.getDefaultInstance(), NOW);

        assertThat(topics(end))
                .containsExactly(
                        Topics.JOB_STATE,
                        Topics.JOB_EVENTS,
                        Topics.JOB_STATE,
                        Topics.JOB_EVENTS,
                        WorkQueue.of("callback").topic());
        assertThat(topics(unnamed)).containsExactly(Topics.JOB_STATE, Topics.JOB_EVENTS);
        assertThat(topics(step)).containsExactly(Topics.JOB_STATE, Topics.JOB_EVENTS);
    }

    @Test
    void anEndThatIsWrittenTwiceIsOneDeliveryAndAnotherEndIsAnother() throws Exception {
        var end = JobLife.cancelled(RUNNING, "", Map.of(), NOW);
        Job delivery = delivery(end);

        assertThat(delivery(end).getId()).isEqualTo(delivery.getId());
        assertThat(delivery(JobLife.failed(RUNNING, Problem.getDefaultInstance(), Map.of(), NOW))
                        .getId())
                .isNotEqualTo(delivery.getId());
        assertThat(delivery.getTenant()).isEqualTo("acme");
        assertThat(delivery.getState()).isEqualTo(State.QUEUED);
        assertThat(delivery.getCallback()).isEmpty();
        DeliverRequest request = delivery.getRequest().unpack(DeliverRequest.class);
        assertThat(request.getUrl()).isEqualTo("https://hooks.example.org/x");
        assertThat(request.getRetries()).isEqualTo(1);
        assertThat(request.getEvent()).isEqualTo(end.event());
    }

    @Test
    void aLargeResultIsNotKeptTwice() throws Exception {
        var small = EvaluateResult.newBuilder().setSamples(7).build();
        var large = small.toBuilder()
                .setProvenance(Provenance.newBuilder().setRuntime("x".repeat(CallbackJob.LARGEST_EVENT)))
                .build();

        DeliverRequest whole = delivery(JobLife.succeeded(RUNNING, small, Map.of(), NOW))
                .getRequest()
                .unpack(DeliverRequest.class);
        DeliverRequest cut = delivery(JobLife.succeeded(RUNNING, large, Map.of(), NOW))
                .getRequest()
                .unpack(DeliverRequest.class);

        assertThat(whole.getResultLeftOut()).isFalse();
        assertThat(whole.getEvent().getSucceeded().getResult().unpack(EvaluateResult.class))
                .isEqualTo(small);
        assertThat(cut.getResultLeftOut()).isTrue();
        assertThat(cut.getEvent().hasSucceeded()).isTrue();
        assertThat(cut.getEvent().getSucceeded().hasResult()).isFalse();
    }

    private static List<String> topics(JobLife.Step step) {
        return step.records("/attack-1").stream().map(ProducerRecord::topic).toList();
    }

    private static Job delivery(JobLife.Step end) throws Exception {
        return Job.parseFrom(end.records("/attack-1").get(2).value());
    }
}
