package dev.assay.worker;

import static org.assertj.core.api.Assertions.assertThat;

import dev.assay.job.v1.Cancelled;
import dev.assay.job.v1.Failed;
import dev.assay.job.v1.Job;
import dev.assay.job.v1.Job.State;
import dev.assay.job.v1.JobEvent;
import dev.assay.job.v1.Progress;
import dev.assay.job.v1.Queued;
import dev.assay.job.v1.Started;
import dev.assay.job.v1.Succeeded;
import java.time.Instant;
import java.util.List;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import org.junit.jupiter.api.Test;

class JobLifeTest {

    /// q: queued, s: started, p: progress, f: any end. The log may begin in the middle of a life.
    private static final Pattern LEGAL = Pattern.compile("(q|p*q?)?((sp*)*(sp*q)*)*f?(q((sp*)*(sp*q)*)*f?)*");

    @Property(tries = 200)
    void whateverWorkersWriteEveryReaderSeesALegalHistory(@ForAll("events") List<JobEvent> log) {
        var rule = new LegalHistory();
        List<JobEvent> seen = log.stream().filter(rule::admits).toList();
        assertThat(seen.stream().map(JobLifeTest::letter).collect(Collectors.joining()))
                .matches(LEGAL);
        assertThat(seen).isSortedAccordingTo((a, b) -> Integer.compare(a.getAttempt(), b.getAttempt()));
    }

    @Property(tries = 200)
    void aSnapshotThatCountsIsNeverReplacedByAnOlderAttemptNorAnEndByARun(@ForAll("snapshots") List<Job> log) {
        Job counts = log.getFirst();
        for (Job later : log) {
            if (JobLife.replaces(later, counts)) {
                assertThat(later.getAttempt()).isGreaterThanOrEqualTo(counts.getAttempt());
                assertThat(JobLife.isFinal(counts.getState()) && later.getState() != State.QUEUED)
                        .isFalse();
                counts = later;
            }
        }
    }

    @Test
    void theFirstWorkerToWriteAnAttemptKeepsIt() {
        Job first = snapshot(State.RUNNING, 2, "a");
        assertThat(JobLife.replaces(snapshot(State.RUNNING, 2, "b"), first)).isFalse();
        assertThat(JobLife.replaces(snapshot(State.SUCCEEDED, 2, "b"), first)).isFalse();
        assertThat(JobLife.replaces(snapshot(State.SUCCEEDED, 2, "a"), first)).isTrue();
        assertThat(JobLife.replaces(snapshot(State.SUCCEEDED, 1, "a"), first)).isFalse();
        assertThat(JobLife.replaces(snapshot(State.RUNNING, 3, "b"), first)).isTrue();
    }

    @Test
    void ofTwoSubmissionsWithTheSameKeyTheFirstCounts() {
        Job first = snapshot(State.QUEUED, 0, "");
        Job second = first.toBuilder().setTraceParent("another request's").build();
        assertThat(JobLife.replaces(second, first)).isFalse();
        assertThat(JobLife.replaces(snapshot(State.RUNNING, 1, "a"), first)).isTrue();
    }

    @Test
    void aJobCancelledInTheQueueStaysSoWhicheverIsWrittenFirst() {
        Job queued = snapshot(State.QUEUED, 0, "");
        Job cancelled = JobLife.cancelledBeforeStart(queued, "", Instant.EPOCH).snapshot();
        Job started = snapshot(State.RUNNING, 1, "a");
        assertThat(JobLife.replaces(cancelled, queued)).isTrue();
        assertThat(JobLife.replaces(started, cancelled)).isFalse();
        assertThat(JobLife.replaces(cancelled, started)).isTrue();
    }

    @Provide
    Arbitrary<List<JobEvent>> events() {
        return Combinators.combine(
                        Arbitraries.integers().between(0, 4),
                        Arbitraries.integers().between(0, 3))
                .as(JobLifeTest::event)
                .list()
                .ofMaxSize(20);
    }

    @Provide
    Arbitrary<List<Job>> snapshots() {
        var states = Arbitraries.of(State.QUEUED, State.RUNNING, State.SUCCEEDED, State.FAILED, State.CANCELLED);
        return Combinators.combine(states, Arbitraries.integers().between(0, 3), Arbitraries.of("", "a", "b"))
                .as(JobLifeTest::snapshot)
                .list()
                .ofMinSize(1)
                .ofMaxSize(20);
    }

    private static Job snapshot(State state, int attempt, String worker) {
        return Job.newBuilder()
                .setId("job")
                .setState(state)
                .setAttempt(attempt)
                .setWorker(worker)
                .build();
    }

    private static JobEvent event(int kind, int attempt) {
        var event = JobEvent.newBuilder().setJobId("job").setAttempt(attempt);
        return switch (kind) {
            case 0 -> event.setQueued(Queued.getDefaultInstance()).build();
            case 1 -> event.setStarted(Started.getDefaultInstance()).build();
            case 2 -> event.setProgress(Progress.getDefaultInstance()).build();
            case 3 -> event.setSucceeded(Succeeded.getDefaultInstance()).build();
            default ->
                attempt % 2 == 0
                        ? event.setFailed(Failed.getDefaultInstance()).build()
                        : event.setCancelled(Cancelled.getDefaultInstance()).build();
        };
    }

    private static String letter(JobEvent event) {
        return JobEvents.isFinal(event) ? "f" : JobEvents.name(event).substring(0, 1);
    }
}
