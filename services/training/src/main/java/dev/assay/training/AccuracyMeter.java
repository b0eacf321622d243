package dev.assay.training;

import dev.assay.autodiff.GraphTransforms;
import dev.assay.computation.Progress;
import dev.assay.data.ImageShape;
import dev.assay.data.LabelledImages;
import dev.assay.onnx.ElementType;
import dev.assay.onnx.Graph;
import dev.assay.onnx.GraphBuilder;
import dev.assay.onnx.Operators.ReducedAxes;
import dev.assay.onnx.Value;
import dev.assay.runtime.Device;
import dev.assay.runtime.ParallelRuns;
import dev.assay.runtime.ParallelRuns.Chunk;
import dev.assay.runtime.Program;
import dev.assay.runtime.ProgramOptions;
import dev.assay.runtime.StopSignal;
import dev.assay.runtime.Tensor;
import dev.assay.statistics.Proportion;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.LongAdder;
import java.util.stream.IntStream;

/// Counts the right answers of a model whose weights are still moving: they are inputs of the forward graph, so
/// nothing
/// is compiled anew. Samples are spread over single-threaded runs of one shared program.
final class AccuracyMeter implements AutoCloseable {

    /// Images per run: small enough for the activations to stay in a core's cache.
    private static final int CHUNK = 50;

    private static final String PREDICTION = "prediction";

    private final TrainableModel model;
    private final Program program;
    private final ParallelRuns runs;
    private final LongAdder deviceNanos = new LongAdder();

    AccuracyMeter(TrainableModel model, List<String> weights, Device device, int threads) {
        this.model = model;
        this.program = Program.compile(predictions(model, weights), device, ProgramOptions.singleThreaded());
        this.runs = new ParallelRuns(threads);
    }

    /// The share of right answers on all of `data`.
    ///
    /// @param weights the current weights, which must not change before this returns
    Proportion measure(LabelledImages data, Map<String, Tensor> weights, Progress progress) {
        LongAdder correct = new LongAdder();
        List<Buffers> buffers = new ArrayList<>();
        try (StopSignal stop = StopSignal.following(progress)) {
            for (int worker = 0; worker < runs.threads(); worker++) {
                buffers.add(new Buffers(Math.min(CHUNK, data.count()), data.imageShape()));
            }
            runs.forEachChunk(data.count(), CHUNK, chunk -> {
                progress.checkCancelled();
                correct.add(correct(data, chunk, buffers.get(chunk.worker()), weights, stop));
            });
        } finally {
            buffers.forEach(Buffers::close);
        }
        return new Proportion(correct.sum(), data.count());
    }

    /// Time spent in runs so far, summed over threads.
    long deviceNanos() {
        return deviceNanos.sum();
    }

    @Override
    public void close() {
        runs.close();
        program.close();
    }

    private int correct(
            LabelledImages data, Chunk chunk, Buffers buffers, Map<String, Tensor> weights, StopSignal stop) {
        try (Tensor images = buffers.images().slice(0, chunk.count());
                Tensor predictions = buffers.predictions().slice(0, chunk.count())) {
            data.copyTo(
                    IntStream.range(chunk.from(), chunk.from() + chunk.count()).toArray(), images.memory());
            Map<String, Tensor> inputs = new HashMap<>(weights);
            inputs.put(model.images(), images);
            long start = System.nanoTime();
            program.run(inputs, Map.of(PREDICTION, predictions), stop);
            deviceNanos.add(System.nanoTime() - start);
            int correct = 0;
            for (int i = 0; i < chunk.count(); i++) {
                correct += predictions.longAt(i) == data.label(chunk.from() + i) ? 1 : 0;
            }
            return correct;
        }
    }

    private static Graph predictions(TrainableModel model, List<String> weights) {
        GraphBuilder graph = GraphBuilder.from(GraphTransforms.initializersToInputs(model.graph(), weights))
                .withoutOutputs();
        Value prediction = graph.argMax(new Value(model.logits()), 1, ReducedAxes.DROPPED);
        return graph.output(PREDICTION, prediction, ElementType.INT64, -1).build();
    }

    /// What one thread reads and writes.
    private record Buffers(Tensor images, Tensor predictions) implements AutoCloseable {

        Buffers(int size, ImageShape imageShape) {
            this(Tensor.allocate(ElementType.FLOAT, imageShape.batch(size)), Tensor.allocate(ElementType.INT64, size));
        }

        @Override
        public void close() {
            images.close();
            predictions.close();
        }
    }
}
