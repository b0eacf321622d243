package dev.assay.runtime;

import ai.onnxruntime.OrtEnvironment;
import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtProvider;
import ai.onnxruntime.OrtSession.SessionOptions;
import dev.assay.computation.ProblemException;

/// What CUDA this build and this machine have.
final class CudaDevices {

    private CudaDevices() {}

    static boolean isUsable(int index) {
        try {
            require(index);
            return true;
        } catch (ProblemException unavailable) {
            return false;
        }
    }

    /// @throws ProblemException `device-unavailable`, with the cure
    static void require(int index) {
        try (SessionOptions probe = new SessionOptions()) {
            require(index, probe);
        }
    }

    /// Adds the GPU to a session's options; creating its allocator and stream there is what shows that it works.
    static void require(int index, SessionOptions options) {
        if (!OrtEnvironment.getAvailableProviders().contains(OrtProvider.CUDA)) {
            throw unavailable(
                    index, "this build runs on the CPU only", "build with -Pcuda, or ask for the device cpu", null);
        }
        try {
            options.addCUDA(index);
        } catch (OrtException failure) {
            throw unavailable(
                    index,
                    failure.getMessage(),
                    "install the CUDA and cuDNN libraries that ONNX Runtime asks for and check the GPU with nvidia-smi,"
                            + " or ask for the device cpu",
                    failure);
        }
    }

    private static ProblemException unavailable(int index, String why, String remedy, Throwable cause) {
        return new ProblemException(
                "device-unavailable", "device", "cuda:%d cannot be used: %s".formatted(index, why), remedy, cause);
    }
}
