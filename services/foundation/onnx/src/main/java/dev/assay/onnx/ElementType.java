package dev.assay.onnx;

import java.util.Arrays;

/// The element types of ONNX tensors with their codes and sizes.
public enum ElementType {
    /// A subgraph may leave the types of its inputs and outputs to inference.
    UNDEFINED(0, 0),
    FLOAT(1, 32),
    UINT8(2, 8),
    INT8(3, 8),
    UINT16(4, 16),
    INT16(5, 16),
    INT32(6, 32),
    INT64(7, 64),
    STRING(8, 0),
    BOOL(9, 8),
    FLOAT16(10, 16),
    DOUBLE(11, 64),
    UINT32(12, 32),
    UINT64(13, 64),
    COMPLEX64(14, 64),
    COMPLEX128(15, 128),
    BFLOAT16(16, 16),
    FLOAT8E4M3FN(17, 8),
    FLOAT8E4M3FNUZ(18, 8),
    FLOAT8E5M2(19, 8),
    FLOAT8E5M2FNUZ(20, 8),
    UINT4(21, 4),
    INT4(22, 4),
    FLOAT4E2M1(23, 4),
    FLOAT8E8M0(24, 8),
    UINT2(25, 2),
    INT2(26, 2);

    private final int code;
    private final int bits;

    ElementType(int code, int bits) {
        this.code = code;
        this.bits = bits;
    }

    /// The number that stands for this type in an ONNX file.
    public int code() {
        return code;
    }

    /// Bits per element; 0 for strings, whose size varies.
    public int bits() {
        return bits;
    }

    /// Bytes of `elements` densely packed elements.
    ///
    /// @throws ArithmeticException if the size does not fit into 63 bits
    public long bytes(long elements) {
        return bits >= 8
                ? Math.multiplyExact(elements, bits / 8L)
                : Math.ceilDiv(Math.multiplyExact(elements, (long) bits), 8L);
    }

    /// Whether values of this type can carry a gradient.
    public boolean isFloat() {
        return switch (this) {
            case FLOAT, DOUBLE, FLOAT16, BFLOAT16 -> true;
            default -> false;
        };
    }

    /// @throws MalformedModelException if no element type has this code
    public static ElementType ofCode(int code) {
        if (code < 0 || code >= values().length) {
            throw new MalformedModelException(
                    "unknown element type " + code, "use one of " + Arrays.toString(values()));
        }
        return values()[code];
    }
}
