package dev.assay.runtime;

/// How ONNX Runtime is to run a program.
///
/// @param intraOpThreads threads that share one operator, 1 to 256; 1 when samples are spread over {@link
///     ParallelRuns}
/// @param optimisation what ONNX Runtime may rewrite before it runs
/// @param spinning whether idle threads burn their core waiting; off, because services share a machine
/// @param memoryArena whether freed memory is kept for the next run
public record ProgramOptions(
        int intraOpThreads, Optimisation optimisation, Spinning spinning, MemoryArena memoryArena) {

    public enum Optimisation {
        /// The graph as it is written.
        NONE,
        /// Everything, NCHWc layouts for convolutions included: measured best, even for gradients.
        ALL
    }

    public enum Spinning {
        OFF,
        ON
    }

    public enum MemoryArena {
        /// Faster for programs that run often: memory of one run serves the next.
        KEEP,
        /// For programs that run once, or with ever new shapes.
        RELEASE
    }

    public ProgramOptions {
        if (intraOpThreads < 1 || intraOpThreads > 256) {
            throw new IllegalArgumentException("intraOpThreads is " + intraOpThreads + "; give 1 to 256");
        }
    }

    /// One thread in each run: what {@link ParallelRuns} wants.
    public static ProgramOptions singleThreaded() {
        return threads(1);
    }

    public static ProgramOptions threads(int intraOpThreads) {
        return new ProgramOptions(intraOpThreads, Optimisation.ALL, Spinning.OFF, MemoryArena.KEEP);
    }

    /// All processors for each operator: what a single run at a time wants.
    public static ProgramOptions allProcessors() {
        return threads(Math.min(256, Runtime.getRuntime().availableProcessors()));
    }

    public ProgramOptions with(Optimisation other) {
        return new ProgramOptions(intraOpThreads, other, spinning, memoryArena);
    }

    public ProgramOptions with(Spinning other) {
        return new ProgramOptions(intraOpThreads, optimisation, other, memoryArena);
    }

    public ProgramOptions with(MemoryArena other) {
        return new ProgramOptions(intraOpThreads, optimisation, spinning, other);
    }
}
