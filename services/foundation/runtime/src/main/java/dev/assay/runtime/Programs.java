package dev.assay.runtime;

import dev.assay.onnx.Graph;
import dev.assay.runtime.ProgramCache.Lease;
import java.util.function.Supplier;

/// Where compiled programs come from: made anew for each who asks, or lent by a {@link ProgramCache}. Thread-safe.
@FunctionalInterface
public interface Programs {

    /// Lends the program of the key; who gets it closes the lease, not the program.
    ///
    /// @param compiler makes the program if there is none yet; what it throws is thrown here
    Lease lease(ProgramKey key, Supplier<Program> compiler);

    /// Lends the program of a graph compiled as it is.
    default Lease lease(Graph graph, Device device, ProgramOptions options) {
        return lease(ProgramKey.of(graph, device, options), () -> Program.compile(graph, device, options));
    }

    /// Compiles for each lease, and closes the program with it.
    static Programs compiledAnew() {
        return (_, compiler) -> {
            Program program = compiler.get();
            return new Lease() {
                @Override
                public Program program() {
                    return program;
                }

                @Override
                public void close() {
                    program.close();
                }
            };
        };
    }
}
