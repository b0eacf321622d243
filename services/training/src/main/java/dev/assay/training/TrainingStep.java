package dev.assay.training;

import dev.assay.computation.CancelledException;
import dev.assay.computation.Progress;
import dev.assay.computation.UnfitCheckpointException;
import dev.assay.onnx.ElementType;
import dev.assay.onnx.TensorData;
import dev.assay.runtime.Device;
import dev.assay.runtime.Program;
import dev.assay.runtime.ProgramOptions;
import dev.assay.runtime.StopSignal;
import dev.assay.runtime.Tensor;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.LongBuffer;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/// Runs a {@link StepGraph} again and again. Weights, velocities, batch and results lie off the heap in tensors
/// that are
/// bound once; weights and velocities exist twice, and each step reads one set, writes the other, and swaps them.
/// Belongs to one thread.
final class TrainingStep implements AutoCloseable {

    private final StepGraph step;
    private final StopSignal stop;
    private final Program program;
    private final List<Tensor> owned = new ArrayList<>();
    private final Tensor images;
    private final Tensor labels;
    private final LongBuffer labelBuffer;
    private final Tensor rate;
    private final Tensor momentum;
    private final Tensor loss;
    private final Tensor correct;
    private final Tensor gradientNorm;
    private Bindings current;
    private Bindings next;

    private long deviceNanos;

    /// What one direction of the swap reads and writes.
    private record Bindings(Map<String, Tensor> state, Map<String, Tensor> inputs, Map<String, Tensor> outputs) {}

    TrainingStep(StepGraph step, Device device, int threads) {
        this(step, device, threads, Progress.SILENT);
    }

    /// @param progress ends a step under way when it is cancelled
    TrainingStep(StepGraph step, Device device, int threads, Progress progress) {
        this.step = step;
        this.program = Program.compile(step.graph(), device, ProgramOptions.threads(threads));
        this.stop = StopSignal.following(progress);
        try {
            images = own(Tensor.allocate(ElementType.FLOAT, step.imageShape().batch(step.batchSize())));
            labels = own(Tensor.allocate(ElementType.INT64, step.batchSize()));
            labelBuffer = labels.longs();
            rate = own(Tensor.allocate(ElementType.FLOAT));
            momentum = own(Tensor.allocate(ElementType.FLOAT));
            loss = own(Tensor.allocate(ElementType.FLOAT));
            correct = own(Tensor.allocate(ElementType.FLOAT));
            gradientNorm = own(Tensor.allocate(ElementType.FLOAT));
            Map<String, Tensor> first = state();
            Map<String, Tensor> second = state();
            current = bindings(first, second);
            next = bindings(second, first);
            step.initialState().forEach((name, tensor) -> fill(first.get(name), tensor));
        } catch (RuntimeException | Error failure) {
            close();
            throw failure;
        }
    }

    /// To be filled with the batch's images, float32 [B,C,H,W] in [0,1].
    MemorySegment images() {
        return images.memory();
    }

    /// To be filled with the batch's labels, int64 [B].
    LongBuffer labels() {
        return labelBuffer;
    }

    /// Takes effect from the next step on; the compiled program stays.
    void setRate(double newRate, double newMomentum) {
        rate.floats().put(0, (float) newRate);
        momentum.floats().put(0, (float) newMomentum);
    }

    /// Forgets the directions of earlier steps.
    void resetMomentum() {
        for (String parameter : step.model().parameters()) {
            state(StepGraph.velocity(parameter)).memory().fill((byte) 0);
        }
    }

    /// One step on the batch in {@link #images} and {@link #labels}. When it throws, the state is that before the
    /// step.
    ///
    /// @throws CancelledException when the work is no longer wanted
    void run() {
        long start = System.nanoTime();
        program.run(current.inputs(), current.outputs(), stop);
        deviceNanos += System.nanoTime() - start;
        swap();
    }

    /// Goes on from a saved state. When it throws, the state is what it was.
    void restore(SavedTraining saved) throws UnfitCheckpointException {
        saved.readState(next.state());
        swap();
    }

    /// Mean cross-entropy of the last batch in nats, before its update.
    float loss() {
        return loss.floatAt(0);
    }

    /// How many of the last batch were classified right, before its update.
    int correct() {
        return Math.round(correct.floatAt(0));
    }

    /// Euclidean norm of the last gradient of the loss, weight decay left out.
    float gradientNorm() {
        return gradientNorm.floatAt(0);
    }

    /// The current weight, velocity or running statistic of this name; valid until the next step.
    Tensor state(String name) {
        return current.state().get(name);
    }

    /// All that a step reads: weights, velocities, running statistics; valid until the next step.
    Map<String, Tensor> currentState() {
        return current.state();
    }

    /// The current weights by initializer; valid until the next step.
    Map<String, Tensor> weights() {
        Map<String, Tensor> weights = new LinkedHashMap<>();
        for (String name : step.savedState()) {
            weights.put(name, state(name));
        }
        return weights;
    }

    /// A copy of the current weights.
    Map<String, TensorData> savedWeights() {
        Map<String, TensorData> saved = new LinkedHashMap<>();
        weights()
                .forEach((name, tensor) -> saved.put(
                        name, TensorData.of(tensor.type(), tensor.shape(), ByteBuffer.wrap(tensor.toBytes()))));
        return saved;
    }

    /// Time spent in runs so far.
    long deviceNanos() {
        return deviceNanos;
    }

    @Override
    public void close() {
        stop.close();
        program.close();
        owned.forEach(Tensor::close);
    }

    private void swap() {
        Bindings swapped = current;
        current = next;
        next = swapped;
    }

    private Map<String, Tensor> state() {
        Map<String, Tensor> state = new LinkedHashMap<>();
        step.initialState()
                .forEach((name, tensor) -> state.put(name, own(Tensor.allocate(tensor.type(), tensor.dims()))));
        return state;
    }

    private Bindings bindings(Map<String, Tensor> read, Map<String, Tensor> written) {
        Map<String, Tensor> inputs = new HashMap<>(read);
        inputs.put(step.model().images(), images);
        inputs.put(StepGraph.LABELS, labels);
        inputs.put(StepGraph.RATE, rate);
        inputs.put(StepGraph.MOMENTUM, momentum);
        Map<String, Tensor> outputs = new HashMap<>();
        written.forEach((name, tensor) -> outputs.put(StepGraph.next(name), tensor));
        outputs.put(StepGraph.LOSS, loss);
        outputs.put(StepGraph.CORRECT, correct);
        outputs.put(StepGraph.GRADIENT_NORM, gradientNorm);
        return new Bindings(read, inputs, outputs);
    }

    private Tensor own(Tensor tensor) {
        owned.add(tensor);
        return tensor;
    }

    private static void fill(Tensor tensor, TensorData data) {
        tensor.bytes().put(data.bytes());
    }
}
