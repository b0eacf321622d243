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
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.OptionalInt;

/// Reads a `.beton` file through a memory mapping. Its structure is checked when it is opened, each value when it
/// is asked for: a damaged file is answered by a {@link ProblemException} of type `damaged-beton` that says what
/// is wrong at which byte. Nothing is allocated by the word of the file alone.
///
/// Values are views of the mapping and die with the reader. May be used from many threads.
public final class BetonReader implements AutoCloseable {

    private final Arena arena;
    private final MemorySegment file;
    private final BetonLayout layout;
    private final AllocationTable allocations;
    private final int count;
    private final long pageBytes;
    private final String subject;

    private BetonReader(
            Arena arena,
            MemorySegment file,
            BetonLayout layout,
            AllocationTable allocations,
            int count,
            long pageBytes,
            String subject) {
        this.arena = arena;
        this.file = file;
        this.layout = layout;
        this.allocations = allocations;
        this.count = count;
        this.pageBytes = pageBytes;
        this.subject = subject;
    }

    /// @throws ProblemException `damaged-beton`, `unsupported-field`
    public static BetonReader open(Path path) throws IOException {
        Arena arena = Arena.ofShared();
        try (FileChannel channel = FileChannel.open(path, StandardOpenOption.READ)) {
            MemorySegment file = channel.map(FileChannel.MapMode.READ_ONLY, 0, channel.size(), arena);
            return read(arena, file, path.getFileName().toString());
        } catch (IOException | RuntimeException | Error failure) {
            arena.close();
            throw failure;
        }
    }

    /// In the order of the file.
    public List<BetonField> fields() {
        return layout.fields();
    }

    public OptionalInt fieldIndex(String name) {
        for (int field = 0; field < fields().size(); field++) {
            if (fields().get(field).name().equals(name)) {
                return OptionalInt.of(field);
            }
        }
        return OptionalInt.empty();
    }

    /// The number of samples.
    public int count() {
        return count;
    }

    public long pageBytes() {
        return pageBytes;
    }

    /// The value of any kind of field.
    ///
    /// @throws ProblemException `damaged-beton`; `unsupported-image-mode` for an image stored as JPEG
    public BetonValue value(int field, int sample) {
        return switch (fields().get(field)) {
            case IntField _ -> new BetonValue.IntValue(intAt(field, sample));
            case FloatField _ -> new BetonValue.FloatValue(file.get(F64, recordAt(field, sample)));
            case ImageField _ -> imageAt(field, sample);
            case BytesField _ -> new BetonValue.Bytes(sizedAt(field, sample));
            case JsonField _ -> new BetonValue.Json(jsonAt(field, sample));
            case ArrayField _ -> new BetonValue.Array(arrayAt(field, sample));
        };
    }

    public long intAt(int field, int sample) {
        requireField(field, IntField.class);
        return file.get(I64, recordAt(field, sample));
    }

    /// The raw pixels of an image field.
    public BetonValue.RawImage imageAt(int field, int sample) {
        requireField(field, ImageField.class);
        long record = recordAt(field, sample);
        int mode = Byte.toUnsignedInt(file.get(ValueLayout.JAVA_BYTE, record));
        int width = Short.toUnsignedInt(file.get(U16, record + 1));
        int height = Short.toUnsignedInt(file.get(U16, record + 3));
        if (width == 0 || height == 0) {
            throw damaged(record + 1, sample, "the image has %d x %d pixels".formatted(width, height));
        }
        switch (mode) {
            case BetonLayout.MODE_RAW -> {}
            case BetonLayout.MODE_JPG ->
                throw new ProblemException(
                        "unsupported-image-mode",
                        subject,
                        "sample %d is stored as JPEG (at byte %d); only raw pixels are read".formatted(sample, record),
                        "write the data set with write_mode='raw'");
            default -> throw damaged(record, sample, "the image is stored in the unknown mode " + mode);
        }
        MemorySegment pixels = stretch(file.get(I64, record + 5), 3L * width * height, record + 5, sample);
        return new BetonValue.RawImage(width, height, pixels);
    }

    /// The bytes of an array field; its type and shape are the field's.
    public MemorySegment arrayAt(int field, int sample) {
        ArrayField array = (ArrayField) requireField(field, ArrayField.class);
        long record = recordAt(field, sample);
        return stretch(file.get(I64, record), array.valueBytes(), record, sample);
    }

    @Override
    public void close() {
        if (arena.scope().isAlive()) {
            arena.close();
        }
    }

    private String jsonAt(int field, int sample) {
        MemorySegment bytes = sizedAt(field, sample);
        long end = bytes.byteSize() - 1;
        if (end < 0 || bytes.get(ValueLayout.JAVA_BYTE, end) != 0) {
            throw damaged(recordAt(field, sample), sample, "the JSON text has no zero at its end");
        }
        String text = new String(bytes.asSlice(0, end).toArray(ValueLayout.JAVA_BYTE), StandardCharsets.UTF_8);
        if (text.indexOf('\0') >= 0) {
            throw damaged(recordAt(field, sample), sample, "the JSON text has a zero inside");
        }
        return text;
    }

    private MemorySegment sizedAt(int field, int sample) {
        long record = recordAt(field, sample);
        return stretch(file.get(I64, record), file.get(I64, record + 8), record, sample);
    }

