package dev.assay.drill;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.Test;

/// Short versions of the drills of docs/reliability.md, each on a mesh of its own.
class ShortDrillsTest {

    private static final Path ROOT = Path.of("..").toAbsolutePath().normalize();

    @Test
    void aTrainingWhoseWorkerIsKilledGivesWhatAnUndisturbedOneGives() throws Exception {
        Verdict verdict = new KillDrill(ROOT, 1, 20_261_124).run();
        assertThat(verdict.passed()).as(verdict.toString()).isTrue();
    }

    @Test
    void malformedRequestsGetNo500AndLeaveNothingBehind() throws Exception {
        Verdict verdict = new FuzzDrill(ROOT, Duration.ofSeconds(5), System.nanoTime()).run();
        assertThat(verdict.passed()).as(verdict.toString()).isTrue();
    }
}
