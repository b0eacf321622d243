package dev.assay.worker;

import static org.assertj.core.api.Assertions.assertThat;

import dev.assay.job.v1.Job;
import dev.assay.job.v1.Job.State;
import dev.assay.job.v1.Priority;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import org.junit.jupiter.api.Test;

class TurnsTest {

    private static final WorkQueue QUEUE = WorkQueue.of("attack");
    private static final Instant START = Instant.parse("2026-01-01T00:00:00Z");

    private final JobStates states = new JobStates(JobStates.Detail.WHOLE);
    private final Turns turns = new Turns(QUEUE, states);

    @Property(tries = 200)
    void everyPermitRunsAWaitingJobOnceAndNoBatchJobBeforeAnInteractiveOne(
            @ForAll long seed, @ForAll @IntRange(min = 1, max = 40) int count) {
        var states = new JobStates(JobStates.Detail.WHOLE);
        var turns = new Turns(QUEUE, states);
        var random = new Random(seed);
        List<Job> waiting = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            Job job = job("job-" + i, "tenant-" + random.nextInt(3), priority(random), random.nextInt(100));
            states.accept(job);
            waiting.add(job);
        }
        List<Job> permits = new ArrayList<>(waiting);
        permits.sort(Comparator.comparing(job -> job.getCreatedAt().getSeconds()));
        Set<String> served = new HashSet<>();
        Set<Job> running = new HashSet<>();
        for (Job permit : permits) {
            boolean interactiveWaits = waiting.stream().anyMatch(job -> job.getPriority() == Priority.INTERACTIVE);
            Job job = turns.next(Optional.of(permit).filter(waiting::contains)).orElseThrow();
            assertThat(job.getPriority()).isEqualTo(interactiveWaits ? Priority.INTERACTIVE : Priority.BATCH);
            assertThat(served.add(job.getId())).isTrue();
            waiting.remove(job);
            Job started = started(job, served.size(), "0@" + served.size());
            states.accept(started);
            turns.release(job.getId());
            running.add(started);
            if (random.nextBoolean()) {
                Job over = running.iterator().next();
                running.remove(over);
                states.accept(over.toBuilder().setState(State.SUCCEEDED).build());
            }
        }
        assertThat(turns.next(Optional.empty())).isEmpty();
    }

    @Test
    void theTenantWithFewerRunningJobsIsServedFirst() {
        Job crowd1 = accepted(job("crowd-1", "crowd", Priority.INTERACTIVE, 0));
        Job crowd2 = accepted(job("crowd-2", "crowd", Priority.INTERACTIVE, 1));
        Job single = accepted(job("single", "other", Priority.INTERACTIVE, 2));
        assertThat(turns.next(Optional.of(crowd1))).hasValue(crowd1);
        // crowd-1 has not started yet, and counts as running all the same
        assertThat(turns.next(Optional.of(crowd2))).hasValue(single);
        assertThat(turns.next(Optional.of(single))).hasValue(crowd2);
    }

    @Test
    void withOneSlotTenantsTakeTurns() {
        for (int i = 0; i < 4; i++) {
            accepted(job("crowd-" + i, "crowd", Priority.INTERACTIVE, i));
        }
        accepted(job("other-1", "other", Priority.INTERACTIVE, 8));
        accepted(job("other-2", "other", Priority.INTERACTIVE, 9));
        List<String> order = new ArrayList<>();
        for (int i = 0; i < 6; i++) {
            Job job = turns.next(Optional.empty()).orElseThrow();
            order.add(job.getId());
            Job started = started(job, i + 1, "0@" + i);
            states.accept(started);
            states.accept(started.toBuilder().setState(State.SUCCEEDED).build());
            turns.release(job.getId());
        }
        assertThat(order).containsExactly("crowd-0", "other-1", "crowd-1", "other-2", "crowd-2", "crowd-3");
    }

    @Test
    void ofOneTenantsJobsTheNamedOneRunsUnlessAnotherHasWaitedMuchLonger() {
        Job early = accepted(job("early", "", Priority.INTERACTIVE, 0));
        Job nearly = accepted(job("nearly", "", Priority.INTERACTIVE, 5));
        Job late = accepted(job("late", "", Priority.INTERACTIVE, 60));
        assertThat(turns.next(Optional.of(nearly))).hasValue(nearly);
        assertThat(turns.next(Optional.of(late))).hasValue(early);
    }

    @Test
    void aJobIsFoundByTheRecordThatBroughtItWhileItRuns() {
        Job job = accepted(job("job", "", Priority.INTERACTIVE, 0));
        Job started = started(job, 1, "0@7");
        states.accept(started);
        assertThat(turns.broughtBy(new RecordPosition(0, 7))).hasValue(started);
        assertThat(turns.broughtBy(new RecordPosition(0, 8))).isEmpty();
        states.accept(started.toBuilder().setState(State.FAILED).build());
        assertThat(turns.broughtBy(new RecordPosition(0, 7))).isEmpty();
    }

    private Job accepted(Job job) {
        states.accept(job);
        return job;
    }

    private static Priority priority(Random random) {
        return random.nextBoolean() ? Priority.INTERACTIVE : Priority.BATCH;
    }

    private static Job job(String id, String tenant, Priority priority, int second) {
        return Job.newBuilder()
                .setId(id)
                .setCapability("attack")
                .setState(State.QUEUED)
                .setTenant(tenant)
                .setPriority(priority)
                .setCreatedAt(JobLife.timestamp(START.plusSeconds(second)))
                .build();
    }

    private static Job started(Job job, int second, String record) {
        return job.toBuilder()
                .setState(State.RUNNING)
                .setAttempt(1)
                .setWorker("worker")
                .setQueueRecord(record)
                .setStartedAt(JobLife.timestamp(START.plusSeconds(1_000 + second)))
                .build();
    }
}
