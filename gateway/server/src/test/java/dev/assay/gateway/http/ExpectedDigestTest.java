package dev.assay.gateway.http;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.assay.computation.ProblemException;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class ExpectedDigestTest {

    /// SHA-256 of "hello", `printf hello | sha256sum`, and the same in base64.
    private static final String HEX = "2cf24dba5fb0a30e26e83b2ac5b9e29e1b161e5c1fa7425e73043362938b9824";

    private static final String BASE64 = "LPJNul+wow4m6DsqxbninhsWHlwfp0JecwQzYpOLmCQ=";

    @Test
    void everyWayOfSayingTheDigestMeansTheSame() {
        String expected = "sha256:" + HEX;

        assertThat(of(HEX, null, null, null)).contains(expected);
        assertThat(of("sha256:" + HEX, null, null, null)).contains(expected);
        assertThat(of(null, HEX, null, null)).contains(expected);
        assertThat(of(null, null, "sha-256=:" + BASE64 + ":", null)).contains(expected);
        assertThat(of(null, null, "sha-512=:AAAA:, sha-256=:" + BASE64 + ":", null))
                .contains(expected);
        assertThat(of(null, null, null, "SHA-256=" + BASE64)).contains(expected);
        assertThat(of(HEX, HEX, "sha-256=:" + BASE64 + ":", null)).contains(expected);
    }

    @Test
    void otherAlgorithmsSayNothing() {
        assertThat(of(null, null, "sha-512=:AAAA:", "md5=abc")).isEmpty();
    }

    @Test
    void whatIsNoDigestIsRefused() {
        assertThatThrownBy(() -> of("abc", null, null, null))
                .isInstanceOf(ProblemException.class)
                .hasMessageContaining("'abc'");
        assertThatThrownBy(() -> of(null, null, "sha-256=:AAAA:", null)).isInstanceOf(ProblemException.class);
    }

    @Test
    void twoDifferentDigestsAreRefused() {
        assertThatThrownBy(() -> of(HEX, "0".repeat(64), null, null))
                .isInstanceOf(ProblemException.class)
                .hasMessageContaining("different digests");
    }

    private static Optional<String> of(String query, String header, String contentDigest, String digest) {
        return ExpectedDigest.of(
                Optional.ofNullable(query),
                Optional.ofNullable(header),
                Optional.ofNullable(contentDigest),
                Optional.ofNullable(digest));
    }
}
