package dev.assay.worker;

import static org.assertj.core.api.Assertions.assertThat;

import dev.assay.contract.Operations;
import dev.assay.contract.Validation;
import dev.assay.job.v1.Job;
import dev.assay.job.v1.Job.State;
import dev.assay.job.v1.Priority;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Set;
import java.util.stream.IntStream;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/// In which order real workers take waiting jobs from a real queue, and that none gets lost on the way.
@Timeout(180)
class QueueOrderTest {

    private static final WorkQueue QUEUE = WorkQueue.of("attack");
    private static final int CROWD = 30;
    private static final int LONG = 1_000;

    private TestMesh mesh;

    @TempDir
    Path folder;

    @BeforeEach
    void start() {
        mesh = new TestMesh();
    }

    @AfterEach
    void stop() {
        mesh.close();
    }

    @Test
    void oneTenantsCrowdDoesNotKeepAnothersJobWaiting() {
        var handler = new TestHandlers.WaitingForStep(LONG);
        try (var process = mesh.connect("w");
                var worker = mesh.worker(process, WorkerConfiguration.named("w"), folder, handler)) {
            String first = submit("crowd", Priority.INTERACTIVE, LONG);
            TestMesh.await("the slot to be taken", () -> handler.waiting.get() == 1);
            List<String> crowd = submitMany("crowd", Priority.INTERACTIVE, CROWD);
            String single = submit("single", Priority.INTERACTIVE, 1);
            handler.goOn.countDown();
            List<Job> done = finished(crowd);
            Instant singleStarted = startOf(mesh.awaitFinal(single));
            assertThat(done).allMatch(job -> startOf(job).isAfter(singleStarted));
            assertThat(mesh.awaitFinal(first).getState()).isEqualTo(State.SUCCEEDED);
        }
    }

    @Test
    void interactiveJobsRunBeforeBatchJobsThatCameFirst() {
        var handler = new TestHandlers.WaitingForStep(LONG);
        try (var process = mesh.connect("w");
                var worker = mesh.worker(process, WorkerConfiguration.named("w"), folder, handler)) {
            submit("", Priority.BATCH, LONG);
            TestMesh.await("the slot to be taken", () -> handler.waiting.get() == 1);
            List<String> batch = submitMany("", Priority.BATCH, CROWD);
            List<String> interactive = submitMany("", Priority.INTERACTIVE, 3);
            handler.goOn.countDown();
            Instant lastInteractive = finished(interactive).stream()
                    .map(QueueOrderTest::startOf)
                    .max(Comparator.naturalOrder())
                    .orElseThrow();
            assertThat(finished(batch)).allMatch(job -> startOf(job).isAfter(lastInteractive));
        }
    }

    @Test
    void whenManyWorkersShareManyTenantsEveryJobRunsOnce() {
        var handler = new TestHandlers.Counting();
        List<String> ids = new ArrayList<>();
        for (int i = 0; i < CROWD; i++) {
            ids.add(submit("a", Priority.BATCH, 1));
            ids.add(submit("a", Priority.INTERACTIVE, 1));
            ids.add(submit(i % 2 == 0 ? "b" : "c", Priority.INTERACTIVE, 1));
        }
        var two = WorkerConfiguration.named("w1").withSlots(2);
        try (var one = mesh.connect("w1");
                var other = mesh.connect("w2");
                var third = mesh.connect("w3");
                var worker1 = mesh.worker(one, two, folder, handler);
                var worker2 = mesh.worker(other, WorkerConfiguration.named("w2").withSlots(2), folder, handler);
                var worker3 = mesh.worker(third, WorkerConfiguration.named("w3").withSlots(2), folder, handler)) {
            List<Job> done = finished(ids);
            assertThat(done).allMatch(job -> job.getState() == State.SUCCEEDED && job.getAttempt() == 1);
            assertThat(handler.runs.get()).isEqualTo(ids.size());
            ids.forEach(id -> assertThat(mesh.awaitFinalEvents(id))
                    .startsWith("queued", "started")
                    .endsWith("succeeded"));
        }
    }

