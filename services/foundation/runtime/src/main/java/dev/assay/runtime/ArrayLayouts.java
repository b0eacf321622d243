package dev.assay.runtime;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/// Conversions between the layouts in which arrays are stored.
final class ArrayLayouts {

    private ArrayLayouts() {}

    static void swapBytes(MemorySegment memory, int elementBytes) {
        for (long at = 0; at < memory.byteSize(); at += elementBytes) {
            switch (elementBytes) {
                case 1 -> {}
                case 2 ->
                    memory.set(
                            ValueLayout.JAVA_SHORT_UNALIGNED,
                            at,
                            Short.reverseBytes(memory.get(ValueLayout.JAVA_SHORT_UNALIGNED, at)));
                case 4 ->
                    memory.set(
                            ValueLayout.JAVA_INT_UNALIGNED,
                            at,
                            Integer.reverseBytes(memory.get(ValueLayout.JAVA_INT_UNALIGNED, at)));
                case 8 ->
                    memory.set(
                            ValueLayout.JAVA_LONG_UNALIGNED,
                            at,
                            Long.reverseBytes(memory.get(ValueLayout.JAVA_LONG_UNALIGNED, at)));
                default -> throw new IllegalArgumentException("elements of " + elementBytes + " bytes");
            }
        }
    }

    /// The same array with the last axis fastest, where the first one was. Takes over and closes what it is
    /// given.
    static Tensor fromFortranOrder(Tensor stored) {
        if (stored.rank() < 2 || stored.size() == 0) {
            return stored;
        }
        try (stored) {
            long[] shape = stored.shape();
            Tensor ordered = Tensor.allocate(stored.type(), shape);
            int elementBytes = OnnxTypes.elementBytes(stored.type());
            long[] index = new long[shape.length];
            for (long target = 0; target < ordered.size(); target++) {
                long source = 0;
                for (int axis = shape.length - 1; axis >= 0; axis--) {
                    source = source * shape[axis] + index[axis];
                }
                MemorySegment.copy(
                        stored.memory(), source * elementBytes, ordered.memory(), target * elementBytes, elementBytes);
                for (int axis = shape.length - 1; axis >= 0 && ++index[axis] == shape[axis]; axis--) {
                    index[axis] = 0;
                }
            }
            return ordered;
        }
    }
}
