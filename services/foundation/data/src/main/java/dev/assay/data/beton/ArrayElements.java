package dev.assay.data.beton;

import java.util.Arrays;
import java.util.Optional;

/// The element types of arrays in a `.beton` file, by numpy's names; big-endian ones are stored as they are.
public enum ArrayElements {
    BOOL("|b1", 1),
    UINT8("|u1", 1),
    INT8("|i1", 1),
    INT16("<i2", 2),
    UINT16("<u2", 2),
    INT32("<i4", 4),
    UINT32("<u4", 4),
    INT64("<i8", 8),
    UINT64("<u8", 8),
    FLOAT16("<f2", 2),
    FLOAT32("<f4", 4),
    FLOAT64("<f8", 8),
    INT16_BIG_ENDIAN(">i2", 2),
    UINT16_BIG_ENDIAN(">u2", 2),
    INT32_BIG_ENDIAN(">i4", 4),
    UINT32_BIG_ENDIAN(">u4", 4),
    INT64_BIG_ENDIAN(">i8", 8),
    UINT64_BIG_ENDIAN(">u8", 8),
    FLOAT16_BIG_ENDIAN(">f2", 2),
    FLOAT32_BIG_ENDIAN(">f4", 4),
    FLOAT64_BIG_ENDIAN(">f8", 8);

    private final String numpyName;
    private final int bytes;

    ArrayElements(String numpyName, int bytes) {
        this.numpyName = numpyName;
        this.bytes = bytes;
    }

    public String numpyName() {
        return numpyName;
    }

    /// Bytes of one element.
    public int bytes() {
        return bytes;
    }

    static Optional<ArrayElements> named(String numpyName) {
        return Arrays.stream(values())
                .filter(elements -> elements.numpyName.equals(numpyName))
                .findFirst();
    }
}
