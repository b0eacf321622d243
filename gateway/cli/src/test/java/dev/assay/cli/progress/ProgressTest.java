package dev.assay.cli.progress;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Map;
import java.util.stream.IntStream;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import org.junit.jupiter.api.Test;

class ProgressTest {

    private static final Moment EPOCH =
            new Moment("training train", "epoch", 7, 12, Map.of("loss", 0.213449, "train_accuracy", 0.9412));
    private static final Duration ELAPSED = Duration.ofSeconds(67);

    @Test
    void aBarTellsTaskPhaseShareMetricsAndTime() {
        assertThat(ProgressBar.line(EPOCH, ELAPSED, 120))
                .isEqualTo("training train  epoch 7/12  ━━━━━━━━━━━━━━╌╌╌╌╌╌╌╌╌╌  58 %"
                        + "  loss 0.2134  train accuracy 0.9412  1:07");
    }

    @Test
    void aNarrowTerminalLosesMetricsFirstAndTheBarNext() {
        assertThat(ProgressBar.line(EPOCH, ELAPSED, 64)).doesNotContain("loss").contains("━");
        assertThat(ProgressBar.line(EPOCH, ELAPSED, 44)).isEqualTo("training train  epoch 7/12  58 %  1:07");
    }

    @Property(tries = 200)
    void aLineNeverFillsTheTerminalSoItIsNeverWrapped(@ForAll @IntRange(min = 20, max = 300) int columns) {
        assertThat(ProgressBar.line(EPOCH, ELAPSED, columns).length()).isLessThan(columns);
    }

    @Test
    void aTotalThatIsNotKnownShowsACountAndNoBar() {
        assertThat(ProgressBar.line(Moment.of("loading import", "image", 1200, 0), Duration.ZERO, 80))
                .isEqualTo("loading import  image 1200  0:00");
    }

    @Test
    void aBarIsRedrawnInOneLineAndWipedAtTheEnd() {
        ByteArrayOutputStream written = new ByteArrayOutputStream();
        ProgressBar bar = new ProgressBar(new PrintStream(written, true, StandardCharsets.UTF_8), () -> 80);

        bar.show(Moment.of("t", "p", 1, 2));
        bar.note("kept");
        bar.close();
        bar.show(Moment.of("t", "p", 2, 2));

        String drawn = "t  p 1/2  ━━━━━━━━━━━━╌╌╌╌╌╌╌╌╌╌╌╌  50 %  0:00";
        String clear = "\r\u001b[2K";
        assertThat(written.toString(StandardCharsets.UTF_8))
                .isEqualTo(clear + drawn + clear + "kept\n" + clear + drawn + clear);
    }

    @Test
    void plainLinesComeOncePerPhaseAndAtItsEndHoweverManyEventsThereAre() {
        ByteArrayOutputStream written = new ByteArrayOutputStream();
        ProgressLines lines = new ProgressLines(new PrintStream(written, true, StandardCharsets.UTF_8));

        IntStream.rangeClosed(1, 1000)
                .forEach(done -> lines.show(new Moment("attack evaluate", "l2:1", done, 1000, Map.of("broken", 0.5))));

        assertThat(written.toString(StandardCharsets.UTF_8).lines())
                .startsWith("attack evaluate: l2:1 1/1000  broken 0.5")
                .endsWith("attack evaluate: l2:1 1000/1000  broken 0.5")
                .hasSizeLessThan(6);
    }
}
