package dev.assay.training;

import dev.assay.computation.CheckpointFile;
import dev.assay.computation.UnfitCheckpointException;
import dev.assay.onnx.TensorData;
import dev.assay.runtime.Tensor;
import java.io.DataInputStream;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;

/// A {@link TrainingCheckpoint} that has been read but for its tensors, and found to fit the training.
///
/// @param threads that shared each operator of a step
record SavedTraining(
        Path file, CheckpointFile form, Expected expected, int threads, TrainingCourse course, TrainingTime time) {

    static final int CHUNK = 1 << 16;

    /// More threads than a training may have.
    private static final int MOST_THREADS = 256;

    /// What a checkpoint must fit.
    ///
    /// @param threads of a step; {@link TrainingOptions#AUTOMATIC}: as many as the checkpoint has
    /// @param epochs length of the training
    /// @param state bytes of each tensor that a step reads, in order
    record Expected(int threads, int epochs, int stepsPerEpoch, Map<String, Long> state) {

        static Expected of(int threads, int epochs, int stepsPerEpoch, Map<String, TensorData> initialState) {
            Map<String, Long> state = new LinkedHashMap<>();
            initialState.forEach(
                    (name, tensor) -> state.put(name, (long) tensor.bytes().remaining()));
            return new Expected(threads, epochs, stepsPerEpoch, state);
        }
    }

    /// The last one kept, unless there is none or it does not fit, of which `checkpoints` is told.
    static Optional<SavedTraining> last(TrainingCheckpoints checkpoints, CheckpointFile form, Expected expected) {
        return checkpoints.last().flatMap(file -> {
            try {
                return Optional.of(form.read(file, in -> head(in, file, form, expected)));
            } catch (UnfitCheckpointException unfit) {
                checkpoints.refused(unfit.getMessage());
                return Optional.empty();
            }
        });
    }

    /// Reads the tensors.
    ///
    /// @param state is written to, partly also when this fails
    void readState(Map<String, Tensor> state) throws UnfitCheckpointException {
        form.read(file, in -> {
            head(in, file, form, expected);
            byte[] chunk = new byte[CHUNK];
            for (String name : expected.state().keySet()) {
                read(in, chunk, state.get(name).memory());
            }
            return this;
        });
    }

    private static SavedTraining head(DataInputStream in, Path file, CheckpointFile form, Expected expected)
            throws IOException, UnfitCheckpointException {
        int threads = in.readInt();
        if (threads < 1 || threads > MOST_THREADS) {
            throw new UnfitCheckpointException("names " + threads + " threads");
        }
        if (expected.threads() != TrainingOptions.AUTOMATIC && expected.threads() != threads) {
            throw new UnfitCheckpointException("was made with " + threads + " threads in a step");
        }
        TrainingCourse course = TrainingCourse.readFrom(in, expected.epochs(), expected.stepsPerEpoch());
        TrainingTime time = TrainingTime.readFrom(in);
        int tensors = in.readInt();
        if (tensors != expected.state().size()) {
            throw new UnfitCheckpointException("has " + tensors + " tensors; the model has "
                    + expected.state().size());
        }
        for (Map.Entry<String, Long> tensor : expected.state().entrySet()) {
            String name = in.readUTF();
            long bytes = in.readLong();
            if (!name.equals(tensor.getKey()) || bytes != tensor.getValue()) {
                throw new UnfitCheckpointException("has the tensor '%s' of %d bytes where the model has '%s' of %d"
                        .formatted(name, bytes, tensor.getKey(), tensor.getValue()));
            }
        }
        return new SavedTraining(file, form, expected, threads, course, time);
    }

    private static void read(DataInputStream in, byte[] chunk, MemorySegment memory) throws IOException {
        for (long from = 0; from < memory.byteSize(); from += chunk.length) {
            int count = (int) Math.min(chunk.length, memory.byteSize() - from);
            in.readFully(chunk, 0, count);
            MemorySegment.copy(MemorySegment.ofArray(chunk), 0, memory, from, count);
        }
    }
}
