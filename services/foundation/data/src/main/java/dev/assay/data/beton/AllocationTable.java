package dev.assay.data.beton;

import static dev.assay.data.beton.BetonLayout.I64;
import static dev.assay.data.beton.BetonLayout.TABLE_ROW_BYTES;

import java.lang.foreign.MemorySegment;
import java.util.Arrays;

/// Which stretches of the pages hold values. In the file the rows are in the order of writing, by writer process;
/// here they are in the order of their pointers. Values of no bytes are left out: their pointers may mean
/// nothing.
final class AllocationTable {

    private final long[] pointers;
    private final long[] sizes;

    private AllocationTable(long[] pointers, long[] sizes) {
        this.pointers = pointers;
        this.sizes = sizes;
    }

    /// @param table the rows
    /// @param tableStart offset of the table in the file, which is where the pages end
    static AllocationTable read(MemorySegment table, long tableStart, long dataStart, long samples, String subject) {
        int rows = Math.toIntExact(table.byteSize() / TABLE_ROW_BYTES);
        long[] pointers = new long[rows];
        long[] sizes = new long[rows];
        int used = 0;
        for (int row = 0; row < rows; row++) {
            long at = (long) row * TABLE_ROW_BYTES;
            long sample = table.get(I64, at);
            long pointer = table.get(I64, at + 8);
            long size = table.get(I64, at + 16);
            if (sample < 0 || sample >= samples) {
                throw Damage.at(
                        tableStart + at,
                        subject,
                        "allocation %d is for sample %s of %d".formatted(row, Long.toUnsignedString(sample), samples));
            }
            if (size == 0) {
                continue;
            }
            if (size < 0 || pointer < dataStart || pointer > tableStart - size || size > tableStart) {
                throw Damage.at(
                        tableStart + at,
                        subject,
                        "allocation %d of %s bytes at %s leaves the pages, which are bytes %d to %d"
                                .formatted(
                                        row,
                                        Long.toUnsignedString(size),
                                        Long.toUnsignedString(pointer),
                                        dataStart,
                                        tableStart));
            }
            pointers[used] = pointer;
            sizes[used++] = size;
        }
        AllocationTable allocations = sorted(Arrays.copyOf(pointers, used), Arrays.copyOf(sizes, used));
        allocations.requireDisjoint(subject);
        return allocations;
    }

    /// The size of the allocation that starts at the pointer, or -1.
    long sizeAt(long pointer) {
        int index = Arrays.binarySearch(pointers, pointer);
        return index < 0 ? -1 : sizes[index];
    }

    private void requireDisjoint(String subject) {
        for (int i = 1; i < pointers.length; i++) {
            if (pointers[i - 1] + sizes[i - 1] > pointers[i]) {
                throw Damage.at(pointers[i], subject, "two allocations overlap");
            }
        }
    }

    /// Merges ever longer stretches: a file of one writer is sorted already, and those of several are a few runs.
    private static AllocationTable sorted(long[] pointers, long[] sizes) {
        if (isSorted(pointers)) {
            return new AllocationTable(pointers, sizes);
        }
        long[] fromPointers = pointers;
        long[] fromSizes = sizes;
        long[] toPointers = new long[pointers.length];
        long[] toSizes = new long[pointers.length];
        for (long width = 1; width < pointers.length; width *= 2) {
            for (long start = 0; start < pointers.length; start += 2 * width) {
                int middle = (int) Math.min(start + width, pointers.length);
                int end = (int) Math.min(start + 2 * width, pointers.length);
                int left = (int) start;
                int right = middle;
                for (int target = (int) start; target < end; target++) {
                    boolean takeLeft = left < middle && (right >= end || fromPointers[left] <= fromPointers[right]);
                    int source = takeLeft ? left++ : right++;
                    toPointers[target] = fromPointers[source];
                    toSizes[target] = fromSizes[source];
                }
            }
            long[] swap = fromPointers;
            fromPointers = toPointers;
            toPointers = swap;
            swap = fromSizes;
            fromSizes = toSizes;
            toSizes = swap;
        }
        return new AllocationTable(fromPointers, fromSizes);
    }

    private static boolean isSorted(long[] values) {
        for (int i = 1; i < values.length; i++) {
            if (values[i - 1] > values[i]) {
                return false;
            }
        }
        return true;
    }
}
