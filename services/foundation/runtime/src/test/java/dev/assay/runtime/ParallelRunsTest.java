package dev.assay.runtime;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.assay.computation.CancelledException;
import java.io.IOException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicIntegerArray;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

class ParallelRunsTest {

    @Property(tries = 50)
    void everySampleIsVisitedOnce(
            @ForAll @IntRange(max = 300) int samples,
            @ForAll @IntRange(min = 1, max = 40) int chunkSize,
            @ForAll @IntRange(min = 1, max = 4) int threads) {
        AtomicIntegerArray visits = new AtomicIntegerArray(samples);
        AtomicIntegerArray busy = new AtomicIntegerArray(threads);
        try (ParallelRuns runs = new ParallelRuns(threads)) {
            runs.forEachChunk(samples, chunkSize, chunk -> {
                assertThat(busy.incrementAndGet(chunk.worker())).isEqualTo(1);
                assertThat(chunk.count()).isBetween(1, chunkSize);
                assertThat(chunk.from()).isEqualTo(chunk.index() * chunkSize);
                for (int i = 0; i < chunk.count(); i++) {
                    visits.incrementAndGet(chunk.from() + i);
                }
                busy.decrementAndGet(chunk.worker());
            });
        }
        for (int sample = 0; sample < samples; sample++) {
            assertThat(visits.get(sample)).isEqualTo(1);
        }
    }

    @Test
    void theFirstFailureIsThrownAndNoFurtherChunkStarts() {
        AtomicInteger started = new AtomicInteger();
        try (ParallelRuns runs = new ParallelRuns(1)) {
            assertThatThrownBy(() -> runs.forEachChunk(100, 1, chunk -> {
                        started.incrementAndGet();
                        throw new IllegalArgumentException("chunk " + chunk.index());
                    }))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessage("chunk 0");
            assertThat(started).hasValue(1);
            assertThatThrownBy(() -> runs.forEachChunk(1, 1, chunk -> {
                        throw new IOException("disk");
                    }))
                    .hasRootCauseInstanceOf(IOException.class);
        }
    }

    @Test
    @Timeout(60)
    void anInterruptCancelsButWaitsForTheChunkUnderWay() throws Exception {
        CountDownLatch started = new CountDownLatch(1);
        AtomicBoolean finished = new AtomicBoolean();
        CompletableFuture<Throwable> outcome = new CompletableFuture<>();
        Thread caller = Thread.ofPlatform().start(() -> {
            try (ParallelRuns runs = new ParallelRuns(1)) {
                runs.forEachChunk(10, 1, chunk -> {
                    started.countDown();
                    Thread.sleep(200);
                    finished.set(true);
                });
                outcome.complete(null);
            } catch (CancelledException cancelled) {
                outcome.complete(finished.get() ? cancelled : new AssertionError("did not wait"));
            }
        });
        started.await();
        caller.interrupt();
        assertThat(outcome.get()).isInstanceOf(CancelledException.class);
    }
}
