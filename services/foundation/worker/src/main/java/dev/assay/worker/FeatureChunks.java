package dev.assay.worker;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/// How a cached value is cut into pieces, and how it is known to be whole again.
final class FeatureChunks {

    static final int CHUNK = 1 << 20;

    private FeatureChunks() {}

    /// @param length of the value in bytes
    /// @param hash SHA-256 of the value
    record Head(int length, byte[] hash) {

        private static final int VERSION = 1;
        private static final int BYTES = 2 * Integer.BYTES + 32;

        static Head of(byte[] value) {
            return new Head(value.length, Digests.sha256().digest(value));
        }

        /// Empty when the bytes are no head that this version writes.
        static Optional<Head> parse(byte[] bytes) {
            if (bytes.length != BYTES) {
                return Optional.empty();
            }
            ByteBuffer buffer = ByteBuffer.wrap(bytes);
            int version = buffer.getInt();
            int length = buffer.getInt();
            byte[] hash = new byte[32];
            buffer.get(hash);
            return version == VERSION && length >= 0 ? Optional.of(new Head(length, hash)) : Optional.empty();
        }

        byte[] toBytes() {
            return ByteBuffer.allocate(BYTES)
                    .putInt(VERSION)
                    .putInt(length)
                    .put(hash)
                    .array();
        }

        int chunks() {
            return Math.ceilDiv(length, CHUNK);
        }

        /// The value; empty when a chunk is missing or anything is not as it was put.
        Optional<byte[]> join(List<byte[]> chunks) {
            if (chunks.stream().mapToLong(chunk -> chunk.length).sum() != length) {
                return Optional.empty();
            }
            ByteBuffer value = ByteBuffer.allocate(length);
            chunks.forEach(value::put);
            return Arrays.equals(Digests.sha256().digest(value.array()), hash)
                    ? Optional.of(value.array())
                    : Optional.empty();
        }
    }

    static List<byte[]> cut(byte[] value) {
        List<byte[]> chunks = new ArrayList<>();
        for (int from = 0; from < value.length; from += CHUNK) {
            chunks.add(Arrays.copyOfRange(value, from, Math.min(value.length, from + CHUNK)));
        }
        return chunks;
    }
}
