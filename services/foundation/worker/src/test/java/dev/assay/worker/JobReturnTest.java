package dev.assay.worker;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.assay.attack.v1.EvaluateResult;
import dev.assay.computation.ProblemException;
import dev.assay.job.v1.Job;
import dev.assay.job.v1.Job.State;
import dev.assay.job.v1.JobEvent;
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

/// Jobs that come back to the queue: handed back by a stopping worker, or put back by somebody.
@Timeout(120)
class JobReturnTest {

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
    void aHealthyJobSurvivesMoreRestartsThanAPoisonJobHasAttempts() {
        String id = submit(1);
        int restarts = 2 * Topics.deliveryLimit(2) + 1;
        for (int i = 1; i <= restarts; i++) {
            var handler = new TestHandlers.Waiting();
            try (var process = mesh.connect("restart-" + i);
                    var worker = mesh.worker(process, stopping("restart-" + i).withAttempts(2), folder, handler)) {
                TestMesh.await("the job to run", () -> handler.runs.get() == 1);
            }
        }
        var last = new TestHandlers.Waiting();
        last.goOn.countDown();
        try (var process = mesh.connect("last");
                var worker = mesh.worker(process, stopping("last").withAttempts(2), folder, last)) {
            Job done = mesh.awaitFinal(id);
            assertThat(done.getState()).isEqualTo(State.SUCCEEDED);
            assertThat(done.getAttempt()).isEqualTo(restarts + 1);
            assertThat(done.getLostAttempts()).isZero();
        }
    }

    @Test
    void theNextAttemptGoesOnFromTheLastCheckpointAndSaysSo() throws Exception {
        var first = new TestHandlers.Stepping(4);
        String id = submit(5);
        try (var process = mesh.connect("c1");
                var worker = mesh.worker(process, stopping("c1"), folder, first)) {
            TestMesh.await("three steps", () -> first.reached.get() == 3);
        }
        try (var process = mesh.connect("c2");
                var worker = mesh.worker(process, stopping("c2"), folder, new TestHandlers.Stepping(0))) {
            Job done = mesh.awaitFinal(id);
            assertThat(done.getResult().unpack(EvaluateResult.class).getSamples())
                    .isEqualTo(2);
            assertThat(done.hasCheckpoint()).isFalse();
        }
        List<JobEvent> starts = starts(id);
        assertThat(starts).hasSize(2);
        assertThat(starts.getFirst().getStarted().hasCheckpoint()).isFalse();
        assertThat(starts.getLast().getStarted().getResumedBecause()).isEqualTo("attempt 1 was handed back by c1");
        assertThat(starts.getLast().getStarted().getCheckpoint().getPosition()).isEqualTo("step 3");
        assertThat(mesh.eventNames(id).stream().filter("checkpoint"::equals)).hasSize(5);
    }

    @Test
    void aDamagedCheckpointCostsTimeButNotTheJob() throws Exception {
        var first = new TestHandlers.Stepping(3);
        String id = submit(3);
        try (var process = mesh.connect("d1");
                var worker = mesh.worker(process, stopping("d1"), folder, first)) {
            TestMesh.await("two steps", () -> first.reached.get() == 2);
        }
        TestMesh.await(
                "the hand-back to be seen",
                () -> mesh.gateway.states().find(id).map(JobLife::isHandedBack).orElse(false));
        Job waiting = mesh.gateway.states().find(id).orElseThrow();
        var store = new FileArtifactStore(folder);
        Path checkpoint = store.verified(waiting.getCheckpoint().getArtifact().getDigest());
        Files.delete(checkpoint);
        try (var process = mesh.connect("d2");
                var worker = mesh.worker(process, stopping("d2"), folder, new TestHandlers.Stepping(0))) {
            Job done = mesh.awaitFinal(id);
            assertThat(done.getResult().unpack(EvaluateResult.class).getSamples())
                    .isEqualTo(3);
        }
        assertThat(starts(id).getLast().getStarted().getResumedBecause())
                .contains("handed back by d1", "begins anew", "checkpoint");
    }

