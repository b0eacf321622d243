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
/// @param tenant whose work it opens; empty: that of the tenant without a name
/// @param hash SHA-256 of the key as it is sent, in hex
public record AccessKey(String name, String tenant, Set<Scope> scopes, String hash) {

    /// Makes a key that has slipped into a log or a repository easy to find.
    public static final String PREFIX = "assay_";

    private static final Pattern NAME = Pattern.compile("[a-z0-9][a-z0-9._-]{0,63}");
    private static final Pattern HASH = Pattern.compile("[0-9a-f]{64}");
    private static final String AT = "@";
    private static final String HASH_PREFIX = "sha256:";
    private static final int KEY_BYTES = 32;

    public AccessKey {
        scopes = Set.copyOf(scopes);
        if (!NAME.matcher(name).matches()) {
            throw malformed("'" + name + "' cannot be the name of a key");
        }
        if (!Tenant.isName(tenant)) {
            throw malformed("'" + tenant + "' cannot be the name of a tenant (" + Tenant.FORM + ")");
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
    public static AccessKey of(String name, String tenant, Set<Scope> scopes, String key) {
        return new AccessKey(name, tenant, scopes, hashOf(key));
    }

    /// What is kept of a key of the tenant without a name.
    public static AccessKey of(String name, Set<Scope> scopes, String key) {
        return of(name, Tenant.NAMELESS, scopes, key);
    }

    /// @param line `name scopes sha256:hex`, or `name@tenant scopes sha256:hex`
    /// @throws ProblemException `malformed-key`; never quotes what stands in the place of the hash
    public static AccessKey parse(String line) {
        String[] parts = line.strip().split("\\s+");
        if (parts.length != 3 || !parts[2].startsWith(HASH_PREFIX)) {
            throw malformed("the entry is not 'name scopes sha256:hash' or 'name@tenant scopes sha256:hash'");
        }
        String[] owner = parts[0].split(AT, 2);
        if (owner.length == 2 && owner[1].isEmpty()) {
            throw malformed("'" + parts[0] + "' names no tenant after '" + AT + "'");
        }
        String tenant = owner.length == 2 ? owner[1] : Tenant.NAMELESS;
        return new AccessKey(owner[0], tenant, Scope.parse(parts[1]), parts[2].substring(HASH_PREFIX.length()));
    }

    /// As {@link #parse} reads it.
    public String line() {
        return label() + " " + Scope.textOf(scopes) + " " + HASH_PREFIX + hash;
    }

    /// How logs and problems name it: `alice`, or `alice@acme`. No other key of the file has this.
    public String label() {
        return tenant.equals(Tenant.NAMELESS) ? name : name + AT + tenant;
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
