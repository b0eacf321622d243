package dev.assay.runtime;

import dev.assay.computation.CancelledException;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;

/// Spreads samples over threads that run one shared, single-threaded program.
///
/// On a CPU this beats threads inside the operators: twice as fast for an attack's gradient step, best in chunks
/// of 5 to 25 images that are carried through all steps before the next chunk, so that they stay in the core's
/// cache.
public final class ParallelRuns implements AutoCloseable {

    /// A run of consecutive samples.
    ///
    /// @param index of the chunk, from 0
    /// @param from first sample
    /// @param count of samples, at least 1; the last chunk may be smaller than the others
    /// @param worker 0 to threads-1: chunks of one worker never run at the same time, so it may own buffers
    public record Chunk(int index, int from, int count, int worker) {}

    @FunctionalInterface
    public interface ChunkTask {
        void run(Chunk chunk) throws Exception;
    }

    private final int threads;
    private final ExecutorService executor;

    public ParallelRuns(int threads) {
        if (threads < 1) {
            throw new IllegalArgumentException("threads is " + threads + "; give at least 1");
        }
        this.threads = threads;
        this.executor = Executors.newFixedThreadPool(
                threads, Thread.ofPlatform().daemon().name("assay-run-", 0).factory());
    }

    /// One thread for each processor.
    public static ParallelRuns ofProcessors() {
        return new ParallelRuns(Runtime.getRuntime().availableProcessors());
    }

    public int threads() {
        return threads;
    }

    /// Runs the task for every chunk and returns when all are done. Chunks start in order; they end in any.
    ///
    /// The first failure is thrown as it is when unchecked, and no further chunk starts; so is an interrupt of
    /// the calling thread, as a {@link CancelledException}. Either way the chunks under way are waited for: when
    /// this method returns nobody touches the caller's buffers any more.
    public void forEachChunk(int samples, int chunkSize, ChunkTask task) {
        if (samples < 0 || chunkSize < 1) {
            throw new IllegalArgumentException("%d samples in chunks of %d; give at least 0 in chunks of at least 1"
                    .formatted(samples, chunkSize));
        }
        int chunks = Math.ceilDiv(samples, chunkSize);
        AtomicInteger next = new AtomicInteger();
        AtomicReference<Throwable> failure = new AtomicReference<>();
        List<Future<?>> workers = new ArrayList<>();
        for (int worker = 0; worker < Math.min(threads, chunks); worker++) {
            int number = worker;
            workers.add(executor.submit(() -> {
                for (int chunk = next.getAndIncrement();
                        chunk < chunks && failure.get() == null;
                        chunk = next.getAndIncrement()) {
                    int from = chunk * chunkSize;
                    try {
                        task.run(new Chunk(chunk, from, Math.min(chunkSize, samples - from), number));
                    } catch (Throwable thrown) {
                        failure.compareAndSet(null, thrown);
                    }
                }
            }));
        }
        boolean interrupted = await(workers, failure);
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
        rethrow(failure.get());
    }

    @Override
    public void close() {
        executor.close();
    }

    private static boolean await(List<Future<?>> workers, AtomicReference<Throwable> failure) {
        boolean interrupted = false;
        for (Future<?> worker : workers) {
            while (!worker.isDone()) {
                try {
                    worker.get();
                } catch (InterruptedException stop) {
                    interrupted = true;
                    failure.compareAndSet(null, new CancelledException("interrupted while samples were run"));
                } catch (ExecutionException impossible) {
                    failure.compareAndSet(null, impossible.getCause());
                }
            }
        }
        return interrupted;
    }

    private static void rethrow(Throwable failure) {
        switch (failure) {
            case null -> {}
            case RuntimeException unchecked -> throw unchecked;
            case Error error -> throw error;
            default -> throw new IllegalStateException(Objects.toString(failure.getMessage()), failure);
        }
    }
}
