package dev.assay.gateway.http;

import dev.assay.computation.ProblemException;
import java.util.Base64;
import java.util.HexFormat;
import java.util.LinkedHashSet;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// What a client says the SHA-256 of its body is, in any of the ways that it may say so.
public final class ExpectedDigest {

    private static final Pattern HEX = Pattern.compile("(?:sha256:)?([0-9a-f]{64})");

    /// RFC 9530: `sha-256=:<base64>:`, perhaps among others.
    private static final Pattern CONTENT_DIGEST = Pattern.compile("(?i)(?:^|,)\\s*sha-256=:([A-Za-z0-9+/=]+):");

    /// RFC 3230, which RFC 9530 replaced: `SHA-256=<base64>`.
    private static final Pattern DIGEST = Pattern.compile("(?i)(?:^|,)\\s*sha-256=([A-Za-z0-9+/=]+)");

    private static final int LENGTH = 32;

    private ExpectedDigest() {}

    /// The digest as `sha256:…`; empty when the client says nothing. Each argument may be empty.
    ///
    /// @param query value of `?sha256=`
    /// @param header value of `X-Assay-Sha256`
    /// @param contentDigest value of `Content-Digest`
    /// @param digest value of `Digest`
    /// @throws ProblemException `malformed-field` when one is no SHA-256 or two differ
    public static Optional<String> of(
            Optional<String> query, Optional<String> header, Optional<String> contentDigest, Optional<String> digest) {
        Set<String> said = new LinkedHashSet<>();
        query.ifPresent(value -> said.add(hex("sha256", value)));
        header.ifPresent(value -> said.add(hex("X-Assay-Sha256", value)));
        contentDigest.ifPresent(
                value -> base64("Content-Digest", CONTENT_DIGEST, value).ifPresent(said::add));
        digest.ifPresent(value -> base64("Digest", DIGEST, value).ifPresent(said::add));
        if (said.size() > 1) {
            throw new ProblemException(
                    "malformed-field",
                    "sha256",
                    "the request names different digests of its body: " + String.join(", ", said),
                    "say the digest once");
        }
        return said.stream().findFirst().map(value -> "sha256:" + value);
    }

    private static String hex(String name, String value) {
        Matcher matcher = HEX.matcher(value.strip().toLowerCase(Locale.ROOT));
        if (!matcher.matches()) {
            throw malformed(name, value, "64 hex digits");
        }
        return matcher.group(1);
    }

    /// Empty when the header speaks of other algorithms only, which RFC 9530 lets a server ignore.
    private static Optional<String> base64(String name, Pattern pattern, String value) {
        Matcher matcher = pattern.matcher(value);
        if (!matcher.find()) {
            return Optional.empty();
        }
        try {
            byte[] bytes = Base64.getDecoder().decode(matcher.group(1));
            if (bytes.length == LENGTH) {
                return Optional.of(HexFormat.of().formatHex(bytes));
            }
            throw malformed(name, value, "32 bytes in base64");
        } catch (IllegalArgumentException noBase64) {
            throw malformed(name, value, "32 bytes in base64");
        }
    }

    private static ProblemException malformed(String name, String value, String expected) {
        return new ProblemException(
                "malformed-field", name, "'" + value + "' is not a SHA-256", "say the digest as " + expected);
    }
}
