package dev.assay.runtime;

import dev.assay.computation.ProblemException;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;

/// numpy's array files (.npy), versions 1.0, 2.0 and 3.0 (numpy, "NEP 1: a simple file format for NumPy arrays").
///
/// Big-endian elements and Fortran order are converted while reading: a {@link Tensor} is native and in C order.
/// What a header claims is checked against the bytes that are there before anything is allocated. Written is
/// version 1.0, byte for byte as numpy does.
public final class Npy {

    private static final byte[] MAGIC = {(byte) 0x93, 'N', 'U', 'M', 'P', 'Y'};

    /// numpy itself refuses longer ones unless told to trust the file.
    private static final int MAXIMUM_HEADER_BYTES = 65_536;

    /// numpy pads its headers so that the elements start at a multiple of this.
    private static final int ALIGNMENT = 64;

    private static final int CHUNK_BYTES = 1 << 20;

    private Npy() {}

    /// Reads a whole file into a tensor that the caller closes.
    ///
    /// @throws ProblemException `damaged-npy` for a file that is not one, is cut short or goes on after its
    ///     elements; `unsupported-element-type` for objects, text, complex numbers and structures
    public static Tensor read(Path file) throws IOException {
        try (InputStream in = Files.newInputStream(file)) {
            return read(in, Files.size(file), file.getFileName().toString());
        }
    }

    /// Reads an array that is `totalBytes` long in the stream, header included; `subject` names it in problems.
    public static Tensor read(InputStream in, long totalBytes, String subject) throws IOException {
        CountingReader reader = new CountingReader(in, totalBytes, subject);
        NpyHeader header = readHeader(reader);
        requireElementsFollow(header, reader);
        long[] shape = header.dimensions();
        Tensor tensor = Tensor.allocate(header.type(), shape);
        try {
            reader.fill(tensor.memory());
            if (header.byteOrder() != ByteOrder.nativeOrder()) {
                ArrayLayouts.swapBytes(tensor.memory(), OnnxTypes.elementBytes(header.type()));
            }
            return switch (header.layout()) {
                case C_ORDER -> tensor;
                case FORTRAN_ORDER -> ArrayLayouts.fromFortranOrder(tensor);
            };
        } catch (IOException | RuntimeException | Error failure) {
            tensor.close();
            throw failure;
        }
    }

    /// Reads the shape alone, without the elements.
    public static long[] readShape(Path file) throws IOException {
        try (InputStream in = Files.newInputStream(file)) {
            String subject = file.getFileName().toString();
            return readHeader(new CountingReader(in, Files.size(file), subject)).dimensions();
        }
    }

    /// Writes a file as `numpy.save` would. The file is not there until it is whole.
    public static void write(Tensor tensor, Path file) throws IOException {
        AtomicFiles.write(file, out -> write(tensor, out));
    }

    public static void write(Tensor tensor, OutputStream out) throws IOException {
        out.write(header(tensor));
        MemorySegment memory = tensor.memory();
        byte[] chunk = new byte[(int) Math.min(CHUNK_BYTES, memory.byteSize())];
        for (long done = 0; done < memory.byteSize(); done += chunk.length) {
            int length = (int) Math.min(chunk.length, memory.byteSize() - done);
            MemorySegment.copy(memory, ValueLayout.JAVA_BYTE, done, chunk, 0, length);
            out.write(chunk, 0, length);
        }
    }

    /// How many bytes {@link #write} will write.
    static long writtenBytes(Tensor tensor) {
        return header(tensor).length + tensor.byteSize();
    }

    /// The shape of an array that is `totalBytes` long in the stream, without its elements.
    static long[] readShape(InputStream in, long totalBytes, String subject) throws IOException {
        CountingReader reader = new CountingReader(in, totalBytes, subject);
        NpyHeader header = readHeader(reader);
        requireElementsFollow(header, reader);
        return header.dimensions();
    }

