package dev.assay.data.beton;

import dev.assay.computation.ProblemException;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/// Where things lie in a `.beton` file:
/// `[header][field descriptors][metadata records][zeros up to a page border][pages][allocation table]`.
///
/// @param fields in the order of the file
/// @param offsets of the fields in a metadata record
/// @param recordBytes of a metadata record: a C structure of the fields' sub-records
record BetonLayout(List<BetonField> fields, List<Integer> offsets, int recordBytes) {

    static final int VERSION = 2;
    static final int HEADER_BYTES = 24;
    static final int DESCRIPTOR_BYTES = 1041;
    static final int ARGUMENT_BYTES = 1024;
    static final int TABLE_ROW_BYTES = 24;
    static final long MINIMUM_PAGE = 1L << 21;
    static final long MAXIMUM_PAGE = 1L << 31;
    static final int MODE_JPG = 0;
    static final int MODE_RAW = 1;

    // The metadata starts at any byte.
    static final ValueLayout.OfShort U16 = ValueLayout.JAVA_SHORT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
    static final ValueLayout.OfInt U32 = ValueLayout.JAVA_INT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
    static final ValueLayout.OfLong I64 = ValueLayout.JAVA_LONG_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
    static final ValueLayout.OfDouble F64 = ValueLayout.JAVA_DOUBLE_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);

    BetonLayout {
        fields = List.copyOf(fields);
        offsets = List.copyOf(offsets);
    }

    /// @throws ProblemException `invalid-fields` if there are none, or two of one name
    static BetonLayout of(List<BetonField> fields, String subject) {
        Set<String> names = new HashSet<>();
        List<Integer> offsets = new ArrayList<>();
        int end = 0;
        int largestAlignment = 1;
        for (BetonField field : fields) {
            if (!names.add(field.name())) {
                throw invalidFields(subject, "two fields are called '%s'".formatted(field.name()));
            }
            int offset = roundUp(end, field.alignment());
            offsets.add(offset);
            end = offset + field.recordBytes();
            largestAlignment = Math.max(largestAlignment, field.alignment());
        }
        if (fields.isEmpty() || fields.size() > 65_535) {
            throw invalidFields(subject, fields.size() + " fields");
        }
        return new BetonLayout(fields, offsets, roundUp(end, largestAlignment));
    }

    long metadataStart() {
        return HEADER_BYTES + (long) DESCRIPTOR_BYTES * fields.size();
    }

    /// @throws ArithmeticException if it passes 2^63
    long metadataEnd(long samples) {
        return Math.addExact(metadataStart(), Math.multiplyExact(samples, recordBytes));
    }

    /// Where the first page starts; a page border counted from the start of the file.
    long dataStart(long samples, long pageBytes) {
        return Math.multiplyExact(Math.ceilDiv(metadataEnd(samples), pageBytes), pageBytes);
    }

    /// Values in the pages per sample: each has a row in the allocation table.
    long pagedFields() {
        return fields.stream().filter(BetonField::isPaged).count();
    }

    /// @throws ProblemException `damaged-beton` if an array is larger than the page that should hold it
    void requireArraysFit(long pageBytes, String subject) {
        for (int field = 0; field < fields.size(); field++) {
            if (fields.get(field) instanceof BetonField.ArrayField array && !fits(array, pageBytes)) {
                throw Damage.at(
                        HEADER_BYTES + (long) DESCRIPTOR_BYTES * field,
                        subject,
                        "array '%s' of shape %s does not fit into a page of %d bytes"
                                .formatted(array.name(), array.shape(), pageBytes));
            }
        }
    }

    static boolean isPageSize(long bytes) {
        return bytes >= MINIMUM_PAGE && bytes <= MAXIMUM_PAGE && Long.bitCount(bytes) == 1;
    }

    private static int roundUp(int value, int multiple) {
        return Math.ceilDiv(value, multiple) * multiple;
    }

    private static boolean fits(BetonField.ArrayField array, long pageBytes) {
        long bytes = array.elements().bytes();
        for (long dimension : array.shape()) {
            if (dimension == 0) {
                return true;
            }
            if (dimension > pageBytes / bytes) {
                return false;
            }
            bytes *= dimension;
        }
        return true;
    }

    private static ProblemException invalidFields(String subject, String what) {
        return new ProblemException(
                "invalid-fields", subject, "the .beton file has " + what, "give 1 to 65535 fields of different names");
    }
}