    @Test
    void aFailedJobThatIsPutBackRunsAgainAndItsFirstFailureStaysInItsHistory() {
        String id = submit(1);
        try (var process = mesh.connect("f1");
                var worker = mesh.worker(process, stopping("f1"), folder, new TestHandlers.Failing())) {
            assertThat(mesh.awaitFinal(id).getState()).isEqualTo(State.FAILED);
        }
        Job back = mesh.gateway.control().retry(id, "the model was mended");
        assertThat(back.getState()).isEqualTo(State.QUEUED);
        assertThat(back.hasProblem()).isFalse();
        try (var process = mesh.connect("f2");
                var worker = mesh.worker(process, stopping("f2"), folder, new TestHandlers.Counting())) {
            Job done = mesh.awaitFinal(id);
            assertThat(done.getState()).isEqualTo(State.SUCCEEDED);
            assertThat(done.getRetries()).isEqualTo(1);
        }
        TestMesh.await("the last event", () -> mesh.eventNames(id).contains("succeeded"));
        assertThat(mesh.eventNames(id)).startsWith("queued", "started", "failed", "queued", "started");
        assertThatThrownBy(() -> mesh.gateway.control().retry(id, ""))
                .isInstanceOfSatisfying(
                        ProblemException.class,
                        problem -> assertThat(problem.type()).isEqualTo("job-already-final"));
    }

    @Test
    void aCancelledJobThatIsPutBackIsNotCancelledAgainByTheOldOrder() {
        String id = submit(2);
        assertThatThrownBy(() -> mesh.gateway.control().retry(id, ""))
                .isInstanceOfSatisfying(
                        ProblemException.class,
                        problem -> assertThat(problem.type()).isEqualTo("job-not-finished"));
        mesh.gateway.control().cancel(id, "not now");
        mesh.awaitFinal(id);
        mesh.gateway.control().retry(id, "now");
        try (var process = mesh.connect("r1");
                var worker = mesh.worker(process, stopping("r1"), folder, new TestHandlers.Counting())) {
            assertThat(mesh.awaitFinal(id).getState()).isEqualTo(State.SUCCEEDED);
        }
    }

    @Test
    void cancellingAParentCancelsItsChildrenAndTheirs() {
        var submitter = mesh.gateway.submitter();
        String parent = submit(1);
        List<String> children = IntStream.range(0, 3)
                .mapToObj(i -> submitter
                        .submitChild(TestHandlers.request(2), job(parent), "child-" + i)
                        .getId())
                .toList();
        String grandchild = submitter
                .submitChild(TestHandlers.request(3), job(children.getFirst()), "child")
                .getId();
        mesh.gateway.control().cancel(parent, "not needed");
        assertThat(mesh.awaitFinal(parent).getState()).isEqualTo(State.CANCELLED);
        children.forEach(id -> assertThat(mesh.awaitFinal(id).getState()).isEqualTo(State.CANCELLED));
        assertThat(mesh.awaitFinal(grandchild).getState()).isEqualTo(State.CANCELLED);
    }

    @Test
    void aLongJobDoesNotHoldUpThoseBehindItWhileAnotherWorkerIsFree() {
        var one = new TestHandlers.WaitingForStep(1_000);
        try (var p1 = mesh.connect("l1");
                var w1 = mesh.worker(p1, stopping("l1"), folder, one);
                var p2 = mesh.connect("l2");
                var w2 = mesh.worker(p2, stopping("l2"), folder, one)) {
            String longJob = submit(1_000);
            TestMesh.await("the long job to run", () -> one.waiting.get() == 1);
            List<String> shortJobs =
                    IntStream.range(1, 9).mapToObj(JobReturnTest::submit).toList();
            shortJobs.forEach(mesh::awaitFinal);
            assertThat(mesh.gateway.states().find(longJob).orElseThrow().getState())
                    .isEqualTo(State.RUNNING);
            one.goOn.countDown();
            assertThat(mesh.awaitFinal(longJob).getState()).isEqualTo(State.SUCCEEDED);
        }
    }

    private static List<JobEvent> starts(String id) {
        return mesh.events.history(id, -1).stream()
                .map(JobEventLog.Entry::event)
                .filter(JobEvent::hasStarted)
                .toList();
    }

    private static Job job(String id) {
        return mesh.gateway.states().find(id).orElseThrow();
    }

    private static String submit(int steps) {
        return mesh.gateway.submitter().submit(TestHandlers.request(steps)).getId();
    }

    private static WorkerConfiguration stopping(String name) {
        return WorkerConfiguration.named(name).withGrace(Duration.ZERO);
    }
}
