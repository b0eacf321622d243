package dev.assay.gateway.callback;

import dev.assay.computation.ProblemException;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.util.Arrays;
import java.util.Base64;
import java.util.List;
import java.util.stream.Collectors;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;

/// The secrets that a receiver shares with the mesh, and the signatures made with them by the scheme of Standard
/// Webhooks (standardwebhooks.com): HMAC-SHA256 over `id.timestamp.body`.
public final class SigningKeys {

    private static final String PREFIX = "whsec_";
    private static final String MAC = "HmacSHA256";

    /// Of the scheme: 24 to 64 random bytes.
    private static final int SHORTEST = 24;

    private static final int LONGEST = 64;

    private final List<SecretKeySpec> keys;

    private SigningKeys(List<SecretKeySpec> keys) {
        this.keys = keys;
    }

    /// @param text one secret or several, separated by blanks or commas: base64, `whsec_` before it or not
    /// @throws ProblemException `malformed-secret`, which does not tell the secret
    public static SigningKeys of(String text) {
        List<SecretKeySpec> keys = Arrays.stream(text.strip().split("[\\s,]+"))
                .filter(secret -> !secret.isEmpty())
                .map(SigningKeys::key)
                .toList();
        if (keys.isEmpty()) {
            throw malformed("it is empty");
        }
        return new SigningKeys(keys);
    }

    /// The header `webhook-signature`: one signature for each secret, so that a receiver may know either.
    ///
    /// @param id the header `webhook-id`
    /// @param timestamp the header `webhook-timestamp`: seconds since 1970
    String signature(String id, long timestamp, byte[] body) {
        ByteArrayOutputStream signed = new ByteArrayOutputStream();
        signed.writeBytes((id + "." + timestamp + ".").getBytes(StandardCharsets.UTF_8));
        signed.writeBytes(body);
        return keys.stream()
                .map(key -> "v1," + Base64.getEncoder().encodeToString(mac(key, signed.toByteArray())))
                .collect(Collectors.joining(" "));
    }

    private static byte[] mac(SecretKeySpec key, byte[] bytes) {
        try {
            Mac mac = Mac.getInstance(MAC);
            mac.init(key);
            return mac.doFinal(bytes);
        } catch (GeneralSecurityException absent) {
            throw new IllegalStateException("every Java platform has " + MAC, absent);
        }
    }

    private static SecretKeySpec key(String secret) {
        String encoded = secret.startsWith(PREFIX) ? secret.substring(PREFIX.length()) : secret;
        byte[] bytes;
        try {
            bytes = Base64.getDecoder().decode(encoded);
        } catch (IllegalArgumentException noBase64) {
            throw malformed("it is no base64");
        }
        if (bytes.length < SHORTEST || bytes.length > LONGEST) {
            throw malformed("it has " + bytes.length + " bytes");
        }
        return new SecretKeySpec(bytes, MAC);
    }

    private static ProblemException malformed(String why) {
        return new ProblemException(
                "malformed-secret",
                "assay.callbacks.secret",
                "a secret of the callbacks cannot be used: " + why,
                "make one with: echo whsec_$(openssl rand -base64 32)");
    }
}
