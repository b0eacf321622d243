package dev.assay.data.beton;

import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;

/// A stretch of a file that is written from its start on, in large pieces, while other stretches are written too.
final class BufferedRegion {

    private static final int BUFFER_BYTES = 1 << 16;

    private final FileChannel file;
    private final ByteBuffer buffer = ByteBuffer.allocate(BUFFER_BYTES);
    private long position;

    BufferedRegion(FileChannel file, long start) {
        this.file = file;
        this.position = start;
    }

    void write(MemorySegment bytes) throws IOException {
        ByteBuffer source = bytes.asByteBuffer();
        while (source.hasRemaining()) {
            if (!buffer.hasRemaining()) {
                flush();
            }
            int length = Math.min(buffer.remaining(), source.remaining());
            buffer.put(buffer.position(), source, source.position(), length);
            buffer.position(buffer.position() + length);
            source.position(source.position() + length);
        }
    }

    void flush() throws IOException {
        buffer.flip();
        position += writeFully(file, buffer, position);
        buffer.clear();
    }

    static long writeFully(FileChannel file, ByteBuffer bytes, long start) throws IOException {
        long at = start;
        while (bytes.hasRemaining()) {
            at += file.write(bytes, at);
        }
        return at - start;
    }
}
