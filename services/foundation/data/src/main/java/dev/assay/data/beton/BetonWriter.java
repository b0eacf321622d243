package dev.assay.data.beton;

import static dev.assay.data.beton.BetonLayout.F64;
import static dev.assay.data.beton.BetonLayout.I64;
import static dev.assay.data.beton.BetonLayout.U16;
import static dev.assay.data.beton.BetonLayout.U32;

import dev.assay.computation.ProblemException;
import dev.assay.data.beton.BetonField.ArrayField;
import dev.assay.data.beton.BetonField.BytesField;
import dev.assay.data.beton.BetonField.FloatField;
import dev.assay.data.beton.BetonField.ImageField;
import dev.assay.data.beton.BetonField.IntField;
import dev.assay.data.beton.BetonField.JsonField;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.List;

/// Writes a `.beton` file sample by sample, byte for byte as FFCV 1.0.1 does with one process. Memory stays
/// bounded by one page, however many samples there are. The file appears under its name when it is whole; closing
/// the writer before {@link #finish} leaves nothing behind. Belongs to one thread.
public final class BetonWriter implements AutoCloseable {

    /// FFCV's default.
    public static final long DEFAULT_PAGE_BYTES = 1L << 23;

    /// The smallest that FFCV reads.
    public static final long SMALLEST_PAGE_BYTES = BetonLayout.MINIMUM_PAGE;

    private final Path target;
    private final Path temporary;
    private final FileChannel file;
    private final BetonLayout layout;
    private final int samples;
    private final long pageBytes;
    private final PageAllocator pages;
    private final BufferedRegion metadata;
    private final MemorySegment record;
    private int appended;
    private boolean finished;

    private BetonWriter(Path target, Path temporary, FileChannel file, BetonLayout layout, int samples, long pageBytes)
            throws IOException {
        this.target = target;
        this.temporary = temporary;
        this.file = file;
        this.layout = layout;
        this.samples = samples;
        this.pageBytes = pageBytes;
        this.pages = new PageAllocator(file, temporary, layout.dataStart(samples, pageBytes), pageBytes);
        this.metadata = new BufferedRegion(file, layout.metadataStart());
        this.record = MemorySegment.ofArray(new byte[layout.recordBytes()]);
    }

    public static BetonWriter create(Path target, List<BetonField> fields, int samples) throws IOException {
        return create(target, fields, samples, DEFAULT_PAGE_BYTES);
    }

    /// @param samples how many will be appended; the format needs to know before the first
    /// @param pageBytes a power of two, 2^21 to 2^31; all values of one sample together must fit into a page
    /// @throws ProblemException `empty-data-set`, `invalid-fields`, `invalid-page-size`
    public static BetonWriter create(Path target, List<BetonField> fields, int samples, long pageBytes)
            throws IOException {
        String subject = target.getFileName().toString();
        if (samples < 1) {
            throw new ProblemException(
                    "empty-data-set", subject, "a .beton file of %d samples".formatted(samples), "give at least one");
        }
        if (!BetonLayout.isPageSize(pageBytes)) {
            throw new ProblemException(
                    "invalid-page-size",
                    subject,
                    "pages of %d bytes".formatted(pageBytes),
                    "give a power of two of 2^21 to 2^31");
        }
        BetonLayout layout = BetonLayout.of(fields, subject);
        Path temporary = Files.createTempFile(target.toAbsolutePath().getParent(), subject, ".part");
        FileChannel file = FileChannel.open(temporary, StandardOpenOption.WRITE);
        try {
            return new BetonWriter(target, temporary, file, layout, samples, pageBytes);
        } catch (IOException | RuntimeException | Error failure) {
            file.close();
            Files.delete(temporary);
            throw failure;
        }
    }

    /// Appends a sample: a value for each field, in the order of the fields.
    ///
    /// @throws ProblemException `sample-too-large` if the values do not fit into a page
    /// @throws IllegalArgumentException if a value is not what its field holds
    public void append(List<BetonValue> values) throws IOException {
        if (values.size() != layout.fields().size()) {
            throw new IllegalArgumentException("%d values for the fields %s".formatted(values.size(), layout.fields()));
        }
        if (appended == samples) {
            throw new IllegalStateException("all %d samples are written".formatted(samples));
        }
        MemorySegment[] contents = contents(values);
        pages.startSample(appended, total(contents), target.getFileName().toString());
        if (!place(values, contents) && !place(values, contents)) {
            throw new IllegalStateException("a sample that fits into a page did not");
        }
        metadata.write(record);
        appended++;
    }

