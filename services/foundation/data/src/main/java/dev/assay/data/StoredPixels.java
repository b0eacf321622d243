package dev.assay.data;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.function.IntFunction;

/// How and where the pixels of a data set are stored.
///
/// @param samples the bytes of each image
record StoredPixels(Encoding encoding, IntFunction<MemorySegment> samples) {

    enum Encoding {
        /// uint8, channel after channel, white is 255.
        PLANAR_BYTES,
        /// uint8, all channels of a pixel together, white is 255.
        INTERLEAVED_BYTES,
        /// float32 in [0,1], channel after channel.
        PLANAR_FLOATS
    }

    private static final float[] BYTE_TO_FLOAT = new float[256];

    static {
        for (int value = 0; value < 256; value++) {
            BYTE_TO_FLOAT[value] = value / 255f;
        }
    }

    /// Writes one image as float32 in [0,1], channel after channel.
    void copy(int sample, ImageShape shape, MemorySegment target, long offset) {
        MemorySegment source = samples.apply(sample);
        switch (encoding) {
            case PLANAR_FLOATS -> MemorySegment.copy(source, 0, target, offset, source.byteSize());
            case PLANAR_BYTES -> {
                for (int i = 0; i < shape.elements(); i++) {
                    put(source, i, target, offset, i);
                }
            }
            case INTERLEAVED_BYTES -> {
                int pixels = shape.height() * shape.width();
                for (int channel = 0; channel < shape.channels(); channel++) {
                    for (int pixel = 0; pixel < pixels; pixel++) {
                        put(source, pixel * shape.channels() + channel, target, offset, channel * pixels + pixel);
                    }
                }
            }
        }
    }

    private static void put(MemorySegment source, int from, MemorySegment target, long offset, int to) {
        float value = BYTE_TO_FLOAT[Byte.toUnsignedInt(source.get(ValueLayout.JAVA_BYTE, from))];
        target.set(ValueLayout.JAVA_FLOAT_UNALIGNED, offset + 4L * to, value);
    }
}
