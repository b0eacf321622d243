package dev.assay.contract;

import dev.assay.computation.ProblemException;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.security.SecureRandom;
import java.util.Base64;
import java.util.HexFormat;
import java.util.Set;
import java.util.regex.Pattern;

/// What the gateway knows of a key: everything but the key. One line of its file of keys.
///
/// A key is 256 random bits, so its plain SHA-256 tells nobody the key: slow hashes with salt protect passwords, which
/// can be guessed; a random key cannot.
///
/// @param name of the key in logs: lower-case letters, digits, `.`, `_`, `-`
/// @param hash SHA-256 of the key as it is sent, in hex
public record AccessKey(String name, Set<Scope> scopes, String hash) {

    /// Makes a key that has slipped into a log or a repository easy to find.
    public static final String PREFIX = "assay_";

    private static final Pattern NAME = Pattern.compile("[a-z0-9][a-z0-9._-]{0,63}");
    private static final Pattern HASH = Pattern.compile("[0-9a-f]{64}");
    private static final String HASH_PREFIX = "sha256:";
    private static final int KEY_BYTES = 32;

    public AccessKey {
        scopes = Set.copyOf(scopes);
        if (!NAME.matcher(name).matches()) {
            throw malformed("'" + name + "' cannot be the name of a key");
        }
        if (scopes.isEmpty()) {
            throw malformed("key " + name + " has no scope");
        }
        if (!HASH.matcher(hash).matches()) {
            throw malformed("the hash of key " + name + " is not 64 lower-case hex digits");
        }
    }

    /// A new key: shown once to its owner and kept nowhere.
    public static String generate() {
        byte[] random = new byte[KEY_BYTES];
        new SecureRandom().nextBytes(random);
        return PREFIX + Base64.getUrlEncoder().withoutPadding().encodeToString(random);
    }

    /// What is kept of a key.
    public static AccessKey of(String name, Set<Scope> scopes, String key) {
        return new AccessKey(name, scopes, hashOf(key));
    }

    /// @param line `name scopes sha256:hex`
    /// @throws ProblemException `malformed-key`; never quotes what stands in the place of the hash
    public static AccessKey parse(String line) {
        String[] parts = line.strip().split("\\s+");
        if (parts.length != 3 || !parts[2].startsWith(HASH_PREFIX)) {
            throw malformed("the entry is not 'name scopes sha256:hash'");
        }
        return new AccessKey(parts[0], Scope.parse(parts[1]), parts[2].substring(HASH_PREFIX.length()));
    }

    /// As {@link #parse} reads it.
    public String line() {
        return name + " " + Scope.textOf(scopes) + " " + HASH_PREFIX + hash;
    }

    /// Compares in a time that does not depend on where the hashes differ.
    public boolean isOf(String key) {
        return MessageDigest.isEqual(
                hash.getBytes(StandardCharsets.US_ASCII), hashOf(key).getBytes(StandardCharsets.US_ASCII));
    }

    private static String hashOf(String key) {
        try {
            return HexFormat.of()
                    .formatHex(MessageDigest.getInstance("SHA-256").digest(key.getBytes(StandardCharsets.UTF_8)));
        } catch (NoSuchAlgorithmException absent) {
            throw new IllegalStateException("every Java platform has SHA-256", absent);
        }
    }

    private static ProblemException malformed(String what) {
        return new ProblemException("malformed-key", "", what, "make an entry with ./assay keys new --name NAME");
    }
}
