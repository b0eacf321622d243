package dev.assay.computation;

import java.io.BufferedInputStream;
import java.io.BufferedOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.zip.CRC32C;
import java.util.zip.CheckedOutputStream;

/// The file of a checkpoint: what it is, whose it is, the state, and a CRC-32C of all of it as the last eight
/// bytes. Streamed both ways, so that a large state never lies on the heap.
///
/// @param kind what is kept, with the version of its form, such as `training 1`; raise the version when the form
///     changes
/// @param identity everything that the course of the work depends on: a checkpoint is only for work with the same;
///     at most 65,535 bytes of modified UTF-8
public record CheckpointFile(String kind, String identity) {

    private static final String MAGIC = "assay checkpoint";
    private static final int CHECKSUM_BYTES = Long.BYTES;
    private static final int CHUNK = 1 << 16;

    @FunctionalInterface
    public interface State {
        void writeTo(DataOutputStream out) throws IOException;
    }

    /// Reads as much of a state as it wants. The bytes are those that were written, unless somebody forged them.
    @FunctionalInterface
    public interface Reader<T> {
        T read(DataInputStream in) throws IOException, UnfitCheckpointException;
    }

    /// Writes or replaces `file`.
    public void write(Path file, State state) throws IOException {
        CRC32C checksum = new CRC32C();
        try (var raw = new BufferedOutputStream(Files.newOutputStream(file), CHUNK);
                var out = new DataOutputStream(new CheckedOutputStream(raw, checksum))) {
            out.writeUTF(MAGIC);
            out.writeUTF(kind);
            out.writeUTF(identity);
            state.writeTo(out);
            out.writeLong(checksum.getValue());
        }
    }

    /// Reads a file after its checksum has been found right.
    ///
    /// @throws UnfitCheckpointException when it is damaged, no checkpoint, or of another kind or other work; or
    ///     when the reader says so, or meets the file's end
    public <T> T read(Path file, Reader<T> reader) throws UnfitCheckpointException {
        try {
            requireSound(file);
            try (var in = new DataInputStream(new BufferedInputStream(Files.newInputStream(file), CHUNK))) {
                requireNext(MAGIC, in, "is no checkpoint");
                requireNext(kind, in, "is of another kind or version than '" + kind + "'");
                requireNext(identity, in, "belongs to work on other data or with other settings");
                return reader.read(in);
            }
        } catch (IOException failure) {
            throw unreadable(failure);
        }
    }

    private static void requireSound(Path file) throws IOException, UnfitCheckpointException {
        long remaining = Files.size(file) - CHECKSUM_BYTES;
        if (remaining < 0) {
            throw new UnfitCheckpointException("has " + Files.size(file) + " bytes, which is too few");
        }
        CRC32C checksum = new CRC32C();
        byte[] chunk = new byte[CHUNK];
        try (InputStream bytes = Files.newInputStream(file);
                DataInputStream in = new DataInputStream(bytes)) {
            while (remaining > 0) {
                int read = (int) Math.min(remaining, CHUNK);
                in.readFully(chunk, 0, read);
                checksum.update(chunk, 0, read);
                remaining -= read;
            }
            if (in.readLong() != checksum.getValue()) {
                throw new UnfitCheckpointException("is damaged: its checksum is not that of its bytes");
            }
        }
    }

    private static void requireNext(String expected, DataInputStream in, String otherwise)
            throws IOException, UnfitCheckpointException {
        if (!in.readUTF().equals(expected)) {
            throw new UnfitCheckpointException(otherwise);
        }
    }

    private static UnfitCheckpointException unreadable(IOException failure) {
        UnfitCheckpointException unfit = new UnfitCheckpointException("cannot be read: " + failure);
        unfit.initCause(failure);
        return unfit;
    }
}
