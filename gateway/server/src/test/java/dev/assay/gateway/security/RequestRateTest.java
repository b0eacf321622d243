package dev.assay.gateway.security;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import org.junit.jupiter.api.Test;

class RequestRateTest {

    @Test
    void aFullBucketIsSpentAtOnceAndRefillsAtItsRate() {
        RequestRate rate = new RequestRate(2, 3);
        for (int i = 0; i < 3; i++) {
            assertThat(rate.take("a", 0)).isZero();
        }

        assertThat(rate.take("a", 0)).isEqualTo(Duration.ofMillis(500));
        assertThat(rate.take("b", 0)).isZero();
        assertThat(rate.take("a", Duration.ofMillis(500).toNanos())).isZero();
        assertThat(rate.take("a", Duration.ofMillis(500).toNanos())).isPositive();
    }

    @Test
    void aLongPauseFillsTheBucketAndNoMore() {
        RequestRate rate = new RequestRate(1, 2);
        long later = Duration.ofHours(1).toNanos();
        rate.take("a", 0);

        assertThat(rate.take("a", later)).isZero();
        assertThat(rate.take("a", later)).isZero();
        assertThat(rate.take("a", later)).isPositive();
    }

    @Test
    void callersWithoutEndLeaveNothingBehindWhenTheirBucketsAreFullAgain() {
        RequestRate rate = new RequestRate(1, 1);
        for (int i = 0; i < 10_000; i++) {
            rate.take("once " + i, 0);
        }
        long later = Duration.ofSeconds(2).toNanos();
        rate.take("once 3", later);

        assertThat(rate.take("somebody", later)).isZero();
        assertThat(rate.size()).isLessThan(10);
        assertThat(rate.take("once 3", later)).isPositive();
    }
}
