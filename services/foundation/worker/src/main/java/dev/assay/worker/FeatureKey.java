package dev.assay.worker;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.util.HexFormat;
import java.util.Objects;

/// The name of a cached feature: a hash over everything that the value depends on. Parts are named, so that two
/// values with swapped parts never meet.
///
/// ```java
/// FeatureKey.of("logits", 2).with("model", digest).with("data", digest).with("batch", 3)
/// ```
public final class FeatureKey {

    private final String purpose;
    private final byte[] hash;

    private FeatureKey(String purpose, byte[] hash) {
        this.purpose = purpose;
        this.hash = hash;
    }

    /// @param purpose what the value is, such as `logits`
    /// @param codeVersion raise it whenever the code would compute another value from the same parts
    public static FeatureKey of(String purpose, int codeVersion) {
        Objects.requireNonNull(purpose, "purpose");
        return new FeatureKey(purpose, new byte[0]).with("purpose", purpose).with("code", codeVersion);
    }

    public FeatureKey with(String part, String value) {
        return with(part, value.getBytes(StandardCharsets.UTF_8));
    }

    public FeatureKey with(String part, long value) {
        return with(part, ByteBuffer.allocate(Long.BYTES).putLong(value).array());
    }

    /// By its bits: 0.0 and -0.0 are two values.
    public FeatureKey with(String part, double value) {
        return with(part, Double.doubleToRawLongBits(value));
    }

    public FeatureKey with(String part, byte[] value) {
        byte[] name = part.getBytes(StandardCharsets.UTF_8);
        MessageDigest digest = Digests.sha256();
        digest.update(hash);
        // lengths first, so that no two sequences of parts give the same bytes
        digest.update(ByteBuffer.allocate(2 * Integer.BYTES)
                .putInt(name.length)
                .putInt(value.length)
                .flip());
        digest.update(name);
        return new FeatureKey(purpose, digest.digest(value));
    }

    /// As Redis knows it: `assay:feature:<purpose>:<hash>`.
    public String text() {
        return "assay:feature:" + purpose + ":" + HexFormat.of().formatHex(hash);
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof FeatureKey key && key.text().equals(text());
    }

    @Override
    public int hashCode() {
        return text().hashCode();
    }

    @Override
    public String toString() {
        return text();
    }
}
