package dev.assay.gateway.callback;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class DeliveryScheduleTest {

    private static final DeliverySchedule USUAL =
            new DeliverySchedule(8, Duration.ofSeconds(1), Duration.ofMinutes(5), Duration.ofSeconds(10));

    @Test
    void eachPauseIsThreeTimesTheOneBeforeUpToTheLongest() {
        List<Long> seconds = IntStream.rangeClosed(1, 8)
                .mapToObj(calls -> USUAL.pause(calls, Optional.empty(), 0).toSeconds())
                .toList();
        assertThat(seconds).containsExactly(1L, 3L, 9L, 27L, 81L, 243L, 300L, 300L);
    }

    @ParameterizedTest
    @CsvSource({
        "1, 0, 0",
        "1, 0.999, 0",
        "4, 0.5, 10",
        "4, 0.5, 100000",
        "8, 0.999, 0",
        "2000, 0, 0",
        "2000, 0.999, 301"
    })
    void aPauseIsNeverShorterThanHalfNorLongerThanTheLongest(int calls, double chance, int wish) {
        Duration pause = USUAL.pause(calls, Optional.of(Duration.ofSeconds(wish)), chance);
        Duration whole = USUAL.pause(calls, Optional.empty(), 0);
        assertThat(pause).isBetween(whole.dividedBy(2), USUAL.longestPause());
        assertThat(pause).isGreaterThanOrEqualTo(Duration.ofSeconds(Math.min(wish, 300)));
    }

    @Test
    void aWishIsReadAsSecondsOrAsADate() {
        Instant now = Instant.parse("2026-11-24T12:00:00Z");
        assertThat(WebhookClient.retryAfter("120", now)).contains(Duration.ofMinutes(2));
        assertThat(WebhookClient.retryAfter("Tue, 24 Nov 2026 12:00:30 GMT", now))
                .contains(Duration.ofSeconds(30));
        assertThat(WebhookClient.retryAfter("Tue, 24 Nov 2026 11:00:00 GMT", now))
                .isEmpty();
        assertThat(WebhookClient.retryAfter("soon", now)).isEmpty();
    }
}
