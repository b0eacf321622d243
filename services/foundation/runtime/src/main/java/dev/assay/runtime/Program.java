package dev.assay.runtime;

import ai.onnxruntime.NodeInfo;
import ai.onnxruntime.OnnxTensor;
import ai.onnxruntime.OnnxValue;
import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtSession;
import ai.onnxruntime.OrtSession.RunOptions;
import ai.onnxruntime.TensorInfo;
import dev.assay.computation.CancelledException;
import dev.assay.computation.ProblemException;
import dev.assay.onnx.Graph;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.locks.ReadWriteLock;
import java.util.concurrent.locks.ReentrantReadWriteLock;
import java.util.function.Consumer;

/// A graph compiled by ONNX Runtime. Any number of threads may run it at once.
///
/// Inputs and pinned outputs are used where they lie, without a copy. In the steady state, the same tensors again
/// and again, a run allocates next to nothing. Libraries of custom operators cannot be loaded, on purpose: a
/// model may come from a stranger.
public final class Program implements AutoCloseable {

    private final OrtSession session;
    private final Device device;
    private final Map<String, Port> inputs;
    private final Map<String, Port> outputs;
    private final long modelBytes;
    private final ReadWriteLock use = new ReentrantReadWriteLock();
    private boolean closed; // guarded by use

    private Program(OrtSession session, Device device, long modelBytes) throws OrtException {
        this.session = session;
        this.device = device;
        this.modelBytes = modelBytes;
        this.inputs = ports(session.getInputInfo(), "input");
        this.outputs = ports(session.getOutputInfo(), "output");
    }

    /// Compiles a graph. Its weights are handed to ONNX Runtime in passing; no second copy is kept here.
    ///
    /// @throws ProblemException `invalid-model` if ONNX Runtime refuses it, with its reason;
    ///     `unsupported-value-kind` if an input or output is not a tensor of numbers; `device-unavailable`
    public static Program compile(Graph graph, Device device, ProgramOptions options) {
        return of(Sessions.open(graph, device, options), device, Sessions.weightBytes(graph));
    }

    /// As {@link #compile(Graph, Device, ProgramOptions)}, from the bytes of an `.onnx` file, which are not kept.
    public static Program compile(ByteBuffer model, Device device, ProgramOptions options) {
        return of(Sessions.open(model, device, options), device, model.remaining());
    }

    private static Program of(OrtSession session, Device device, long modelBytes) {
        try {
            return new Program(session, device, modelBytes);
        } catch (OrtException | RuntimeException failure) {
            Sessions.close(session);
            throw failure instanceof RuntimeException unchecked ? unchecked : Sessions.refused((OrtException) failure);
        }
    }

    /// The inputs that a run must be given, in the model's order.
    public Map<String, Port> inputs() {
        return inputs;
    }

    public Map<String, Port> outputs() {
        return outputs;
    }

    public Device device() {
        return device;
    }

    /// The size of the model's weights: a lower bound of the memory that this program keeps.
    public long modelBytes() {
        return modelBytes;
    }

    /// Runs and returns all outputs in new tensors, which the caller closes.
    ///
    /// @throws ProblemException `unknown-tensor`, `missing-tensor`, `wrong-tensor-type`, `wrong-tensor-shape` for
    ///     inputs that do not fit; `run-failed` if ONNX Runtime fails
    public Map<String, Tensor> run(Map<String, Tensor> given) {
        return runAll(given, null);
    }

    /// As {@link #run(Map)}, stoppable.
    ///
    /// @throws CancelledException if the signal is raised
    public Map<String, Tensor> run(Map<String, Tensor> given, StopSignal stop) {
        return runAll(given, stop);
    }

    /// Runs and writes into the given tensors: any of the outputs; the others are not returned. An output's
    /// memory must not overlap an input's: swap two tensors between runs instead.
    ///
    /// @throws ProblemException as {@link #run(Map)}, also for outputs that do not fit
    public void run(Map<String, Tensor> given, Map<String, Tensor> pinned) {
        checkInputs(given);
        checkOutputs(pinned, given);
        execute(given, pinned, null, result -> {});
    }

    /// As {@link #run(Map, Map)}, stoppable. After a stop the outputs hold anything.
    ///
    /// @throws CancelledException if the signal is raised
    public void run(Map<String, Tensor> given, Map<String, Tensor> pinned, StopSignal stop) {
        checkInputs(given);
        checkOutputs(pinned, given);
        execute(given, pinned, stop, result -> {});
    }

    /// Frees the session once no run uses it any more.
    @Override
    public void close() {
        use.writeLock().lock();
        try {
            if (!closed) {
                closed = true;
                Sessions.close(session);
            }
        } finally {
            use.writeLock().unlock();
        }
    }

