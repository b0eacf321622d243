package dev.assay.cli.mesh;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.function.LongConsumer;

/// Names of artifacts: `sha256:` and 64 lower-case hex digits.
final class Digests {

    private static final int CHUNK = 1 << 20;

    private Digests() {}

    /// Reads a file once, in pieces, and tells how many bytes were read so far after each piece.
    static String of(Path file, LongConsumer read) throws IOException {
        MessageDigest digest = sha256();
        byte[] chunk = new byte[CHUNK];
        long done = 0;
        try (InputStream stream = Files.newInputStream(file)) {
            for (int length = stream.read(chunk); length >= 0; length = stream.read(chunk)) {
                digest.update(chunk, 0, length);
                done += length;
                read.accept(done);
            }
        }
        return name(digest);
    }

    static String name(MessageDigest digest) {
        return "sha256:" + HexFormat.of().formatHex(digest.digest());
    }

    static MessageDigest sha256() {
        try {
            return MessageDigest.getInstance("SHA-256");
        } catch (NoSuchAlgorithmException absent) {
            throw new IllegalStateException("every Java platform has SHA-256", absent);
        }
    }
}
