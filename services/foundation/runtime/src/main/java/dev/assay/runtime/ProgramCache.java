package dev.assay.runtime;

import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.function.Supplier;

/// Keeps compiled programs for the next one who needs them, under a memory budget.
///
/// A program is lent by a {@link Lease}; while a lease is open the program is never closed. When the budget is
/// passed, the programs that nobody uses go, longest unused first. Whoever asks for a program that is being
/// compiled waits for it: it is compiled once. A failure to compile is told to all who wait and is not kept.
public final class ProgramCache implements Programs, AutoCloseable {

    /// A program on loan. Close it to give the program back.
    public interface Lease extends AutoCloseable {
        Program program();

        @Override
        void close();
    }

    /// @param hits requests answered by a program that was there or being compiled
    /// @param misses requests that compiled
    /// @param evictions programs closed for want of room
    /// @param programs now in memory
    /// @param bytes that these are reckoned to take
    public record Statistics(long hits, long misses, long evictions, int programs, long bytes) {}

    /// What a session takes beside its model (threads, kernels, first arena chunk): a rough figure, so that many
    /// small programs count too.
    private static final long SESSION_BYTES = 2L << 20;

    private final long budgetBytes;
    /// In order of last use; guarded by this.
    private final Map<ProgramKey, Entry> entries = new LinkedHashMap<>(16, 0.75f, true);

    private long hits;
    private long misses;
    private long evictions;
    private boolean closed;

    /// @param budgetBytes what idle programs may take together; a program in use stays even if it is larger
    public ProgramCache(long budgetBytes) {
        if (budgetBytes < 0) {
            throw new IllegalArgumentException("a budget of " + budgetBytes + " bytes");
        }
        this.budgetBytes = budgetBytes;
    }

    /// Lends the program of the key, compiling it with `compiler` if it is not there.
    @Override
    public Lease lease(ProgramKey key, Supplier<Program> compiler) {
        Entry entry;
        boolean compiles = false;
        synchronized (this) {
            if (closed) {
                throw new IllegalStateException("the program cache is closed");
            }
            entry = entries.get(key);
            if (entry == null) {
                entry = new Entry(key);
                entries.put(key, entry);
                misses++;
                compiles = true;
            } else {
                hits++;
            }
            entry.leases++;
        }
        if (compiles) {
            compile(entry, compiler);
        }
        return await(entry);
    }

    public synchronized Statistics statistics() {
        return new Statistics(hits, misses, evictions, entries.size(), bytes());
    }

    /// Closes the idle programs now and each other one when it is given back.
    @Override
    public synchronized void close() {
        closed = true;
        evictWhileOver(-1);
    }

    private void compile(Entry entry, Supplier<Program> compiler) {
        try {
            Program program = compiler.get();
            synchronized (this) {
                entry.bytes = program.modelBytes() + SESSION_BYTES;
            }
            entry.program.complete(program);
        } catch (Throwable failure) {
            synchronized (this) {
                entries.remove(entry.key, entry);
            }
            entry.program.completeExceptionally(failure);
        }
    }

    private Lease await(Entry entry) {
        try {
            Program program = entry.program.join();
            synchronized (this) {
                evictWhileOver(budgetBytes);
            }
            return new OpenLease(program, entry);
        } catch (CompletionException failure) {
            switch (failure.getCause()) {
                case RuntimeException unchecked -> throw unchecked;
                case Error error -> throw error;
                default -> throw failure;
            }
        }
    }

    private synchronized void giveBack(Entry entry) {
        entry.leases--;
        evictWhileOver(closed ? -1 : budgetBytes);
    }

    private void evictWhileOver(long bound) {
        long bytes = bytes();
        Iterator<Entry> oldestFirst = entries.values().iterator();
        while (bytes > bound && oldestFirst.hasNext()) {
            Entry entry = oldestFirst.next();
            if (entry.leases == 0) {
                oldestFirst.remove();
                bytes -= entry.bytes;
                evictions++;
                entry.program.join().close();
            }
        }
    }

    private long bytes() {
        return entries.values().stream().mapToLong(entry -> entry.bytes).sum();
    }

    /// Counters are guarded by the cache.
    private static final class Entry {
        private final ProgramKey key;
        private final CompletableFuture<Program> program = new CompletableFuture<>();
        private int leases;
        private long bytes;

        Entry(ProgramKey key) {
            this.key = key;
        }
    }

    private final class OpenLease implements Lease {
        private final Program program;
        private final Entry entry;
        private boolean open = true;

        OpenLease(Program program, Entry entry) {
            this.program = program;
            this.entry = entry;
        }

        @Override
        public Program program() {
            synchronized (this) {
                if (!open) {
                    throw new IllegalStateException("the lease is closed");
                }
            }
            return program;
        }

        @Override
        public void close() {
            synchronized (this) {
                if (!open) {
                    return;
                }
                open = false;
            }
            giveBack(entry);
        }
    }
}
