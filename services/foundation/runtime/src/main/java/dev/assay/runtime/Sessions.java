package dev.assay.runtime;

import ai.onnxruntime.OrtEnvironment;
import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtLoggingLevel;
import ai.onnxruntime.OrtSession;
import ai.onnxruntime.OrtSession.SessionOptions;
import ai.onnxruntime.OrtSession.SessionOptions.OptLevel;
import dev.assay.computation.ProblemException;
import dev.assay.onnx.Graph;
import dev.assay.onnx.OnnxFile;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Stream;

/// Opens ONNX Runtime's sessions with our options.
final class Sessions {

    private Sessions() {}

    /// Models with more weights than this go to ONNX Runtime through a temporary file, so that the heap never
    /// holds them; a single protobuf message could not carry more than 2 GiB anyway.
    private static final long LARGE_BYTES = 64L << 20;

    @FunctionalInterface
    private interface Opener {
        OrtSession open(OrtEnvironment environment, SessionOptions options) throws OrtException;
    }

    static OrtSession open(Graph graph, Device device, ProgramOptions options) {
        if (weightBytes(graph) <= LARGE_BYTES) {
            return open(ByteBuffer.wrap(OnnxFile.toBytes(graph)), device, options);
        }
        try {
            Path folder = Files.createTempDirectory("assay-model-");
            Path file = folder.resolve("model.onnx");
            try {
                OnnxFile.writeWithExternalData(graph, file);
                return open(
                        device,
                        options,
                        (environment, prepared) -> environment.createSession(file.toString(), prepared));
            } finally {
                deleteAll(folder);
            }
        } catch (IOException failure) {
            throw new UncheckedIOException("a large model could not be written for ONNX Runtime", failure);
        }
    }

    static OrtSession open(ByteBuffer model, Device device, ProgramOptions options) {
        return open(device, options, (environment, prepared) -> {
            if (model.isDirect()) {
                return environment.createSession(model.slice(), prepared);
            }
            if (model.hasArray() && model.arrayOffset() == 0 && model.remaining() == model.array().length) {
                return environment.createSession(model.array(), prepared);
            }
            byte[] bytes = new byte[model.remaining()];
            model.duplicate().get(bytes);
            return environment.createSession(bytes, prepared);
        });
    }

    static long weightBytes(Graph graph) {
        return graph.initializers().values().stream()
                .mapToLong(data -> data.bytes().remaining())
                .sum();
    }

    static void close(OrtSession session) {
        try {
            session.close();
        } catch (OrtException failure) {
            throw new IllegalStateException("ONNX Runtime did not close a session: " + failure.getMessage(), failure);
        }
    }

    static ProblemException refused(OrtException failure) {
        return new ProblemException(
                "invalid-model",
                "model",
                "ONNX Runtime refuses the model: " + failure.getMessage(),
                "give a valid ONNX model that uses standard operators",
                failure);
    }

    private static OrtSession open(Device device, ProgramOptions options, Opener opener) {
        try (SessionOptions sessionOptions = sessionOptions(options)) {
            switch (device) {
                case Device.Cpu _ -> {}
                case Device.Cuda(int index) -> CudaDevices.require(index, sessionOptions);
            }
            return opener.open(OrtEnvironment.getEnvironment(), sessionOptions);
        } catch (OrtException failure) {
            throw refused(failure);
        }
    }

    private static void deleteAll(Path folder) throws IOException {
        try (Stream<Path> files = Files.list(folder)) {
            for (Path file : files.toList()) {
                Files.delete(file);
            }
        }
        Files.delete(folder);
    }

    private static SessionOptions sessionOptions(ProgramOptions options) throws OrtException {
        SessionOptions sessionOptions = new SessionOptions();
        sessionOptions.setIntraOpNumThreads(options.intraOpThreads());
        sessionOptions.setInterOpNumThreads(1);
        sessionOptions.setOptimizationLevel(
                switch (options.optimisation()) {
                    case NONE -> OptLevel.NO_OPT;
                    case ALL -> OptLevel.ALL_OPT;
                });
        String spinning = switch (options.spinning()) {
            case OFF -> "0";
            case ON -> "1";
        };
        sessionOptions.addConfigEntry("session.intra_op.allow_spinning", spinning);
        sessionOptions.addConfigEntry("session.inter_op.allow_spinning", spinning);
        sessionOptions.setCPUArenaAllocator(options.memoryArena() == ProgramOptions.MemoryArena.KEEP);
        // What goes wrong is told by exceptions; warnings about a stranger's model are noise in a service's log.
        sessionOptions.setSessionLogLevel(OrtLoggingLevel.ORT_LOGGING_LEVEL_FATAL);
        return sessionOptions;
    }
}