    /// The bytes of a value, if the allocation table agrees that they are its.
    private MemorySegment stretch(long pointer, long size, long record, int sample) {
        if (size == 0) {
            return MemorySegment.NULL;
        }
        long allocated = allocations.sizeAt(pointer);
        if (allocated < 0) {
            throw damaged(
                    record,
                    sample,
                    "its pointer %s is not in the allocation table".formatted(Long.toUnsignedString(pointer)));
        }
        if (allocated != size) {
            throw damaged(
                    record,
                    sample,
                    "the value takes %s bytes, but %d are allocated at %d"
                            .formatted(Long.toUnsignedString(size), allocated, pointer));
        }
        return file.asSlice(pointer, size);
    }

    private long recordAt(int field, int sample) {
        Objects.checkIndex(sample, count);
        return layout.metadataStart()
                + (long) sample * layout.recordBytes()
                + layout.offsets().get(field);
    }

    private BetonField requireField(int field, Class<? extends BetonField> kind) {
        BetonField found = fields().get(field);
        if (!kind.isInstance(found)) {
            throw new IllegalArgumentException(found + " is no " + kind.getSimpleName());
        }
        return found;
    }

    private ProblemException damaged(long offset, int sample, String what) {
        return Damage.at(offset, subject, "sample %d: %s".formatted(sample, what));
    }

    private static BetonReader read(Arena arena, MemorySegment file, String subject) {
        long fileBytes = file.byteSize();
        if (fileBytes < BetonLayout.HEADER_BYTES) {
            throw Damage.at(fileBytes, subject, "the file ends inside the header of 24 bytes");
        }
        int version = Short.toUnsignedInt(file.get(U16, 0));
        if (version != BetonLayout.VERSION) {
            throw Damage.at(0, subject, "file version %d, or no .beton file; version 2 is read".formatted(version));
        }
        long pageBytes = Integer.toUnsignedLong(file.get(U32, 4));
        if (!BetonLayout.isPageSize(pageBytes)) {
            throw Damage.at(
                    4, subject, "pages of %d bytes; a power of two of 2^21 to 2^31 is right".formatted(pageBytes));
        }
        BetonLayout layout = layout(file, subject);
        long samples = file.get(I64, 8);
        long tableStart = file.get(I64, 16);
        if (tableStart < layout.metadataStart() || tableStart > fileBytes) {
            throw Damage.at(
                    16,
                    subject,
                    "the allocation table is said to start at byte %s of %d"
                            .formatted(Long.toUnsignedString(tableStart), fileBytes));
        }
        long room = (tableStart - layout.metadataStart()) / layout.recordBytes();
        if (samples < 0 || samples > Math.min(room, Integer.MAX_VALUE)) {
            throw Damage.at(
                    8,
                    subject,
                    "the file is said to hold %s samples; there is room for %d"
                            .formatted(Long.toUnsignedString(samples), Math.min(room, Integer.MAX_VALUE)));
        }
        AllocationTable allocations = allocations(file, layout, samples, pageBytes, tableStart, subject);
        layout.requireArraysFit(pageBytes, subject);
        return new BetonReader(arena, file, layout, allocations, (int) samples, pageBytes, subject);
    }

    private static BetonLayout layout(MemorySegment file, String subject) {
        int fieldCount = Short.toUnsignedInt(file.get(U16, 2));
        long descriptorsEnd = BetonLayout.HEADER_BYTES + (long) BetonLayout.DESCRIPTOR_BYTES * fieldCount;
        if (descriptorsEnd > file.byteSize()) {
            throw Damage.at(
                    2,
                    subject,
                    "the descriptors of %d fields would end at byte %d, but the file has %d bytes"
                            .formatted(fieldCount, descriptorsEnd, file.byteSize()));
        }
        List<BetonField> fields = new ArrayList<>();
        for (int field = 0; field < fieldCount; field++) {
            long offset = BetonLayout.HEADER_BYTES + (long) BetonLayout.DESCRIPTOR_BYTES * field;
            fields.add(FieldDescriptor.read(file.asSlice(offset, BetonLayout.DESCRIPTOR_BYTES), offset, subject));
        }
        return BetonLayout.of(fields, subject);
    }

    private static AllocationTable allocations(
            MemorySegment file, BetonLayout layout, long samples, long pageBytes, long tableStart, String subject) {
        long tableBytes = file.byteSize() - tableStart;
        long expected = Math.multiplyExact(samples, layout.pagedFields() * BetonLayout.TABLE_ROW_BYTES);
        if (tableBytes != expected) {
            throw Damage.at(
                    tableStart,
                    subject,
                    "the allocation table has %d bytes; %d samples with %d values in pages take %d"
                            .formatted(tableBytes, samples, layout.pagedFields(), expected));
        }
        long dataStart = layout.dataStart(samples, pageBytes);
        boolean noPages = tableStart == layout.metadataEnd(samples);
        if (!noPages && (tableStart < dataStart || (tableStart - dataStart) % pageBytes != 0)) {
            throw Damage.at(
                    16,
                    subject,
                    "the allocation table starts at byte %d, which is not the end of a page".formatted(tableStart));
        }
        return AllocationTable.read(file.asSlice(tableStart), tableStart, dataStart, samples, subject);
    }
}