    /// @param stop null if the run cannot be stopped
    private Map<String, Tensor> runAll(Map<String, Tensor> given, StopSignal stop) {
        if (outputs.values().stream().allMatch(Port::isConcrete)) {
            return runIntoNew(given, stop);
        }
        checkInputs(given);
        return closingOnFailure(results -> execute(given, Map.of(), stop, result -> {
            for (Map.Entry<String, OnnxValue> output : result) {
                results.put(output.getKey(), copy((OnnxTensor) output.getValue()));
            }
        }));
    }

    private Map<String, Tensor> runIntoNew(Map<String, Tensor> given, StopSignal stop) {
        checkInputs(given);
        return closingOnFailure(results -> {
            outputs.forEach((name, port) -> results.put(name, port.allocate()));
            execute(given, results, stop, result -> {});
        });
    }

    private static Map<String, Tensor> closingOnFailure(Consumer<Map<String, Tensor>> filling) {
        Map<String, Tensor> results = new LinkedHashMap<>();
        try {
            filling.accept(results);
            return results;
        } catch (RuntimeException | Error failure) {
            results.values().forEach(Tensor::close);
            throw failure;
        }
    }

    private void checkInputs(Map<String, Tensor> given) {
        check(given, inputs, "input");
        for (String name : inputs.keySet()) {
            if (!given.containsKey(name)) {
                throw new ProblemException(
                        "missing-tensor", name, "input '%s' is not given".formatted(name), "give the inputs " + inputs);
            }
        }
    }

    private void checkOutputs(Map<String, Tensor> pinned, Map<String, Tensor> given) {
        check(pinned, outputs, "output");
        for (Tensor output : pinned.values()) {
            for (Tensor input : given.values()) {
                if (output == input) {
                    throw new IllegalArgumentException(
                            "tensor " + input + " is both an input and an output of one run");
                }
            }
        }
        if (pinned.isEmpty()) {
            throw new ProblemException(
                    "missing-tensor", "", "no output is asked for", "give tensors for some of the outputs " + outputs);
        }
    }

    private static void check(Map<String, Tensor> tensors, Map<String, Port> ports, String role) {
        for (Map.Entry<String, Tensor> entry : tensors.entrySet()) {
            Port port = ports.get(entry.getKey());
            if (port == null) {
                throw new ProblemException(
                        "unknown-tensor",
                        entry.getKey(),
                        "the model has no %s '%s'".formatted(role, entry.getKey()),
                        "the model's %ss are %s".formatted(role, ports));
            }
            port.check(entry.getValue(), role);
        }
    }

    @FunctionalInterface
    private interface ResultReader {
        void read(OrtSession.Result result) throws OrtException;
    }

    private void execute(Map<String, Tensor> given, Map<String, Tensor> pinned, StopSignal stop, ResultReader reader) {
        use.readLock().lock();
        try (RunTensors tensors = new RunTensors(given, pinned)) {
            if (closed) {
                throw new IllegalStateException("the program is closed");
            }
            RunOptions runOptions = stop == null ? null : stop.hold();
            Set<String> requested = pinned.isEmpty() ? outputs.keySet() : Set.of();
            try (OrtSession.Result result = session.run(tensors.given, requested, tensors.pinned, runOptions)) {
                reader.read(result);
            } catch (OrtException failure) {
                throw runFailure(failure, stop);
            } finally {
                if (stop != null) {
                    stop.release();
                }
            }
        } finally {
            use.readLock().unlock();
        }
    }

    private static RuntimeException runFailure(OrtException failure, StopSignal stop) {
        if (stop != null && stop.isRaised()) {
            return new CancelledException("stopped during the run");
        }
        return new ProblemException(
                "run-failed",
                "model",
                "ONNX Runtime could not run the model: " + failure.getMessage(),
                "check that the model accepts these inputs",
                failure);
    }

    private static Tensor copy(OnnxTensor source) throws OrtException {
        TensorInfo info = source.getInfo();
        Tensor copy = Tensor.allocate(OnnxTypes.elementType(info), info.getShape());
        try {
            copy.bytes().put(source.getByteBuffer());
            return copy;
        } catch (RuntimeException | Error failure) {
            copy.close();
            throw failure;
        }
    }

    private static Map<String, Port> ports(Map<String, NodeInfo> infos, String role) {
        Map<String, Port> ports = new LinkedHashMap<>();
        infos.forEach((name, node) -> ports.put(name, port(name, node, role)));
        return Collections.unmodifiableMap(ports);
    }

    private static Port port(String name, NodeInfo node, String role) {
        if (node.getInfo() instanceof TensorInfo info && OnnxTypes.isRunnable(OnnxTypes.elementType(info))) {
            List<Long> shape = new ArrayList<>();
            Arrays.stream(info.getShape()).forEach(dimension -> shape.add(dimension < 0 ? Port.FREE : dimension));
            return new Port(name, OnnxTypes.elementType(info), shape);
        }
        throw new ProblemException(
                "unsupported-value-kind",
                name,
                "the model's %s '%s' is %s".formatted(role, name, node.getInfo()),
                "give a model whose inputs and outputs are tensors of float, double, float16, bfloat16, "
                        + "int8 to int64, uint8 or boolean values");
    }
}
