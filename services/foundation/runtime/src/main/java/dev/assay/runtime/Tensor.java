package dev.assay.runtime;

import static dev.assay.runtime.OnnxTypes.elementBytes;

import ai.onnxruntime.OnnxTensor;
import dev.assay.computation.ProblemException;
import dev.assay.onnx.ElementType;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.DoubleBuffer;
import java.nio.FloatBuffer;
import java.nio.IntBuffer;
import java.nio.LongBuffer;
import java.util.Arrays;
import java.util.Objects;

/// A dense array of numbers off the Java heap, in C order and native byte order, handed to ONNX Runtime without a
/// copy.
///
/// Whoever makes a tensor closes it; closing frees its memory, once the runs that use it at that moment have
/// ended. A {@link #slice} and {@link #reshaped} view share the memory of their root and must not be used after
/// the root is closed (that is noticed: `IllegalStateException`); closing a view frees nothing but what ONNX
/// Runtime keeps for it. May be read from many threads; writing is the caller's business to order.
public final class Tensor implements AutoCloseable {

    /// What vector instructions like; ONNX Runtime's own allocator gives no less.
    private static final long ALIGNMENT = 64;

    private final ElementType type;
    private final long[] shape;
    private final MemorySegment memory;
    private final TensorMemory owner;
    private final Role role;
    private volatile boolean closed;
    private OnnxTensor onnx; // guarded by owner

    private enum Role {
        ROOT,
        VIEW
    }

    private Tensor(ElementType type, long[] shape, MemorySegment memory, TensorMemory owner, Role role) {
        this.type = type;
        this.shape = shape;
        this.memory = memory;
        this.owner = owner;
        this.role = role;
    }

    /// A tensor of zeros that owns its memory. An empty shape is a scalar.
    ///
    /// @throws ProblemException `invalid-shape` for a negative or absurd shape, `unsupported-element-type` for
    ///     text, `out-of-memory` if the machine has no such memory
    public static Tensor allocate(ElementType type, long... shape) {
        Arena arena = Arena.ofShared();
        try {
            MemorySegment memory = allocateIn(arena, type, shape);
            return new Tensor(type, shape.clone(), memory, new TensorMemory(arena::close), Role.ROOT);
        } catch (RuntimeException | Error failure) {
            arena.close();
            throw failure;
        }
    }

    /// A tensor of zeros in the caller's arena: the arena frees the memory, and must outlive every run that uses
    /// it.
    public static Tensor allocate(Arena arena, ElementType type, long... shape) {
        MemorySegment memory = allocateIn(arena, type, shape);
        return new Tensor(type, shape.clone(), memory, new TensorMemory(() -> {}), Role.ROOT);
    }

    /// A tensor over memory that somebody else owns, such as a mapped file.
    ///
    /// @throws IllegalArgumentException if the segment is not native or not exactly as long as the shape asks
    public static Tensor over(MemorySegment memory, ElementType type, long... shape) {
        long bytes = Shapes.bytes(shape, elementBytes(type), "tensor");
        if (!memory.isNative() || memory.byteSize() != bytes) {
            throw new IllegalArgumentException("%s%s takes %d bytes of native memory, not %s"
                    .formatted(type, Arrays.toString(shape), bytes, memory));
        }
        return new Tensor(type, shape.clone(), memory, new TensorMemory(() -> {}), Role.ROOT);
    }

    public static Tensor ofFloats(float[] values, long... shape) {
        Tensor tensor = allocateFor(values.length, ElementType.FLOAT, shape);
        MemorySegment.copy(values, 0, tensor.memory, ValueLayout.JAVA_FLOAT, 0, values.length);
        return tensor;
    }

    public static Tensor ofLongs(long[] values, long... shape) {
        Tensor tensor = allocateFor(values.length, ElementType.INT64, shape);
        MemorySegment.copy(values, 0, tensor.memory, ValueLayout.JAVA_LONG, 0, values.length);
        return tensor;
    }

    /// One-byte elements as they are: `UINT8`, `INT8` or `BOOL` (0 and 1).
    public static Tensor ofBytes(ElementType type, byte[] values, long... shape) {
        if (elementBytes(type) != 1) {
            throw new IllegalArgumentException(type + " does not have elements of one byte");
        }
        Tensor tensor = allocateFor(values.length, type, shape);
        MemorySegment.copy(values, 0, tensor.memory, ValueLayout.JAVA_BYTE, 0, values.length);
        return tensor;
    }

    /// A tensor of its own with the same type, shape and contents.
    public static Tensor copyOf(Tensor source) {
        Tensor copy = allocate(source.type, source.shape);
        copy.memory.copyFrom(source.memory());
        return copy;
    }

    public ElementType type() {
        return type;
    }

    public long[] shape() {
        return shape.clone();
    }

    public int rank() {
        return shape.length;
    }

    public long dimension(int axis) {
        return shape[axis];
    }

    public boolean hasShape(long... other) {
        return Arrays.equals(shape, other);
    }

    /// The number of elements.
    public long size() {
        return memory.byteSize() / elementBytes(type);
    }

