package dev.assay.attack;

import dev.assay.perturbation.ForwardPass;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.FloatBuffer;

/// A classifier's answers on unperturbed images.
///
/// @param values [count, classes], row after row; not to be changed
public record CleanLogits(float[] values, int classes) {

    public CleanLogits {
        if (classes < 1 || values.length % classes != 0) {
            throw new IllegalArgumentException("%d logits of %d classes".formatted(values.length, classes));
        }
    }

    public int count() {
        return values.length / classes;
    }

    /// The class that the model takes image `sample` for.
    public int predicted(int sample) {
        return ForwardPass.predicted(FloatBuffer.wrap(values), sample, classes);
    }

    /// For a cache; {@link #fromBytes} reads it again.
    public byte[] toBytes() {
        ByteBuffer bytes = ByteBuffer.allocate(Integer.BYTES + values.length * Float.BYTES)
                .order(ByteOrder.LITTLE_ENDIAN)
                .putInt(classes);
        bytes.asFloatBuffer().put(values);
        return bytes.array();
    }

    public static CleanLogits fromBytes(byte[] bytes) {
        ByteBuffer buffer = ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN);
        int classes = buffer.getInt();
        float[] values = new float[buffer.remaining() / Float.BYTES];
        buffer.asFloatBuffer().get(values);
        return new CleanLogits(values, classes);
    }
}