    /// Completes the file and gives it its name.
    public void finish() throws IOException {
        if (appended != samples) {
            throw new IllegalStateException("%d of %d samples are written".formatted(appended, samples));
        }
        metadata.flush();
        long tableStart = pages.finish(layout.metadataEnd(samples));
        writeHeader(tableStart);
        file.force(true);
        file.close();
        Files.move(temporary, target, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
        finished = true;
    }

    @Override
    public void close() throws IOException {
        pages.close();
        file.close();
        if (!finished) {
            Files.deleteIfExists(temporary);
        }
    }

    /// What goes into the pages for each field; null for the fields that lie in the record.
    private MemorySegment[] contents(List<BetonValue> values) {
        MemorySegment[] contents = new MemorySegment[values.size()];
        for (int field = 0; field < contents.length; field++) {
            contents[field] = content(layout.fields().get(field), values.get(field));
        }
        return contents;
    }

    private static MemorySegment content(BetonField field, BetonValue value) {
        return switch (field) {
            case IntField _ when value instanceof BetonValue.IntValue -> null;
            case FloatField _ when value instanceof BetonValue.FloatValue -> null;
            case ImageField _ when value instanceof BetonValue.RawImage image -> image.pixels();
            case BytesField _ when value instanceof BetonValue.Bytes bytes -> bytes.bytes();
            case JsonField _ when value instanceof BetonValue.Json json -> ascii(json.text());
            case ArrayField array
            when value instanceof BetonValue.Array(MemorySegment bytes) && bytes.byteSize() == array.valueBytes() ->
                bytes;
            default -> throw new IllegalArgumentException(value + " is no value of " + field);
        };
    }

    private static long total(MemorySegment[] contents) {
        long total = 0;
        for (MemorySegment content : contents) {
            total += content == null ? 0 : content.byteSize();
        }
        return total;
    }

    /// Fills the record and copies the values into the page; answers whether they fitted. If not, a new page is
    /// there and what was placed of the sample is forgotten, so that a sample lies in one page, as FFCV's readers
    /// expect.
    private boolean place(List<BetonValue> values, MemorySegment[] contents) throws IOException {
        record.fill((byte) 0);
        for (int field = 0; field < contents.length; field++) {
            long offset = layout.offsets().get(field);
            long pointer = 0;
            if (contents[field] != null) {
                pointer = pages.allocate(contents[field]);
                if (pointer == PageAllocator.START_AGAIN) {
                    return false;
                }
            }
            describe(values.get(field), offset, pointer, contents[field]);
        }
        return true;
    }

    private void describe(BetonValue value, long offset, long pointer, MemorySegment content) {
        switch (value) {
            case BetonValue.IntValue(long number) -> record.set(I64, offset, number);
            case BetonValue.FloatValue(double number) -> record.set(F64, offset, number);
            case BetonValue.RawImage image -> {
                record.set(ValueLayout.JAVA_BYTE, offset, (byte) BetonLayout.MODE_RAW);
                record.set(U16, offset + 1, (short) image.width());
                record.set(U16, offset + 3, (short) image.height());
                record.set(I64, offset + 5, pointer);
            }
            case BetonValue.Bytes _, BetonValue.Json _ -> {
                record.set(I64, offset, pointer);
                record.set(I64, offset + 8, content.byteSize());
            }
            case BetonValue.Array _ -> record.set(I64, offset, pointer);
        }
    }

    private void writeHeader(long tableStart) throws IOException {
        MemorySegment start = MemorySegment.ofArray(new byte[Math.toIntExact(layout.metadataStart())]);
        start.set(U16, 0, (short) BetonLayout.VERSION);
        start.set(U16, 2, (short) layout.fields().size());
        start.set(U32, 4, (int) pageBytes);
        start.set(I64, 8, samples);
        start.set(I64, 16, tableStart);
        for (int field = 0; field < layout.fields().size(); field++) {
            long offset = BetonLayout.HEADER_BYTES + (long) BetonLayout.DESCRIPTOR_BYTES * field;
            FieldDescriptor.write(layout.fields().get(field), start.asSlice(offset, BetonLayout.DESCRIPTOR_BYTES));
        }
        BufferedRegion.writeFully(file, start.asByteBuffer(), 0);
    }

    /// As Python's json.dumps writes it: other characters than ASCII as escapes of four hexadecimal digits, and
    /// here a zero at the end.
    private static MemorySegment ascii(String text) {
        StringBuilder ascii = new StringBuilder(text.length() + 1);
        for (int i = 0; i < text.length(); i++) {
            char character = text.charAt(i);
            if (character < 0x80) {
                ascii.append(character);
            } else {
                ascii.append("\\u%04x".formatted((int) character));
            }
        }
        return MemorySegment.ofArray(ascii.append('\0').toString().getBytes(StandardCharsets.US_ASCII));
    }
}