    private static void requireElementsFollow(NpyHeader header, CountingReader reader) {
        long[] shape = header.dimensions();
        long claimed = Shapes.bytes(shape, OnnxTypes.elementBytes(header.type()), reader.subject);
        if (claimed != reader.remaining()) {
            throw damaged(
                    reader.subject,
                    "%s%s takes %d bytes, but %d follow the header"
                            .formatted(header.type(), Arrays.toString(shape), claimed, reader.remaining()));
        }
    }

    static ProblemException damaged(String subject, String what) {
        return new ProblemException(
                "damaged-npy", subject, what, "give a file as numpy.save or numpy.savez writes it, whole");
    }

    private static NpyHeader readHeader(CountingReader reader) throws IOException {
        byte[] start = reader.read(8, "magic bytes");
        if (!Arrays.equals(start, 0, MAGIC.length, MAGIC, 0, MAGIC.length)) {
            throw damaged(reader.subject, "the file does not start with the bytes \\x93NUMPY");
        }
        int version = start[6];
        long length = switch (version) {
            case 1 -> littleEndian(reader.read(2, "header length"));
            case 2, 3 -> littleEndian(reader.read(4, "header length"));
            default -> throw damaged(reader.subject, "version %d.%d is not known".formatted(version, start[7]));
        };
        if (length > MAXIMUM_HEADER_BYTES) {
            throw damaged(
                    reader.subject,
                    "a header of %d bytes; at most %d are read".formatted(length, MAXIMUM_HEADER_BYTES));
        }
        byte[] text = reader.read((int) length, "header");
        return NpyHeader.parse(
                new String(text, version == 3 ? StandardCharsets.UTF_8 : StandardCharsets.ISO_8859_1), reader.subject);
    }

    private static byte[] header(Tensor tensor) {
        String text = NpyHeader.format(tensor.type(), tensor.shape(), "tensor");
        int unpadded = MAGIC.length + 4 + text.length() + 1;
        int padding = (ALIGNMENT - unpadded % ALIGNMENT) % ALIGNMENT;
        int textBytes = text.length() + padding + 1;
        byte[] header = new byte[MAGIC.length + 4 + textBytes];
        System.arraycopy(MAGIC, 0, header, 0, MAGIC.length);
        header[6] = 1;
        header[8] = (byte) textBytes;
        header[9] = (byte) (textBytes >>> 8);
        byte[] line = (text + " ".repeat(padding) + "\n").getBytes(StandardCharsets.US_ASCII);
        System.arraycopy(line, 0, header, 10, line.length);
        return header;
    }

    private static long littleEndian(byte[] bytes) {
        long value = 0;
        for (int i = bytes.length - 1; i >= 0; i--) {
            value = value << 8 | bytes[i] & 0xFF;
        }
        return value;
    }

    /// Knows how many bytes the file still has, so that nothing is allocated on the word of the file alone.
    private static final class CountingReader {

        private final InputStream in;
        private final long total;
        private final String subject;
        private long position;

        CountingReader(InputStream in, long total, String subject) {
            this.in = in;
            this.total = total;
            this.subject = subject;
        }

        long remaining() {
            return total - position;
        }

        byte[] read(int length, String what) throws IOException {
            if (length > remaining()) {
                throw damaged(subject, "the file ends at byte %d, inside the %s".formatted(total, what));
            }
            byte[] bytes = in.readNBytes(length);
            position += bytes.length;
            if (bytes.length < length) {
                throw new EOFException("%s ended at byte %d of %d".formatted(subject, position, total));
            }
            return bytes;
        }

        void fill(MemorySegment memory) throws IOException {
            byte[] chunk = new byte[(int) Math.min(CHUNK_BYTES, memory.byteSize())];
            for (long done = 0; done < memory.byteSize(); ) {
                int length = in.read(chunk, 0, (int) Math.min(chunk.length, memory.byteSize() - done));
                if (length < 0) {
                    throw new EOFException("%s ended at byte %d of %d".formatted(subject, position + done, total));
                }
                MemorySegment.copy(chunk, 0, memory, ValueLayout.JAVA_BYTE, done, length);
                done += length;
            }
            position += memory.byteSize();
        }
    }
}
