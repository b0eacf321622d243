package dev.assay.runtime;

import dev.assay.computation.ProblemException;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// Where programs run.
public sealed interface Device {

    record Cpu() implements Device {
        @Override
        public String toString() {
            return "cpu";
        }
    }

    /// @param index of the GPU, from 0
    record Cuda(int index) implements Device {

        public Cuda {
            if (index < 0) {
                throw new IllegalArgumentException("a GPU's index is 0 or more, not " + index);
            }
        }

        @Override
        public String toString() {
            return "cuda:" + index;
        }
    }

    /// The best device of this machine: the first GPU when this build can use it and it works, else the CPU.
    static Device best() {
        return CudaDevices.isUsable(0) ? new Cuda(0) : new Cpu();
    }

    /// Reads `auto`, `cpu`, `cuda` (the first GPU) or `cuda:N`.
    ///
    /// @throws ProblemException `invalid-device` for other text, `device-unavailable` for a GPU that this build
    ///     or this machine does not have
    static Device parse(String text) {
        Matcher cuda = Pattern.compile("cuda(?::(\\d{1,3}))?").matcher(text);
        if (text.equals("auto")) {
            return best();
        }
        if (text.equals("cpu")) {
            return new Cpu();
        }
        if (cuda.matches()) {
            int index = cuda.group(1) == null ? 0 : Integer.parseInt(cuda.group(1));
            CudaDevices.require(index);
            return new Cuda(index);
        }
        throw new ProblemException(
                "invalid-device", "device", "'%s' is not a device".formatted(text), "use auto, cpu, cuda or cuda:N");
    }
}
