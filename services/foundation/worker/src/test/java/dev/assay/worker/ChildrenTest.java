package dev.assay.worker;

import static org.assertj.core.api.Assertions.assertThat;

import dev.assay.attack.v1.EvaluateResult;
import dev.assay.computation.ProblemException;
import dev.assay.job.v1.Job.State;
import dev.assay.loading.v1.ImportRequest;
import dev.assay.loading.v1.ImportResult;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/// A parent of the capability `loading` fans out to children of the capability `attack` and adds up their answers.
@Timeout(120)
class ChildrenTest {

    private static TestMesh mesh;

    @TempDir
    Path folder;

    /// Fans out to as many children as the request's seed says, and answers with their number.
    static final class Parent implements JobHandler<ImportRequest, ImportResult> {

        final List<String> seen = Collections.synchronizedList(new ArrayList<>());
        final AtomicInteger mostInFlight = new AtomicInteger();

        @Override
        public ImportResult run(Job<ImportRequest> job) throws InterruptedException {
            Map<String, com.google.protobuf.Message> requests = new LinkedHashMap<>();
            for (int i = 1; i <= job.request().getSeed(); i++) {
                requests.put("child-" + i, TestHandlers.request(i));
            }
            int inFlight = 2;
            job.children().forEach(requests, inFlight, child -> {
                mostInFlight.accumulateAndGet(job.children().unfinished() + 1, Math::max);
                if (child.job().getState() != State.SUCCEEDED) {
                    String detail =
                            child.key() + " failed: " + child.job().getProblem().getDetail();
                    throw new ProblemException("step-failed", child.key(), detail, "mend it");
                }
                seen.add(child.key());
                job.progress().report("children", seen.size(), requests.size());
            });
            return ImportResult.getDefaultInstance();
        }
    }

    @BeforeAll
    static void start() {
        mesh = new TestMesh();
    }

    @AfterAll
    static void stop() {
        mesh.close();
    }

    @Test
    void aParentReducesItsChildrenAsTheyComeAndBoundsWhatIsInFlight() {
        var parent = new Parent();
        try (var p = mesh.connect("p1");
                var parents = mesh.worker(p, stopping("p1"), folder, parent);
                var c = mesh.connect("c1");
                var children = mesh.worker(c, stopping("c1").withSlots(3), folder, new TestHandlers.Counting())) {
            String id = submit(6);
            assertSucceeded(id);
            assertThat(parent.seen)
                    .containsExactlyInAnyOrder("child-1", "child-2", "child-3", "child-4", "child-5", "child-6");
            assertThat(parent.mostInFlight.get()).isLessThanOrEqualTo(2);
            assertThat(mesh.gateway.states().childrenOf(id)).hasSize(6).allMatch(child -> child.getAttempt() == 1);
        }
    }

    @Test
    void aParentThatStartsAgainFindsTheChildrenItHad() throws Exception {
        var steps = new TestHandlers.WaitingForStep(3);
        var before = new Parent();
        String id;
        try (var c = mesh.connect("c2");
                var children = mesh.worker(c, stopping("c2"), folder, steps)) {
            try (var p = mesh.connect("p2a");
                    var parents = mesh.worker(p, stopping("p2a"), folder, before)) {
                id = submit(4);
                TestMesh.await("two children to be done", () -> before.seen.size() == 2);
            }
            var after = new Parent();
            try (var p = mesh.connect("p2b");
                    var parents = mesh.worker(p, stopping("p2b"), folder, after)) {
                TestMesh.await("the children that were done to be found", () -> after.seen.size() == 2);
                steps.goOn.countDown();
                assertSucceeded(id);
                assertThat(after.seen).hasSize(4);
            }
        }
        assertThat(steps.runs).hasValue(4);
        assertThat(mesh.gateway.states().childrenOf(id)).hasSize(4);
    }

    @Test
    void aParentThatFailsLeavesNoChildRunningAndSaysWhichFailedWhy() {
        var failing = new FailingAt(2);
        try (var p = mesh.connect("p3");
                var parents = mesh.worker(p, stopping("p3"), folder, new Parent());
                var c = mesh.connect("c3");
                var children = mesh.worker(c, stopping("c3").withSlots(2), folder, failing)) {
            String id = submit(5);
            var done = mesh.awaitFinal(id);
            assertThat(done.getState()).isEqualTo(State.FAILED);
            assertThat(done.getProblem().getDetail()).isEqualTo("child-2 failed: does not fit");
            TestMesh.await(
                    "all children to be over",
                    () -> mesh.gateway.states().childrenOf(id).stream()
                            .allMatch(child -> JobLife.isFinal(child.getState())));

            // put back, it runs what is missing: the one that failed and those behind it
            failing.mended.countDown();
            mesh.gateway.control().retry(id, "mended");
            assertSucceeded(id);
            assertThat(mesh.gateway.states().childrenOf(id))
                    .hasSize(5)
                    .allMatch(child -> child.getState() == State.SUCCEEDED);
        }
    }

    private record FailingAt(int step, CountDownLatch mended)
            implements JobHandler<dev.assay.attack.v1.EvaluateRequest, EvaluateResult> {

        FailingAt(int step) {
            this(step, new CountDownLatch(1));
        }

        @Override
        public EvaluateResult run(Job<dev.assay.attack.v1.EvaluateRequest> job) throws InterruptedException {
            if (mended.getCount() > 0 && job.request().getSteps() == step) {
                throw new ProblemException("model-mismatch", "model", "does not fit", "give another");
            }
            while (mended.getCount() > 0 && job.request().getSteps() > step) {
                job.progress().checkCancelled();
                Thread.sleep(5);
            }
            return EvaluateResult.getDefaultInstance();
        }
    }

    private static void assertSucceeded(String id) {
        var job = mesh.awaitFinal(id);
        assertThat(job.getState()).as(job.getProblem().getDetail()).isEqualTo(State.SUCCEEDED);
    }

    private static String submit(int children) {
        String source = "sha256:" + "0".repeat(64);
        return mesh.gateway
                .submitter()
                .submit(ImportRequest.newBuilder()
                        .setSource(source)
                        .setSeed(children)
                        .build())
                .getId();
    }

    private static WorkerConfiguration stopping(String name) {
        return WorkerConfiguration.named(name).withGrace(Duration.ZERO);
    }
}
