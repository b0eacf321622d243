package dev.assay.drill;

import static org.assertj.core.api.Assertions.assertThat;

import dev.assay.job.v1.Cancelled;
import dev.assay.job.v1.Checkpoint;
import dev.assay.job.v1.Failed;
import dev.assay.job.v1.JobEvent;
import dev.assay.job.v1.Progress;
import dev.assay.job.v1.Queued;
import dev.assay.job.v1.Started;
import dev.assay.job.v1.Succeeded;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// Letters are kinds (q queued, s started, p progress, c checkpoint, S succeeded, F failed, X cancelled), digits
/// attempts.
class HistoryModelTest {

    @ParameterizedTest
    @ValueSource(
            strings = {
                "q0 s1 S1",
                "q0 X1",
                "q0 F0",
                "q0 s1 p1 c1 s2 p2 S2",
                "q0 s1 q1 s2 S2",
                "q0 s1 F1 q2 s3 S3",
                "q0 s1 X2",
                "q0 s1 X1 q2 X3"
            })
    void whatAJobMayLiveThroughIsLegal(String history) {
        assertThat(HistoryModel.fault(read(history), true)).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "s1 S1",
                "q0 S0",
                "q0 p1",
                "q0 s1 S1 S1",
                "q0 s1 S1 F1",
                "q0 s1 s1 S1",
                "q0 s2 s1",
                "q0 s1 s2 S1",
                "q0 q0 s1",
                "q0 s1 q1 S1",
                "q0 s1 S1 s2",
                "q0 s1 S1 q1"
            })
    void whatMustNeverHappenIsAFault(String history) {
        assertThat(HistoryModel.fault(read(history), false)).isPresent();
    }

    @ParameterizedTest
    @ValueSource(strings = {"q0", "q0 s1 p1", "q0 s1 q1"})
    void aJobThatIsNotOverIsAFaultOnlyWhereItMustBe(String history) {
        assertThat(HistoryModel.fault(read(history), false)).isEmpty();
        assertThat(HistoryModel.fault(read(history), true)).isPresent();
    }

    private static List<JobEvent> read(String history) {
        return Arrays.stream(history.split(" ")).map(HistoryModelTest::event).toList();
    }

    private static JobEvent event(String step) {
        var event = JobEvent.newBuilder().setJobId("job").setAttempt(step.charAt(1) - '0');
        return switch (step.charAt(0)) {
            case 'q' -> event.setQueued(Queued.getDefaultInstance()).build();
            case 's' -> event.setStarted(Started.getDefaultInstance()).build();
            case 'p' -> event.setProgress(Progress.getDefaultInstance()).build();
            case 'c' -> event.setCheckpoint(Checkpoint.getDefaultInstance()).build();
            case 'S' -> event.setSucceeded(Succeeded.getDefaultInstance()).build();
            case 'F' -> event.setFailed(Failed.getDefaultInstance()).build();
            default -> event.setCancelled(Cancelled.getDefaultInstance()).build();
        };
    }
}
