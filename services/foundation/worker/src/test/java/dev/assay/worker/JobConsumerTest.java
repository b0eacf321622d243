package dev.assay.worker;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.assay.attack.v1.EvaluateResult;
import dev.assay.computation.ProblemException;
import dev.assay.contract.InvalidRequestException;
import dev.assay.contract.Operations;
import dev.assay.contract.Problems;
import dev.assay.job.v1.Job;
import dev.assay.job.v1.Job.State;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(120)
class JobConsumerTest {

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
    void aSubmittedJobRunsAndItsResultIsSeen() throws Exception {
        var handler = new TestHandlers.Counting();
        try (var process = mesh.connect("w1");
                var worker = mesh.worker(process, configuration("w1"), folder, handler)) {
            Job submitted = mesh.gateway.submitter().submit(TestHandlers.request(1_000));
            assertThat(submitted.getState()).isEqualTo(State.QUEUED);

            Job done = mesh.awaitFinal(submitted.getId());
            assertThat(done.getState()).isEqualTo(State.SUCCEEDED);
            assertThat(done.getAttempt()).isEqualTo(1);
            assertThat(done.getWorker()).isEqualTo("w1");
            EvaluateResult result = done.getResult().unpack(EvaluateResult.class);
            assertThat(result.getSamples()).isEqualTo(1_000);
            assertThat(result.getProvenance().getProductVersion()).matches("[0-9]+[.].*");
            assertThat(done.getProgress().getDone()).isEqualTo(1_000);
            var attached = done.getArtifactsOrThrow("count.txt");
            assertThat(Files.readString(new FileArtifactStore(folder).verified(attached.getDigest())))
                    .isEqualTo("1000");

            List<String> names = mesh.awaitFinalEvents(submitted.getId());
            assertThat(names).startsWith("queued", "started", "progress").endsWith("progress", "succeeded");
            // a thousand reports in a moment: the first, the last and at most ten a second between
            assertThat(names.size()).isLessThan(100);
            TestMesh.await("the slot to be free again", () -> worker.running() == 0);
        }
    }

    @Test
    void aFailureIsToldAsAProblemAndABugWithoutItsStackTrace() {
        try (var process = mesh.connect("w2");
                var worker = mesh.worker(process, configuration("w2"), folder, new TestHandlers.Failing())) {
            var problem = mesh.awaitFinal(submit(1));
            assertThat(problem.getState()).isEqualTo(State.FAILED);
            assertThat(problem.getProblem().getType()).isEqualTo(Problems.PREFIX + "model-mismatch");
            assertThat(problem.getProblem().getSubject()).isEqualTo("model");
            assertThat(problem.getProblem().getRemedy()).isEqualTo("give it 3 channels");
            assertThat(problem.getProblem().getJob()).isEqualTo(problem.getId());

            var bug = mesh.awaitFinal(submit(2));
            assertThat(bug.getProblem().getType()).isEqualTo(Problems.PREFIX + "internal-error");
            assertThat(bug.getProblem().toString()).doesNotContain("secret").contains(bug.getId());

            var full = mesh.awaitFinal(submit(3));
            assertThat(full.getProblem().getType()).isEqualTo(Problems.PREFIX + "out-of-memory");

            assertThat(mesh.awaitFinal(submit(4)).getState()).isEqualTo(State.SUCCEEDED);
            assertThat(worker.isAlive()).isTrue();
        }
    }

    @Test
    void aQueuedJobThatIsCancelledNeverRuns() {
        String id = submit(5);
        Job cancelled = mesh.gateway.control().cancel(id, "not needed");
        assertThat(cancelled.getState()).isEqualTo(State.CANCELLED);
        assertThat(mesh.awaitFinal(id).getState()).isEqualTo(State.CANCELLED);

        var handler = new TestHandlers.Counting();
        try (var process = mesh.connect("w3");
                var worker = mesh.worker(process, configuration("w3"), folder, handler)) {
            assertThat(mesh.awaitFinal(submit(6)).getState()).isEqualTo(State.SUCCEEDED);
            assertThat(mesh.awaitFinal(submit(7)).getState()).isEqualTo(State.SUCCEEDED);
            TestMesh.await("the queue to be empty", () -> worker.running() == 0);
        }
        assertThat(handler.runs).hasValue(2);
        assertThat(mesh.awaitFinalEvents(id)).containsExactly("queued", "cancelled");
    }

    @Test
    void aRunningJobThatIsCancelledStopsAndKeepsWhatItHad() {
        var handler = new TestHandlers.Waiting();
        try (var process = mesh.connect("w4");
                var worker = mesh.worker(process, configuration("w4"), folder, handler)) {
            String id = submit(8);
            TestMesh.await("the job to run", () -> handler.runs.get() == 1);
            TestMesh.await(
                    "its start to be seen",
                    () -> mesh.gateway
                            .states()
                            .find(id)
                            .filter(job -> job.getState() == State.RUNNING)
                            .isPresent());
            Job told = mesh.gateway.control().cancel(id, "changed my mind");
            assertThat(told.getState()).isEqualTo(State.RUNNING);
            assertThat(told.getCancelRequested()).isTrue();

            Job done = mesh.awaitFinal(id);
            assertThat(done.getState()).isEqualTo(State.CANCELLED);
            assertThat(done.getArtifactsMap()).containsKey("partial.txt");
            assertThat(mesh.awaitFinalEvents(id)).containsExactly("queued", "started", "cancelled");
            TestMesh.await("the slot to be free", () -> worker.running() == 0);
        }
    }

