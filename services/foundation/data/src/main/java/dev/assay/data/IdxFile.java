package dev.assay.data;

import dev.assay.computation.ProblemException;
import dev.assay.onnx.ElementType;
import dev.assay.runtime.Tensor;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.zip.GZIPInputStream;
import java.util.zip.ZipException;

/// IDX files, the format of MNIST (Y. LeCun): `00 00 type rank`, big-endian 32-bit dimensions, big-endian
/// elements; also packed by gzip.
public final class IdxFile {

    private static final long MAXIMUM_BYTES = Integer.MAX_VALUE;
    private static final int MAXIMUM_RANK = 8;
    private static final int CHUNK_BYTES = 1 << 20;

    /// What deflate reaches at best (zlib technical notes).
    private static final long MAXIMUM_DEFLATE_RATIO = 1032;

    private IdxFile() {}

    /// Reads an array in native byte order, which the caller closes.
    ///
    /// @throws ProblemException `damaged-idx` for a file that is none, is cut short, or goes on after its
    ///     elements
    public static Tensor read(Path file) throws IOException {
        String subject = file.getFileName().toString();
        boolean packed;
        try (InputStream in = Files.newInputStream(file)) {
            byte[] start = in.readNBytes(2);
            packed = start.length == 2 && start[0] == 0x1f && start[1] == (byte) 0x8b;
        }
        long fileBytes = Files.size(file);
        try (InputStream raw = Files.newInputStream(file);
                InputStream in = packed ? new GZIPInputStream(raw, 1 << 16) : raw) {
            return read(in, packed ? Math.multiplyExact(fileBytes, MAXIMUM_DEFLATE_RATIO) : fileBytes, subject);
        } catch (EOFException | ZipException broken) {
            throw damaged(subject, "the file ends too early or is broken: " + broken.getMessage());
        }
    }

    /// A data set of an image file `[N, H, W]` and a label file `[N]`.
    ///
    /// @throws ProblemException `damaged-idx`, and as {@link NpzImages#read}
    public static LabelledImages labelledImages(Path images, Path labels, PixelScale scale) throws IOException {
        try (Tensor labelArray = read(labels);
                Tensor imageArray = read(images)) {
            return ImageArrays.labelledImages(
                    imageArray, labelArray, scale, images.getFileName().toString());
        }
    }

    /// @param atMost what the file could yield
    private static Tensor read(InputStream in, long atMost, String subject) throws IOException {
        byte[] magic = in.readNBytes(4);
        int rank = magic.length == 4 ? magic[3] : 0;
        if (magic.length < 4 || magic[0] != 0 || magic[1] != 0 || rank < 1 || rank > MAXIMUM_RANK) {
            throw damaged(subject, "the file does not start as an IDX file: 00 00, a type, 1 to 8 dimensions");
        }
        ElementType type = type(magic[2], subject);
        ByteBuffer header = ByteBuffer.wrap(in.readNBytes(4 * rank));
        if (header.remaining() < 4 * rank) {
            throw damaged(subject, "the file ends inside its dimensions");
        }
        long[] shape = new long[rank];
        long bytes = type.bytes(1);
        for (int axis = 0; axis < rank; axis++) {
            shape[axis] = Integer.toUnsignedLong(header.getInt());
            if (shape[axis] != 0 && bytes > MAXIMUM_BYTES / shape[axis]) {
                throw damaged(subject, "the dimensions " + Arrays.toString(shape) + " ask for more than 2^31-1 bytes");
            }
            bytes *= shape[axis];
        }
        if (bytes > atMost - 4 - 4L * rank) {
            throw damaged(
                    subject,
                    "shape %s takes %d bytes, which the file does not hold".formatted(Arrays.toString(shape), bytes));
        }
        Tensor tensor = Tensor.allocate(type, shape);
        try {
            fill(in, tensor.bytes(), subject);
            swap(tensor.bytes(), (int) type.bytes(1));
            return tensor;
        } catch (IOException | RuntimeException | Error failure) {
            tensor.close();
            throw failure;
        }
    }

    private static void fill(InputStream in, ByteBuffer target, String subject) throws IOException {
        byte[] chunk = new byte[Math.min(CHUNK_BYTES, Math.max(1, target.remaining()))];
        while (target.hasRemaining()) {
            int length = in.read(chunk, 0, Math.min(chunk.length, target.remaining()));
            if (length < 0) {
                throw damaged(subject, "the file ends %d bytes before its last element".formatted(target.remaining()));
            }
            target.put(chunk, 0, length);
        }
        if (in.read() >= 0) {
            throw damaged(subject, "the file goes on after its last element");
        }
    }

    private static void swap(ByteBuffer elements, int elementBytes) {
        for (int at = 0; elementBytes > 1 && at < elements.capacity(); at += elementBytes) {
            for (int i = 0; i < elementBytes / 2; i++) {
                byte first = elements.get(at + i);
                elements.put(at + i, elements.get(at + elementBytes - 1 - i));
                elements.put(at + elementBytes - 1 - i, first);
            }
        }
    }

    private static ElementType type(byte code, String subject) {
        return switch (code) {
            case 0x08 -> ElementType.UINT8;
            case 0x09 -> ElementType.INT8;
            case 0x0B -> ElementType.INT16;
            case 0x0C -> ElementType.INT32;
            case 0x0D -> ElementType.FLOAT;
            case 0x0E -> ElementType.DOUBLE;
            default -> throw damaged(subject, "elements of the unknown type 0x%02x".formatted(code));
        };
    }

    private static ProblemException damaged(String subject, String what) {
        return new ProblemException("damaged-idx", subject, what, "give an IDX file as MNIST has them, whole");
    }
}