    @Test
    void aKilledWorkersJobGoesOnThoughAnotherJobsRecordBroughtIt() throws Exception {
        String first = submit("crowd", Priority.INTERACTIVE, 1);
        try (var keeper = process("keeper")) {
            awaitRunning(first, "keeper");
            String second = submit("crowd", Priority.INTERACTIVE, 1);
            String single = submit("single", Priority.INTERACTIVE, 1);
            try (var victim = process("victim")) {
                awaitRunning(single, "victim");
                victim.kill();
            }
            try (var heir = process("heir")) {
                awaitRunning(single, "heir");
                Files.createFile(folder.resolve("go"));
                assertThat(mesh.awaitFinal(single).getAttempt()).isEqualTo(2);
                assertThat(mesh.awaitFinal(second).getAttempt()).isEqualTo(1);
                assertThat(mesh.awaitFinal(first).getAttempt()).isEqualTo(1);
                assertThat(heir.isAlive() && keeper.isAlive()).isTrue();
            }
        }
    }

    @Test
    void aWaitingJobWhoseRecordIsMissingGetsANewOne() {
        try (var process = mesh.connect("w");
                var worker =
                        mesh.worker(process, WorkerConfiguration.named("w"), folder, new TestHandlers.Counting())) {
            String id = "00000000000000000000000001";
            var request = Validation.accept(TestHandlers.request(1));
            var operation = Operations.ofRequest(request.getDescriptorForType()).orElseThrow();
            var step = JobLife.queued(id, operation, request, "", "", Terms.USUAL, Instant.now());
            mesh.gateway.ledger().commit(step.records("/test"), Duration.ofSeconds(20));
            process.states().awaitCaughtUp(Duration.ofSeconds(20));
            QueueWork queue = worker.queues().getFirst();
            long now = System.nanoTime();
            queue.replaceMissingRecords(now);
            queue.replaceMissingRecords(now + 1);
            assertThat(process.states().find(id).orElseThrow().getState()).isEqualTo(State.QUEUED);
            queue.replaceMissingRecords(now + QueueWork.BETWEEN_LOOKS.toNanos());
            assertThat(mesh.awaitFinal(id).getState()).isEqualTo(State.SUCCEEDED);
        }
    }

    @Test
    void aJobThatNobodyWorksOnAndWhoseRecordIsGoneIsRunAgain() {
        try (var process = mesh.connect("w");
                var worker =
                        mesh.worker(process, WorkerConfiguration.named("w"), folder, new TestHandlers.Counting())) {
            String ours = running("00000000000000000000000002", "w");
            String ofOneThatIsGone = running("00000000000000000000000003", "gone");
            process.states().awaitCaughtUp(Duration.ofSeconds(20));
            QueueWork queue = worker.queues().getFirst();
            long now = System.nanoTime();
            queue.replaceMissingRecords(now);
            queue.replaceMissingRecords(now + QueueWork.BETWEEN_LOOKS.toNanos());
            for (String id : List.of(ours, ofOneThatIsGone)) {
                Job done = mesh.awaitFinal(id);
                assertThat(done.getState()).isEqualTo(State.SUCCEEDED);
                assertThat(done.getAttempt()).isEqualTo(2);
                assertThat(done.getLostAttempts()).isEqualTo(1);
                assertThat(mesh.awaitFinalEvents(id)).startsWith("queued", "started", "queued", "started");
            }
        }
    }

