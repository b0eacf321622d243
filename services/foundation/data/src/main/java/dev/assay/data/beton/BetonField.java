package dev.assay.data.beton;

import dev.assay.computation.ProblemException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;

/// A column of a `.beton` file.
public sealed interface BetonField {

    /// What fits into a descriptor; FFCV cuts longer names silently, we refuse them.
    int MAXIMUM_NAME_BYTES = 16;

    /// ASCII, 1 to {@link #MAXIMUM_NAME_BYTES} bytes.
    String name();

    /// FFCV's number of this type of field.
    int typeId();

    /// Bytes in the metadata record.
    int recordBytes();

    /// What the offset in the metadata record is a multiple of.
    int alignment();

    /// Whether the values lie in the pages, with a pointer in the metadata record.
    default boolean isPaged() {
        return true;
    }

    /// A float64.
    record FloatField(String name) implements BetonField {
        public FloatField {
            requireName(name);
        }

        @Override
        public int typeId() {
            return 0;
        }

        @Override
        public int recordBytes() {
            return Double.BYTES;
        }

        @Override
        public int alignment() {
            return Double.BYTES;
        }

        @Override
        public boolean isPaged() {
            return false;
        }
    }

    /// An int64.
    record IntField(String name) implements BetonField {
        public IntField {
            requireName(name);
        }

        @Override
        public int typeId() {
            return 1;
        }

        @Override
        public int recordBytes() {
            return Long.BYTES;
        }

        @Override
        public int alignment() {
            return Long.BYTES;
        }

        @Override
        public boolean isPaged() {
            return false;
        }
    }

    /// An RGB image of any size: its pixels, or a JPEG file.
    record ImageField(String name) implements BetonField {
        public ImageField {
            requireName(name);
        }

        @Override
        public int typeId() {
            return 2;
        }

        /// u8 mode, u16 width, u16 height, u64 pointer, packed.
        @Override
        public int recordBytes() {
            return 13;
        }

        @Override
        public int alignment() {
            return 1;
        }
    }

    /// Bytes of any length.
    record BytesField(String name) implements BetonField {
        public BytesField {
            requireName(name);
        }

        @Override
        public int typeId() {
            return 3;
        }

        /// u64 pointer, u64 size; FFCV aligns them to nothing.
        @Override
        public int recordBytes() {
            return 16;
        }

        @Override
        public int alignment() {
            return 1;
        }
    }

    /// A JSON text, stored in ASCII with a zero at its end.
    record JsonField(String name) implements BetonField {
        public JsonField {
            requireName(name);
        }

        @Override
        public int typeId() {
            return 5;
        }

        @Override
        public int recordBytes() {
            return 16;
        }

        @Override
        public int alignment() {
            return 1;
        }
    }

    /// Arrays of one shape and type.
    ///
    /// @param elements type of the elements
    /// @param shape 1 to 32 dimensions; in C order, without padding
    /// @param flavour as what Python gets them back
    record ArrayField(String name, ArrayElements elements, List<Long> shape, Flavour flavour) implements BetonField {

        /// FFCV's arrays of numpy and tensors of PyTorch are stored alike.
        public enum Flavour {
            NUMPY,
            TORCH
        }

        public ArrayField {
            requireName(name);
            Objects.requireNonNull(elements, "elements");
            shape = List.copyOf(shape);
            if (shape.size() > 32 || shape.stream().anyMatch(dimension -> dimension < 0)) {
                throw new ProblemException(
                        "invalid-shape", name, "an array of shape " + shape, "give up to 32 dimensions of 0 or more");
            }
        }

        public ArrayField(String name, ArrayElements elements, long... shape) {
            this(name, elements, Arrays.stream(shape).boxed().toList(), Flavour.NUMPY);
        }

        /// Bytes of one array.
        ///
        /// @throws ArithmeticException if they pass 2^63
        public long valueBytes() {
            return shape.stream().reduce((long) elements.bytes(), Math::multiplyExact);
        }

        @Override
        public int typeId() {
            return flavour == Flavour.NUMPY ? 4 : 6;
        }

        @Override
        public int recordBytes() {
            return Long.BYTES;
        }

        @Override
        public int alignment() {
            return Long.BYTES;
        }
    }

    private static void requireName(String name) {
        boolean ascii = StandardCharsets.US_ASCII.newEncoder().canEncode(name) && name.indexOf('\0') < 0;
        if (!ascii || name.isEmpty() || name.length() > MAXIMUM_NAME_BYTES) {
            throw new ProblemException(
                    "invalid-field-name",
                    name,
                    "a .beton field cannot be called '%s'".formatted(name),
                    "use 1 to %d ASCII characters".formatted(MAXIMUM_NAME_BYTES));
        }
    }
}
