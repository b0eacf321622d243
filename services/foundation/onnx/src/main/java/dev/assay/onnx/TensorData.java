package dev.assay.onnx;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;

/// The elements of a constant tensor: little-endian, in C order, read-only. The buffer is a view of what was read
/// or mapped, and never copied.
public final class TensorData {

    private static final int SMALL = 4096;

    private final ElementType type;
    private final long[] dims;
    private final ByteBuffer bytes;
    private final List<String> strings;

    private TensorData(ElementType type, long[] dims, ByteBuffer bytes, List<String> strings) {
        this.type = Objects.requireNonNull(type, "type");
        this.dims = dims.clone();
        this.bytes = bytes.slice().asReadOnlyBuffer().order(ByteOrder.LITTLE_ENDIAN);
        this.strings = strings;
    }

    /// Wraps `bytes` (from its position to its limit) without copying.
    ///
    /// @throws MalformedModelException if the length is not what the type and the shape need
    public static TensorData of(ElementType type, long[] dims, ByteBuffer bytes) {
        if (type == ElementType.STRING || type == ElementType.UNDEFINED) {
            throw new MalformedModelException("a tensor of type " + type + " given as bytes", "use a numeric type");
        }
        long needed = byteSize(type, dims);
        if (needed != bytes.remaining()) {
            throw new MalformedModelException(
                    "a tensor of type " + type + " and shape " + Arrays.toString(dims) + " needs " + needed
                            + " bytes, but has " + bytes.remaining(),
                    "export the model again; the file may be truncated");
        }
        return new TensorData(type, dims, bytes, List.of());
    }

    public static TensorData ofStrings(List<String> strings, long... dims) {
        if (elementCount(dims) != strings.size()) {
            throw new MalformedModelException(
                    "a string tensor of shape " + Arrays.toString(dims) + " has " + strings.size() + " elements",
                    "shape and elements must agree");
        }
        return new TensorData(ElementType.STRING, dims, ByteBuffer.allocate(0), List.copyOf(strings));
    }

    public static TensorData ofFloats(float[] values, long... dims) {
        ByteBuffer buffer = littleEndian(values.length * 4L);
        buffer.asFloatBuffer().put(values);
        return of(ElementType.FLOAT, dims, buffer);
    }

    public static TensorData ofLongs(long[] values, long... dims) {
        ByteBuffer buffer = littleEndian(values.length * 8L);
        buffer.asLongBuffer().put(values);
        return of(ElementType.INT64, dims, buffer);
    }

    /// A 1-d int64 tensor, the form in which operators take axes, shapes and pads.
    public static TensorData ofLongVector(long... values) {
        return ofLongs(values, values.length);
    }

    /// A tensor of `type` (any float or integer type, or bool) whose elements are the values rounded to it.
    public static TensorData ofDoubles(ElementType type, double[] values, long... dims) {
        ByteBuffer buffer = littleEndian(type.bytes(values.length));
        for (double value : values) {
            switch (type) {
                case FLOAT -> buffer.putFloat((float) value);
                case DOUBLE -> buffer.putDouble(value);
                case FLOAT16 -> buffer.putShort(Float.floatToFloat16((float) value));
                case BFLOAT16 -> buffer.putShort(toBfloat16((float) value));
                case INT64, UINT64 -> buffer.putLong((long) value);
                case INT32, UINT32 -> buffer.putInt((int) (long) value);
                case INT16, UINT16 -> buffer.putShort((short) (long) value);
                case INT8, UINT8 -> buffer.put((byte) (long) value);
                case BOOL -> buffer.put((byte) (value != 0 ? 1 : 0));
                default -> throw new IllegalArgumentException("no constants of type " + type);
            }
        }
        return of(type, dims, buffer.flip());
    }

    public ElementType type() {
        return type;
    }

    public long[] dims() {
        return dims.clone();
    }

    public int rank() {
        return dims.length;
    }

    public long elementCount() {
        return elementCount(dims);
    }

    /// The elements; a fresh view whose position is the caller's own.
    public ByteBuffer bytes() {
        return bytes.duplicate().order(ByteOrder.LITTLE_ENDIAN);
    }

    /// The elements of a STRING tensor; empty for other types.
    public List<String> strings() {
        return strings;
    }

