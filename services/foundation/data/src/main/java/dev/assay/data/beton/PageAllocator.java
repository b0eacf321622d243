package dev.assay.data.beton;

import static dev.assay.data.beton.BetonLayout.I64;

import dev.assay.computation.ProblemException;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;

/// Places values in pages exactly as FFCV's allocator does: one after another without gaps; a value that does not
/// fit opens the next page, and what its sample has on the old page is given up (its bytes stay there as garbage)
/// and placed again on the new one. The rows of the allocation table are kept in a file of their own until the
/// end.
final class PageAllocator implements AutoCloseable {

    /// Instead of a pointer: a new page was opened and the sample is to be placed from its first value.
    static final long START_AGAIN = Long.MIN_VALUE;

    private final FileChannel file;
    private final long dataStart;
    private final long pageBytes;
    private final Arena arena = Arena.ofConfined();
    private final MemorySegment page;
    private final Path rowsFile;
    private final FileChannel rowsChannel;
    private final BufferedRegion rows;
    /// The rows of the sample being placed; they count only when it is.
    private MemorySegment sampleRows = MemorySegment.ofArray(new byte[8 * BetonLayout.TABLE_ROW_BYTES]);

    private int sampleRowCount;
    private long sample;
    private long pageNumber = -1;
    private long pageOffset;

    PageAllocator(FileChannel file, Path beside, long dataStart, long pageBytes) throws IOException {
        this.file = file;
        this.dataStart = dataStart;
        this.pageBytes = pageBytes;
        this.rowsFile =
                Files.createTempFile(beside.getParent(), beside.getFileName().toString(), ".rows");
        this.rowsChannel = FileChannel.open(rowsFile, StandardOpenOption.READ, StandardOpenOption.WRITE);
        this.rows = new BufferedRegion(rowsChannel, 0);
        this.page = arena.allocate(pageBytes);
    }

    /// @param totalBytes of all values of the sample
    /// @throws ProblemException `sample-too-large`, where FFCV would wait for ever
    void startSample(int number, long totalBytes, String subject) throws IOException {
        if (totalBytes > pageBytes) {
            throw new ProblemException(
                    "sample-too-large",
                    subject,
                    "sample %d takes %d bytes, a page has %d".formatted(number, totalBytes, pageBytes),
                    "choose larger pages or smaller samples");
        }
        keepSampleRows();
        sample = number;
    }

    /// Copies a value into the current page and answers its pointer, or {@link #START_AGAIN}.
    long allocate(MemorySegment value) throws IOException {
        long size = value.byteSize();
        if (size > spaceLeft()) {
            flushPage();
            pageNumber++;
            pageOffset = 0;
            page.fill((byte) 0);
            if (sampleRowCount > 0) {
                sampleRowCount = 0;
                return START_AGAIN;
            }
        }
        // Before the first page this lies one page before the data: harmless for a value of no bytes, and what
        // FFCV does.
        long pointer = dataStart + pageNumber * pageBytes + pageOffset;
        MemorySegment.copy(value, 0, page, pageOffset, size);
        pageOffset += size;
        addSampleRow(pointer, size);
        return pointer;
    }

    /// Writes what is left and the allocation table; answers where the table starts.
    ///
    /// @param metadataEnd where the file ends so far if there is no page
    long finish(long metadataEnd) throws IOException {
        keepSampleRows();
        flushPage();
        long tableStart = pageNumber < 0 ? metadataEnd : dataStart + (pageNumber + 1) * pageBytes;
        rows.flush();
        long length = rowsChannel.size();
        file.position(tableStart);
        for (long done = 0; done < length; ) {
            done += rowsChannel.transferTo(done, length - done, file);
        }
        return tableStart;
    }

    @Override
    public void close() throws IOException {
        rowsChannel.close();
        Files.deleteIfExists(rowsFile);
        if (arena.scope().isAlive()) {
            arena.close();
        }
    }

    private long spaceLeft() {
        return pageNumber < 0 ? 0 : pageBytes - pageOffset;
    }

    private void flushPage() throws IOException {
        if (pageNumber >= 0) {
            // In parts: a page may be larger than a buffer.
            for (long done = 0; done < pageBytes; done += BetonLayout.MINIMUM_PAGE) {
                ByteBuffer part = page.asSlice(done, BetonLayout.MINIMUM_PAGE).asByteBuffer();
                BufferedRegion.writeFully(file, part, dataStart + pageNumber * pageBytes + done);
            }
        }
    }

    private void addSampleRow(long pointer, long size) {
        long at = (long) sampleRowCount * BetonLayout.TABLE_ROW_BYTES;
        if (at == sampleRows.byteSize()) {
            MemorySegment larger = MemorySegment.ofArray(new byte[Math.toIntExact(2 * at)]);
            larger.asSlice(0, at).copyFrom(sampleRows);
            sampleRows = larger;
        }
        sampleRows.set(I64, at, sample);
        sampleRows.set(I64, at + 8, pointer);
        sampleRows.set(I64, at + 16, size);
        sampleRowCount++;
    }

    private void keepSampleRows() throws IOException {
        rows.write(sampleRows.asSlice(0, (long) sampleRowCount * BetonLayout.TABLE_ROW_BYTES));
        sampleRowCount = 0;
    }
}
