package dev.assay.worker;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.assay.computation.CancelledException;
import dev.assay.job.v1.Progress;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

class JobProgressTest {

    private final JobProgress progress = new JobProgress(new JobProgress.Listener() {
        @Override
        public void event(Progress ignored) {}

        @Override
        public void snapshot(Progress ignored) {}
    });
    private final AtomicInteger stops = new AtomicInteger();

    @Test
    void aStopEndsWhatRunsBetweenTwoReportsOnce() {
        progress.whenCancelled(stops::incrementAndGet);
        progress.whenCancelled(stops::incrementAndGet);
        assertThat(stops).hasValue(0);

        progress.stop("not needed");
        progress.stop("not needed at all");

        assertThat(stops).hasValue(2);
        assertThatThrownBy(progress::checkCancelled)
                .isInstanceOf(CancelledException.class)
                .hasMessage("not needed");
    }

    @Test
    void whatBeginsAfterTheStopEndsAtOnceAndWhatIsOverIsLeftAlone() {
        progress.whenCancelled(stops::incrementAndGet).close();
        progress.stop("not needed");
        assertThat(stops).hasValue(0);

        progress.whenCancelled(stops::incrementAndGet);

        assertThat(stops).hasValue(1);
    }
}
