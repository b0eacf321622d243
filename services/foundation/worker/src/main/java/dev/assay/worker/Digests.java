package dev.assay.worker;

import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.regex.Pattern;

/// Names of artifacts: `sha256:` and 64 lower-case hex digits.
public final class Digests {

    private static final String PREFIX = "sha256:";
    private static final Pattern FORM = Pattern.compile("sha256:[0-9a-f]{64}");

    private Digests() {}

    public static boolean isValid(String digest) {
        return FORM.matcher(digest).matches();
    }

    /// @throws IllegalArgumentException if it is no digest
    public static String requireValid(String digest) {
        if (!isValid(digest)) {
            throw new IllegalArgumentException("'" + digest + "' is not sha256: and 64 lower-case hex digits");
        }
        return digest;
    }

    public static String of(byte[] content) {
        return of(sha256().digest(content), PREFIX);
    }

    static String ofHash(byte[] hash) {
        return of(hash, PREFIX);
    }

    static String hex(String digest) {
        return requireValid(digest).substring(PREFIX.length());
    }

    static MessageDigest sha256() {
        try {
            return MessageDigest.getInstance("SHA-256");
        } catch (NoSuchAlgorithmException missing) {
            throw new IllegalStateException("every Java platform has SHA-256", missing);
        }
    }

    private static String of(byte[] hash, String prefix) {
        return prefix + HexFormat.of().formatHex(hash);
    }
}