    @Test
    void aJobLongerThanItsLockIsRenewedAndRunsOnce() throws Exception {
        var handler = new TestHandlers.Waiting();
        var lock = Duration.ofSeconds(1);
        try (var process = mesh.connect("w5");
                var worker =
                        mesh.worker(process, configuration("w5").withLock(lock).withSlots(2), folder, handler)) {
            String id = submit(9);
            TestMesh.await("the job to run", () -> handler.runs.get() == 1);
            long started = System.nanoTime();
            TestMesh.await("four locks to pass", () -> System.nanoTime() - started > 4 * lock.toNanos());
            handler.goOn.countDown();
            Job done = mesh.awaitFinal(id);
            assertThat(done.getState()).isEqualTo(State.SUCCEEDED);
            assertThat(done.getAttempt()).isEqualTo(1);
            assertThat(handler.runs).hasValue(1);
            assertThat(worker.isAlive()).isTrue();
        }
    }

    @Test
    void aWorkerThatStopsHandsItsJobToTheNext() throws Exception {
        var first = new TestHandlers.Waiting();
        var second = new TestHandlers.Waiting();
        second.goOn.countDown();
        String id;
        try (var process = mesh.connect("w6a")) {
            var worker = mesh.worker(process, configuration("w6a").withGrace(Duration.ZERO), folder, first);
            id = submit(10);
            TestMesh.await("the job to run", () -> first.runs.get() == 1);
            worker.close();
        }
        var meters = new SimpleMeterRegistry();
        try (var process = mesh.connect("w6b");
                var worker = mesh.worker(process, configuration("w6b"), folder, meters, second)) {
            Job done = mesh.awaitFinal(id);
            assertThat(done.getState()).isEqualTo(State.SUCCEEDED);
            assertThat(done.getAttempt()).isEqualTo(2);
            assertThat(done.getWorker()).isEqualTo("w6b");
            assertThat(done.getResult().unpack(EvaluateResult.class).getSamples())
                    .isEqualTo(2);
            assertThat(mesh.awaitFinalEvents(id))
                    .containsExactly("queued", "started", "queued", "started", "succeeded");
            TestMesh.await("the slot to be free", () -> worker.running() == 0);
            assertThat(meters.get("assay.jobs.redeliveries").counter().count()).isEqualTo(1);
        }
    }

    @Test
    void theSameKeyGivesTheSameJobAndAnotherRequestIsAConflict() {
        var submitter = mesh.gateway.submitter();
        List<String> ids = IntStream.range(0, 8)
                .parallel()
                .mapToObj(
                        i -> submitter.submit(TestHandlers.request(3), "key-1").getId())
                .distinct()
                .toList();
        assertThat(ids).hasSize(1);
        try (var other = mesh.connect("gateway-2")) {
            assertThat(other.submitter()
                            .submit(TestHandlers.request(3), "key-1")
                            .getId())
                    .isEqualTo(ids.getFirst());
        }
        assertThatThrownBy(() -> submitter.submit(TestHandlers.request(4), "key-1"))
                .isInstanceOfSatisfying(
                        ProblemException.class,
                        problem -> assertThat(problem.type()).isEqualTo("idempotency-conflict"));
        mesh.gateway.control().cancel(ids.getFirst(), "");
    }

    @Test
    void aRequestThatBreaksItsContractIsRefusedBeforeItIsWritten() {
        assertThatThrownBy(() -> mesh.gateway.submitter().submit(TestHandlers.request(0)))
                .isInstanceOf(InvalidRequestException.class)
                .hasMessageContaining("steps");
    }

    @Test
    void jobsAreListedNewestFirstPageByPage() {
        List<String> ids = IntStream.range(0, 5).mapToObj(i -> submit(20)).toList();
        var filter = new JobStates.Filter("attack", List.of(State.QUEUED));
        var first = mesh.gateway.states().list(filter, "", 3);
        assertThat(first.jobs()).extracting(Job::getId).containsExactly(ids.get(4), ids.get(3), ids.get(2));
        var second = mesh.gateway.states().list(filter, first.next(), 2);
        assertThat(second.jobs()).extracting(Job::getId).containsExactly(ids.get(1), ids.get(0));
        assertThat(mesh.gateway
                        .states()
                        .list(new JobStates.Filter("training", List.of()), "", 10)
                        .jobs())
                .isEmpty();
        ids.forEach(id -> mesh.gateway.control().cancel(id, ""));
        ids.forEach(mesh::awaitFinal);
    }

    private static String submit(int steps) {
        return mesh.gateway.submitter().submit(TestHandlers.request(steps)).getId();
    }

    private static WorkerConfiguration configuration(String name) {
        assertThat(Operations.find("attack", "evaluate")).isPresent();
        return WorkerConfiguration.named(name);
    }
}
