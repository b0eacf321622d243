package dev.assay.local;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.time.Instant;
import java.util.Collections;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class RestartPolicyTest {

    private static final Instant NOW = Instant.parse("2026-01-01T00:00:00Z");
    private static final RestartPolicy POLICY =
            new RestartPolicy(Duration.ofSeconds(1), Duration.ofSeconds(5), 4, Duration.ofMinutes(10));

    @ParameterizedTest
    @CsvSource({"1, 1", "2, 2", "3, 4", "4, 5"})
    void eachPauseDoublesTheLastUpToTheLongest(int ends, int seconds) {
        assertThat(POLICY.pause(Collections.nCopies(ends, NOW), NOW)).contains(Duration.ofSeconds(seconds));
    }

    @Test
    void givesUpBeyondTheLimit() {
        assertThat(POLICY.pause(Collections.nCopies(5, NOW), NOW)).isEmpty();
    }

    @Test
    void forgetsEndsBeforeTheWindow() {
        List<Instant> longAgo = Collections.nCopies(50, NOW.minus(Duration.ofMinutes(11)));
        var ends = new java.util.ArrayList<>(longAgo);
        ends.add(NOW);
        assertThat(POLICY.pause(ends, NOW)).contains(Duration.ofSeconds(1));
    }
}
