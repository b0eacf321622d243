package dev.assay.worker;

import static org.assertj.core.api.Assertions.assertThat;

import dev.assay.attack.v1.EvaluateRequest;
import dev.assay.computation.ProblemException;
import dev.assay.job.v1.Job;
import dev.assay.job.v1.Job.State;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/// Several gateways of one mesh tell the same.
@Timeout(180)
class ReplicasTest {

    private static final Duration PATIENCE = Duration.ofSeconds(20);

    private static TestMesh mesh;
    private static Mesh replica;
    private static JobEventLog replicaEvents;

    @TempDir
    Path folder;

    @BeforeAll
    static void start() {
        mesh = new TestMesh();
        replica = mesh.connect("gateway-2");
        replicaEvents = replica.openEventLog();
    }

    @AfterAll
    static void stop() {
        replica.close();
        mesh.close();
    }

    @Test
    void whatOneGatewayHasAcceptedTheOtherKnowsAtOnce() {
        for (int i = 0; i < 50; i++) {
            String id = mesh.gateway
                    .submitter()
                    .submit(TestHandlers.request(1), "key-" + i)
                    .getId();
            assertThat(replica.states().findFresh(id)).isPresent();
            assertThat(replica.submitter()
                            .submit(TestHandlers.request(1), "key-" + i)
                            .getId())
                    .isEqualTo(id);
        }
    }

    @Test
    void whenGatewaysGetTheSameKeyAtTheSameTimeOneRequestCountsAndTheOtherIsTold() throws Exception {
        try (var threads = Executors.newVirtualThreadPerTaskExecutor()) {
            for (int i = 0; i < 20; i++) {
                String key = "contested-" + i;
                var together = new CyclicBarrier(2);
                List<Future<Optional<Integer>>> answers = Stream.of(mesh.gateway, replica)
                        .map(gateway -> threads.submit(() -> {
                            int steps = gateway == replica ? 2 : 1;
                            together.await();
                            return submitted(gateway, steps, key);
                        }))
                        .toList();
                List<Integer> accepted = new ArrayList<>();
                for (var answer : answers) {
                    answer.get().ifPresent(accepted::add);
                }
                String id = JobIds.ofKey("attack", "", key);
                EvaluateRequest kept = mesh.gateway
                        .states()
                        .findFresh(id)
                        .orElseThrow()
                        .getRequest()
                        .unpack(EvaluateRequest.class);
                assertThat(accepted).containsExactly(kept.getSteps());
                assertThat(replica.states().findFresh(id).orElseThrow().getRequest())
                        .isEqualTo(mesh.gateway.states().find(id).orElseThrow().getRequest());
            }
        }
    }

    /// @return the steps of the request if it was accepted
    private static Optional<Integer> submitted(Mesh gateway, int steps, String key) {
        try {
            gateway.submitter().submit(TestHandlers.request(steps), key);
            return Optional.of(steps);
        } catch (ProblemException refused) {
            assertThat(refused.type()).isEqualTo("idempotency-conflict");
            return Optional.empty();
        }
    }

    @Test
    void jobsEventsAndPagesAreTheSameOnEveryGatewayAndOnOneThatStartsLate() {
        List<String> ids = run(30);
        replica.states().awaitCaughtUp(PATIENCE);
        List<Job> listed = everyPage(mesh.gateway);
        assertThat(everyPage(replica)).isEqualTo(listed);
        ids.forEach(id -> assertThat(replicaEvents.history(id, -1)).isEqualTo(mesh.events.history(id, -1)));
        try (var late = mesh.connect("gateway-3")) {
            assertThat(everyPage(late)).isEqualTo(listed);
            JobEventLog lateEvents = late.openEventLog();
            ids.forEach(id -> assertThat(lateEvents.history(id, -1)).isEqualTo(mesh.events.history(id, -1)));
        }
    }

    @Test
    void aStreamThatBreaksOffGoesOnAtTheOtherGatewayWithoutGapOrDouble() {
        String id = mesh.gateway.submitter().submit(TestHandlers.request(40)).getId();
        List<JobEventLog.Entry> seen = new ArrayList<>();
        try (var process = mesh.connect("w");
                var worker =
                        mesh.worker(process, WorkerConfiguration.named("w"), folder, new TestHandlers.Stepping(0))) {
            JobEventLog[] gateways = {mesh.events, replicaEvents};
            for (int stream = 0; !isOver(seen); stream++) {
                long last = seen.isEmpty() ? -1 : seen.getLast().offset();
                List<JobEventLog.Entry> told = new CopyOnWriteArrayList<>();
                try (var subscription = gateways[stream % 2].subscribe(id, last, told::add)) {
                    TestMesh.await("more events", () -> !told.isEmpty());
                }
                seen.addAll(told);
            }
        }
        assertThat(seen).hasSizeGreaterThan(10).isEqualTo(mesh.events.history(id, -1));
    }

    private static boolean isOver(List<JobEventLog.Entry> seen) {
        return !seen.isEmpty() && JobEvents.isFinal(seen.getLast().event());
    }

    private List<String> run(int count) {
        try (var process = mesh.connect("runner");
                var worker = mesh.worker(
                        process, WorkerConfiguration.named("runner"), folder, new TestHandlers.Counting())) {
            List<String> ids = IntStream.range(0, count)
                    .mapToObj(i -> mesh.gateway
                            .submitter()
                            .submit(TestHandlers.request(3))
                            .getId())
                    .toList();
            ids.forEach(id -> assertThat(mesh.awaitFinal(id).getState()).isEqualTo(State.SUCCEEDED));
            ids.forEach(mesh::awaitFinalEvents);
            return ids;
        }
    }

    private static List<Job> everyPage(Mesh gateway) {
        List<Job> jobs = new ArrayList<>();
        String cursor = "";
        do {
            JobStates.Page page = gateway.states().list(JobStates.Filter.ALL, cursor, 7);
            jobs.addAll(page.jobs());
            cursor = page.next();
        } while (!cursor.isEmpty());
        return jobs;
    }
}
