package dev.assay.training;

import dev.assay.computation.CheckpointFile;
import dev.assay.computation.Checkpoints;
import dev.assay.runtime.Tensor;
import java.io.DataOutputStream;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;

/// A training between two steps: all that a step reads (weights, velocities, running statistics), how far the
/// training has come, the epochs so far, and what it has cost. Order of the samples and initial weights are drawn
/// from the seed by counting and need not be kept. Its tensors are the training's own, so it lasts only until the
/// next step.
public final class TrainingCheckpoint implements Checkpoints.Point {

    private final CheckpointFile form;
    private final int threads;
    private final int length;
    private final int stepsPerEpoch;
    private final TrainingCourse course;
    private final TrainingTime time;
    private final Map<String, Tensor> state;

    /// @param length epochs of the whole training
    TrainingCheckpoint(
            CheckpointFile form,
            int threads,
            int length,
            int stepsPerEpoch,
            TrainingCourse course,
            TrainingTime time,
            Map<String, Tensor> state) {
        this.form = form;
        this.threads = threads;
        this.length = length;
        this.stepsPerEpoch = stepsPerEpoch;
        this.course = course;
        this.time = time;
        this.state = new LinkedHashMap<>(state);
    }

    /// For people: `epoch 3 of 12, step 17 of 22`, or `12 of 12 epochs`.
    @Override
    public String position() {
        return course.sums().steps() == 0
                ? "%d of %d epochs".formatted(course.epoch(), length)
                : "epoch %d of %d, step %d of %d"
                        .formatted(course.epoch() + 1, length, course.sums().steps(), stepsPerEpoch);
    }

    /// Writes or replaces `file`, streaming: nothing of the state comes to lie on the heap.
    @Override
    public void writeTo(Path file) throws IOException {
        form.write(file, out -> {
            out.writeInt(threads);
            course.writeTo(out);
            time.writeTo(out);
            out.writeInt(state.size());
            for (Map.Entry<String, Tensor> entry : state.entrySet()) {
                out.writeUTF(entry.getKey());
                out.writeLong(entry.getValue().byteSize());
            }
            byte[] chunk = new byte[SavedTraining.CHUNK];
            for (Tensor tensor : state.values()) {
                write(tensor.memory(), chunk, out);
            }
        });
    }

    private static void write(MemorySegment memory, byte[] chunk, DataOutputStream out) throws IOException {
        for (long from = 0; from < memory.byteSize(); from += chunk.length) {
            int count = (int) Math.min(chunk.length, memory.byteSize() - from);
            MemorySegment.copy(memory, from, MemorySegment.ofArray(chunk), 0, count);
            out.write(chunk, 0, count);
        }
    }
}