    /// The elements as doubles; meant for small constants.
    public double[] toDoubles() {
        ByteBuffer source = bytes();
        double[] values = new double[Math.toIntExact(elementCount())];
        for (int i = 0; i < values.length; i++) {
            values[i] = switch (type) {
                case FLOAT -> source.getFloat();
                case DOUBLE -> source.getDouble();
                case FLOAT16 -> Float.float16ToFloat(source.getShort());
                case BFLOAT16 -> Float.intBitsToFloat(source.getShort() << 16);
                case INT64, UINT64 -> source.getLong();
                case INT32 -> source.getInt();
                case UINT32 -> Integer.toUnsignedLong(source.getInt());
                case INT16 -> source.getShort();
                case UINT16 -> Short.toUnsignedInt(source.getShort());
                case INT8 -> source.get();
                case UINT8, BOOL -> Byte.toUnsignedInt(source.get());
                default -> throw new IllegalStateException("elements of type " + type + " are not numbers here");
            };
        }
        return values;
    }

    /// The elements as integers (floats are truncated); meant for axes, shapes and indices.
    public long[] toLongs() {
        if (type == ElementType.INT64 || type == ElementType.UINT64) {
            long[] values = new long[Math.toIntExact(elementCount())];
            bytes().asLongBuffer().get(values);
            return values;
        }
        return Arrays.stream(toDoubles()).mapToLong(value -> (long) value).toArray();
    }

    /// The same elements under another shape.
    public TensorData reshaped(long... newDims) {
        if (type == ElementType.STRING) {
            return ofStrings(strings, newDims);
        }
        return of(type, newDims, bytes);
    }

    /// Index of the first NaN or infinity, or -1. Only float types have any.
    public long firstNonFinite() {
        ByteBuffer source = bytes();
        long index = 0;
        while (type.isFloat() && source.hasRemaining()) {
            boolean finite = switch (type) {
                case FLOAT -> Float.isFinite(source.getFloat());
                case DOUBLE -> Double.isFinite(source.getDouble());
                case FLOAT16 -> Float.isFinite(Float.float16ToFloat(source.getShort()));
                default -> Float.isFinite(Float.intBitsToFloat(source.getShort() << 16));
            };
            if (!finite) {
                return index;
            }
            index++;
        }
        return -1;
    }

    /// Number of elements of a shape.
    ///
    /// @throws MalformedModelException if a length is negative or the product overflows
    public static long elementCount(long... dims) {
        long count = 1;
        for (long length : dims) {
            if (length < 0) {
                throw new MalformedModelException(
                        "a tensor of shape " + Arrays.toString(dims), "lengths are zero or positive");
            }
            try {
                count = Math.multiplyExact(count, length);
            } catch (ArithmeticException _) {
                throw new MalformedModelException(
                        "the shape " + Arrays.toString(dims) + " has more elements than can be counted",
                        "export the model again; the file may be damaged");
            }
        }
        return count;
    }

    static long byteSize(ElementType type, long[] dims) {
        try {
            return type.bytes(elementCount(dims));
        } catch (ArithmeticException _) {
            throw new MalformedModelException(
                    "the size of shape " + Arrays.toString(dims) + " overflows",
                    "export the model again; the file may be damaged");
        }
    }

    private static ByteBuffer littleEndian(long bytes) {
        return ByteBuffer.allocate(Math.toIntExact(bytes)).order(ByteOrder.LITTLE_ENDIAN);
    }

    /// Round to nearest even, as ONNX's Cast does.
    private static short toBfloat16(float value) {
        int bits = Float.floatToRawIntBits(value);
        return (short) (Float.isNaN(value) ? 0x7FC0 : (bits + 0x7FFF + ((bits >>> 16) & 1)) >>> 16);
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof TensorData that
                && type == that.type
                && Arrays.equals(dims, that.dims)
                && bytes.equals(that.bytes)
                && strings.equals(that.strings);
    }

    /// Cheap on purpose: of weights only the shape counts.
    @Override
    public int hashCode() {
        int content = bytes.remaining() <= SMALL ? bytes.hashCode() : 0;
        return 31 * (31 * type.code() + Arrays.hashCode(dims)) + content;
    }

    @Override
    public String toString() {
        return type + Arrays.toString(dims);
    }
}
