package dev.assay.worker;

import static org.assertj.core.api.Assertions.assertThat;

import dev.assay.attack.v1.EvaluateResult;
import dev.assay.contract.Problems;
import dev.assay.job.v1.Job;
import dev.assay.job.v1.Job.State;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.common.TopicPartition;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/// Workers in processes of their own are killed and frozen in the middle of a job.
@Timeout(180)
class LostWorkerTest {

    private static final Duration LOCK = Duration.ofSeconds(2);

    private static TestMesh mesh;

    @TempDir
    Path folder;

    @BeforeAll
    static void start() {
        mesh = new TestMesh();
    }

    @AfterAll
    static void stop() {
        mesh.close();
    }

    @Test
    void theJobOfAKilledWorkerIsFinishedByAnother() throws Exception {
        String id;
        try (var victim = process("victim")) {
            id = submit();
            awaitAttempt(id, 1);
            victim.kill();
        }
        Files.createFile(folder.resolve("go"));
        try (var heir = process("heir")) {
            Job done = mesh.awaitFinal(id);
            assertThat(done.getState()).isEqualTo(State.SUCCEEDED);
            assertThat(done.getAttempt()).isEqualTo(2);
            assertThat(done.getWorker()).isEqualTo("heir");
            assertThat(mesh.awaitFinalEvents(id)).containsExactly("queued", "started", "started", "succeeded");
            assertThat(heir.isAlive()).isTrue();
        }
    }

    @Test
    void aFrozenWorkerThatWakesUpCannotOverwriteTheAttemptThatReplacedIt() throws Exception {
        try (var sleeper = process("sleeper")) {
            String id = submit();
            awaitAttempt(id, 1);
            sleeper.freeze();
            try (var heir = process("awake")) {
                awaitAttempt(id, 2);
                Files.createFile(folder.resolve("go"));
                Job done = mesh.awaitFinal(id);
                assertThat(done.getWorker()).isEqualTo("awake");

                // the sleeper's handler answers now, for attempt 1; then it takes the next job and so is past it
                sleeper.thaw();
                heir.kill();
                String next = submit();
                assertThat(mesh.awaitFinal(next).getWorker()).isEqualTo("sleeper");

                mesh.gateway.states().awaitCaughtUp(Duration.ofSeconds(20));
                Job still = mesh.gateway.states().find(id).orElseThrow();
                assertThat(still).isEqualTo(done);
                assertThat(still.getResult().unpack(EvaluateResult.class).getSamples())
                        .isEqualTo(2);
                assertThat(mesh.eventNames(id)).containsExactly("queued", "started", "started", "succeeded");
                // whoever reads the topic from the beginning, as a new gateway does, sees the same
                try (var late = mesh.connect("late")) {
                    assertThat(late.states().find(id)).hasValue(done);
                }
            }
        }
    }

    @Test
    void aJobThatKillsItsWorkersIsGivenUpAndTheQueueGoesOn() throws Exception {
        Files.createFile(folder.resolve("die"));
        String poison = submit();
        for (int attempt = 1; attempt <= 2; attempt++) {
            try (var victim = process("victim-" + attempt)) {
                TestMesh.await("worker " + attempt + " to die", () -> !victim.isAlive());
            }
        }
        Files.delete(folder.resolve("die"));
        Files.createFile(folder.resolve("go"));
        try (var survivor = process("survivor")) {
            Job givenUp = mesh.awaitFinal(poison);
            assertThat(givenUp.getState()).isEqualTo(State.FAILED);
            assertThat(givenUp.getProblem().getType()).isEqualTo(Problems.PREFIX + "job-given-up");
            assertThat(givenUp.getProblem().getDetail()).contains("2 attempts", "victim-2");
            assertThat(givenUp.getProblem().getLogTail())
                    .contains("job " + poison + ", attempt 2, starts")
                    .doesNotContain("attempt 1");
            assertThat(mesh.awaitFinal(submit()).getState()).isEqualTo(State.SUCCEEDED);
            assertThat(survivor.isAlive()).isTrue();
        }
        ConsumerRecord<String, byte[]> dead = dead(poison);
        assertThat(new String(dead.headers().lastHeader("assay_attempts").value()))
                .isEqualTo("2");
        assertThat(new String(dead.headers().lastHeader("assay_last_worker").value()))
                .isEqualTo("victim-2");
        assertThat(new String(dead.headers().lastHeader("assay_log_tail").value()))
                .contains("job " + poison + ", attempt 2, starts");
    }

    private WorkerProcess process(String name) throws Exception {
        return WorkerProcess.start(mesh.broker.bootstrapServers(), name, folder, LOCK);
    }

    private static String submit() {
        return mesh.gateway.submitter().submit(TestHandlers.request(1)).getId();
    }

    private static void awaitAttempt(String id, int attempt) {
        TestMesh.await(
                "attempt " + attempt,
                () -> mesh.gateway
                        .states()
                        .find(id)
                        .filter(job -> job.getState() == State.RUNNING && job.getAttempt() == attempt)
                        .isPresent());
    }

    static ConsumerRecord<String, byte[]> dead(TestMesh mesh, String key) {
        try (var consumer = mesh.kafka.reader()) {
            var partition = new TopicPartition(Topics.DEAD, 0);
            consumer.assign(List.of(partition));
            consumer.seekToBeginning(List.of(partition));
            long deadline = System.nanoTime() + TestMesh.PATIENCE.toNanos();
            while (System.nanoTime() < deadline) {
                for (ConsumerRecord<String, byte[]> record : consumer.poll(Duration.ofMillis(200))) {
                    if (key.equals(record.key())) {
                        return record;
                    }
                }
            }
        }
        throw new AssertionError("no record '" + key + "' on " + Topics.DEAD);
    }

    private static ConsumerRecord<String, byte[]> dead(String key) {
        return dead(mesh, key);
    }
}