    public long byteSize() {
        return memory.byteSize();
    }

    /// The elements' memory; its first byte is the first element's.
    public MemorySegment memory() {
        requireOpen();
        return memory;
    }

    /// A view of the elements, at most 2^31-1 of them.
    ///
    /// @throws IllegalStateException if the elements are not `FLOAT`
    public FloatBuffer floats() {
        return buffer(ElementType.FLOAT).asFloatBuffer();
    }

    public DoubleBuffer doubles() {
        return buffer(ElementType.DOUBLE).asDoubleBuffer();
    }

    public LongBuffer longs() {
        return buffer(ElementType.INT64).asLongBuffer();
    }

    public IntBuffer ints() {
        return buffer(ElementType.INT32).asIntBuffer();
    }

    /// The bytes of the elements of any type, native order.
    public ByteBuffer bytes() {
        return memory().asByteBuffer().order(ByteOrder.nativeOrder());
    }

    public float floatAt(long index) {
        return typed(ElementType.FLOAT).getAtIndex(ValueLayout.JAVA_FLOAT_UNALIGNED, index);
    }

    public long longAt(long index) {
        return typed(ElementType.INT64).getAtIndex(ValueLayout.JAVA_LONG_UNALIGNED, index);
    }

    public boolean booleanAt(long index) {
        return typed(ElementType.BOOL).get(ValueLayout.JAVA_BYTE, index) != 0;
    }

    public float[] toFloats() {
        return typed(ElementType.FLOAT).toArray(ValueLayout.JAVA_FLOAT_UNALIGNED);
    }

    public long[] toLongs() {
        return typed(ElementType.INT64).toArray(ValueLayout.JAVA_LONG_UNALIGNED);
    }

    public byte[] toBytes() {
        return memory().toArray(ValueLayout.JAVA_BYTE);
    }

    /// Elements `from` to `from+count-1` of axis 0, without a copy.
    ///
    /// @throws IndexOutOfBoundsException if they are not all there, or the tensor is a scalar
    public Tensor slice(long from, long count) {
        if (shape.length == 0) {
            throw new IndexOutOfBoundsException("a scalar has no axis 0");
        }
        Objects.checkFromIndexSize(from, count, shape[0]);
        long[] sliced = shape.clone();
        sliced[0] = count;
        long row = shape[0] == 0 ? 0 : memory.byteSize() / shape[0];
        return new Tensor(type, sliced, memory().asSlice(from * row, count * row), owner, Role.VIEW);
    }

    /// The same elements under another shape, without a copy.
    public Tensor reshaped(long... newShape) {
        if (Shapes.elements(newShape, "tensor") != size()) {
            throw new IllegalArgumentException(
                    "%s does not have the %d elements of %s".formatted(Arrays.toString(newShape), size(), this));
        }
        return new Tensor(type, newShape.clone(), memory(), owner, Role.VIEW);
    }

    @Override
    public void close() {
        if (!closed) {
            closed = true;
            switch (role) {
                case ROOT -> owner.close();
                case VIEW -> owner.forget(this::takeOnnx);
            }
        }
    }

    @Override
    public String toString() {
        return type + Arrays.toString(shape);
    }

    /// What ONNX Runtime calls this tensor; to be used only between {@link #hold} and {@link #release}.
    OnnxTensor onnx() {
        synchronized (owner) {
            if (onnx == null) {
                onnx = owner.register(OnnxTypes.tensor(type, memory, shape));
            }
            return onnx;
        }
    }

    /// Keeps the memory from being freed until {@link #release}.
    void hold() {
        requireOpen();
        owner.hold();
    }

    void release() {
        owner.release();
    }

    private OnnxTensor takeOnnx() {
        OnnxTensor taken = onnx;
        onnx = null;
        return taken;
    }

    private void requireOpen() {
        if (closed || owner.isClosed()) {
            throw new IllegalStateException("tensor " + this + " is closed");
        }
    }

    private ByteBuffer buffer(ElementType wanted) {
        return typed(wanted).asByteBuffer().order(ByteOrder.nativeOrder());
    }

    private MemorySegment typed(ElementType wanted) {
        if (type != wanted) {
            throw new IllegalStateException("tensor %s does not hold %s elements".formatted(this, wanted));
        }
        return memory();
    }

    private static Tensor allocateFor(int values, ElementType type, long... shape) {
        if (Shapes.elements(shape, "tensor") != values) {
            throw new IllegalArgumentException(
                    "%d values do not fill the shape %s".formatted(values, Arrays.toString(shape)));
        }
        return allocate(type, shape);
    }

    private static MemorySegment allocateIn(Arena arena, ElementType type, long... shape) {
        long bytes = Shapes.bytes(shape, elementBytes(type), "tensor");
        try {
            return arena.allocate(bytes, ALIGNMENT);
        } catch (OutOfMemoryError refused) {
            throw new ProblemException(
                    "out-of-memory",
                    "tensor",
                    "%s%s needs %d bytes, which the machine does not have"
                            .formatted(type, Arrays.toString(shape), bytes),
                    "use smaller batches or a machine with more memory",
                    refused);
        }
    }
}
