package dev.assay.data.beton;

import java.lang.foreign.MemorySegment;
import java.util.Objects;

/// The value of one field of one sample. Memory is the caller's: the writer copies it, the reader gives views of
/// the mapped file.
public sealed interface BetonValue {

    record IntValue(long value) implements BetonValue {}

    record FloatValue(double value) implements BetonValue {}

    /// @param pixels height·width·3 bytes: rows of RGB pixels
    record RawImage(int width, int height, MemorySegment pixels) implements BetonValue {

        /// The largest side that a `.beton` file can state.
        public static final int MAXIMUM_SIDE = 65_535;

        public RawImage {
            boolean possible = width >= 1 && height >= 1 && width <= MAXIMUM_SIDE && height <= MAXIMUM_SIDE;
            if (!possible || pixels.byteSize() != 3L * width * height) {
                throw new IllegalArgumentException("%d bytes for an image of %d x %d RGB pixels; sides are 1 to %d"
                        .formatted(pixels.byteSize(), width, height, MAXIMUM_SIDE));
            }
        }
    }

    record Bytes(MemorySegment bytes) implements BetonValue {
        public Bytes {
            Objects.requireNonNull(bytes, "bytes");
        }
    }

    /// @param text valid JSON; not checked here
    record Json(String text) implements BetonValue {
        public Json {
            if (text.indexOf('\0') >= 0) {
                throw new IllegalArgumentException("a JSON text holds no zero character");
            }
        }
    }

    /// @param bytes the elements in the byte order of the field's type
    record Array(MemorySegment bytes) implements BetonValue {
        public Array {
            Objects.requireNonNull(bytes, "bytes");
        }
    }
}