    /// A broker that crashed forgets how often it has handed out what was being worked on.
    @Test
    void aRecordThatComesAsForTheFirstTimeGoesToTheJobThatItBroughtBefore() {
        JobStates states = mesh.gateway.states();
        var turns = new Turns(QUEUE, states);
        var intake = new Intake(QUEUE, "/test", 3, states, mesh.gateway.orders(), turns, Clock.systemUTC());
        String named = submit("", Priority.INTERACTIVE, 1);
        String borrower = submit("", Priority.INTERACTIVE, 1);
        var record = JobRequests.record(states.find(named).orElseThrow(), "/test");
        var handedOut = new ConsumerRecord<>(record.topic(), 0, 7, record.key(), record.value());
        record.headers().forEach(header -> handedOut.headers().add(header));
        Job before = states.find(borrower).orElseThrow();
        var started = JobLife.started(before, "dead", RecordPosition.of(handedOut), "", Instant.now());
        mesh.gateway.ledger().commit(started.records("/test"), Duration.ofSeconds(20));
        states.awaitCaughtUp(Duration.ofSeconds(20));

        assertThat(intake.decide(handedOut))
                .isInstanceOfSatisfying(
                        Intake.Run.class, run -> assertThat(run.job().getId()).isEqualTo(borrower));
    }

    private String running(String id, String name) {
        var request = Validation.accept(TestHandlers.request(1));
        var operation = Operations.ofRequest(request.getDescriptorForType()).orElseThrow();
        var queued = JobLife.queued(id, operation, request, "", "", Terms.USUAL, Instant.now());
        var started = JobLife.started(queued.snapshot(), name, new RecordPosition(0, 1_000), "", Instant.now());
        mesh.gateway.ledger().commit(queued.records("/test"), Duration.ofSeconds(20));
        mesh.gateway.ledger().commit(started.records("/test"), Duration.ofSeconds(20));
        return id;
    }

    @Test
    void jobsThatInsistOnAGpuWaitForAWorkerThatHasOne() {
        var onGpu = TestHandlers.request(1).toBuilder().setDevice("cuda:0").build();
        String waiting = mesh.gateway.submitter().submit(onGpu).getId();
        String any = submit("", Priority.INTERACTIVE, 1);
        try (var process = mesh.connect("cpu");
                var worker =
                        mesh.worker(process, WorkerConfiguration.named("cpu"), folder, new TestHandlers.Counting())) {
            assertThat(mesh.awaitFinal(any).getWorker()).isEqualTo("cpu");
        }
        assertThat(mesh.gateway.states().find(waiting).orElseThrow().getState()).isEqualTo(State.QUEUED);
        var both = WorkerConfiguration.named("gpu").withDevices(Set.of(WorkerConfiguration.ANY_DEVICE, "cuda"));
        try (var process = mesh.connect("gpu");
                var worker = mesh.worker(process, both, folder, new TestHandlers.Counting())) {
            assertThat(mesh.awaitFinal(waiting).getWorker()).isEqualTo("gpu");
            assertThat(mesh.awaitFinal(submit("", Priority.INTERACTIVE, 1)).getWorker())
                    .isEqualTo("gpu");
        }
    }

    private WorkerProcess process(String name) throws Exception {
        return WorkerProcess.start(mesh.broker.bootstrapServers(), name, folder, Duration.ofSeconds(2));
    }

    private void awaitRunning(String id, String worker) {
        TestMesh.await(
                id + " to run on " + worker,
                () -> mesh.gateway
                        .states()
                        .find(id)
                        .filter(job -> job.getState() == State.RUNNING
                                && job.getWorker().equals(worker))
                        .isPresent());
    }

    private List<String> submitMany(String tenant, Priority priority, int count) {
        return IntStream.range(0, count)
                .mapToObj(i -> submit(tenant, priority, 1))
                .toList();
    }

    private String submit(String tenant, Priority priority, int steps) {
        return mesh.gateway
                .submitter()
                .submit(TestHandlers.request(steps), new Terms(tenant, priority, ""))
                .getId();
    }

    private List<Job> finished(List<String> ids) {
        return ids.stream().map(mesh::awaitFinal).toList();
    }

    private static Instant startOf(Job job) {
        return JobLife.instant(job.getStartedAt());
    }
}
