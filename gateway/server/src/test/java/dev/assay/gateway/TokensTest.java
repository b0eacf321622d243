package dev.assay.gateway;

import static org.assertj.core.api.Assertions.assertThat;

import dev.assay.artifact.v1.Artifact;
import io.quarkus.test.common.QuarkusTestResource;
import io.quarkus.test.common.http.TestHTTPResource;
import io.quarkus.test.junit.QuarkusTest;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.security.KeyPairGenerator;
import java.security.NoSuchAlgorithmException;
import java.time.Duration;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Consumer;
import javax.crypto.spec.SecretKeySpec;
import org.jose4j.jwa.AlgorithmConstraints;
import org.jose4j.jws.AlgorithmIdentifiers;
import org.jose4j.jws.JsonWebSignature;
import org.jose4j.jwt.JwtClaims;
import org.jose4j.jwt.NumericDate;
import org.jose4j.lang.JoseException;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/// A gateway that takes the tokens of an issuer and has no file of keys.
@QuarkusTest
@QuarkusTestResource(MeshForTests.class)
@QuarkusTestResource(value = LocalIssuer.class, restrictToAnnotatedClass = true)
class TokensTest {

    @TestHTTPResource
    URI root;

    LocalIssuer issuer;

    private Door door;

    @BeforeEach
    void open() throws InterruptedException {
        door = new Door(root).ready();
        await(() -> get("/v1/jobs", issuer.token("somebody", "acme", "read")).status() == 200);
    }

    @Test
    void aTokenOpensWhatItsScopesSayForItsTenant() {
        String alice = issuer.token("alice", "acme", "openid profile read submit");
        Door.Reply stored = door.post("/v1/artifacts", new byte[] {3, 1, 4}, "Authorization", "Bearer " + alice);
        assertThat(stored.status()).as(stored.text()).isEqualTo(201);
        String path = "/v1/artifacts/" + stored.into(Artifact.newBuilder()).getDigest();

        assertThat(get(path, issuer.token("bob", "acme", "read")).status()).isEqualTo(200);
        assertThat(get(path, issuer.token("alice", "globex", "read")).status()).isEqualTo(404);
        assertThat(get(path, issuer.token("alice", "", "read")).status()).isEqualTo(404);
        Door.Reply forbidden = get("/q/metrics", alice);
        assertThat(forbidden.status()).isEqualTo(403);
        assertThat(forbidden.problem()).isEqualTo("forbidden");
        assertThat(get(path, issuer.token("alice", "acme", "openid")).status()).isEqualTo(403);

        JwtClaims listed = issuer.claims("alice", "acme", "");
        listed.setStringListClaim("scope", "read", "other");
        assertThat(get(path, issuer.signed(listed)).status()).isEqualTo(200);
    }

    @Test
    void aTokenThatDoesNotHoldIsRefusedAndNotRepeated() throws Exception {
        Map<String, String> refused = new TreeMap<>();
        refused.put("expired", changed(claims -> claims.setExpirationTime(NumericDate.fromSeconds(1_000_000_000))));
        refused.put("never expires", changed(claims -> claims.unsetClaim("exp")));
        refused.put("later", changed(claims -> claims.setNotBefore(inAnHour())));
        refused.put("for others", changed(claims -> claims.setAudience("others")));
        refused.put("for nobody", changed(claims -> claims.unsetClaim("aud")));
        refused.put("of another issuer", changed(claims -> claims.setIssuer("https://example.org")));
        refused.put("of no issuer", changed(claims -> claims.unsetClaim("iss")));
        refused.put("of nobody", changed(claims -> claims.unsetClaim("sub")));
        refused.put("of many lines", changed(claims -> claims.setSubject("a\nb")));
        refused.put("of an impossible tenant", changed(claims -> claims.setStringClaim("assay_tenant", "../acme")));
        refused.put("of a list of tenants", changed(claims -> claims.setStringListClaim("assay_tenant", "acme")));
        refused.put("signed by another", signedBy(otherKey(), AlgorithmIdentifiers.RSA_USING_SHA256));
        refused.put("signed with the public key", signedBy(publicKey(), AlgorithmIdentifiers.HMAC_SHA256));
        refused.put("not signed", signedBy(null, AlgorithmIdentifiers.NONE));
        refused.put("tampered with", tampered());
        refused.put("no token", "eyJub3Q.YQ.dG9rZW4");
        refused.put("no token at all", "nonsense");

        refused.forEach((what, token) -> {
            Door.Reply reply = get("/v1/jobs", token);
            assertThat(reply.status()).as(what + " " + reply.text()).isEqualTo(401);
            assertThat(reply.problem()).isEqualTo("unauthenticated");
            assertThat(reply.header("WWW-Authenticate")).contains("invalid_token");
            assertThat(reply.text()).doesNotContain(token, "alice");
        });
    }

    @Test
    void whenTheIssuerChangesItsKeyItsTokensAreTakenSoonAndTheOldOnesNoMore() {
        String old = issuer.token("alice", "acme", "read");
        assertThat(get("/v1/jobs", old).status()).isEqualTo(200);
        issuer.changeKey("second");
        String young = issuer.token("alice", "acme", "read");

        await(() -> {
            Door.Reply reply = get("/v1/jobs", young);
            assertThat(reply.status()).isIn(200, 401, 503);
            if (reply.status() == 503) {
                assertThat(reply.problem()).isEqualTo("issuer-unavailable");
                assertThat(reply.header("Retry-After")).isEqualTo("1");
            }
            return reply.status() == 200;
        });
        assertThat(get("/v1/jobs", old).status()).isNotEqualTo(200);
    }

    @Test
    void whatIsOpenToEverybodyNeedsNoToken() {
        assertThat(door.get("/q/health/live").status()).isEqualTo(200);
        assertThat(door.get("/v1/jobs").status()).isEqualTo(401);
        assertThat(get("/v1/jobs", "assay_nobody").status()).isEqualTo(401);
    }

    private String changed(Consumer<JwtClaims> change) {
        JwtClaims claims = issuer.claims("alice", "acme", "read");
        change.accept(claims);
        return issuer.signed(claims);
    }

    private String signedBy(java.security.Key key, String algorithm) throws JoseException {
        JsonWebSignature signature = new JsonWebSignature();
        signature.setAlgorithmConstraints(AlgorithmConstraints.NO_CONSTRAINTS);
        signature.setAlgorithmHeaderValue(algorithm);
        signature.setKeyIdHeaderValue(keyId());
        signature.setKey(key);
        signature.setDoKeyValidation(false);
        signature.setPayload(issuer.claims("alice", "acme", "read").toJson());
        return signature.getCompactSerialization();
    }

    /// The name of the key that good tokens are signed with.
    private String keyId() {
        String header = new String(
                Base64.getUrlDecoder()
                        .decode(issuer.token("alice", "acme", "read").split("\\.")[0]),
                StandardCharsets.UTF_8);
        return com.google.gson.JsonParser.parseString(header)
                .getAsJsonObject()
                .get("kid")
                .getAsString();
    }

    private static java.security.Key otherKey() throws NoSuchAlgorithmException {
        return KeyPairGenerator.getInstance("RSA").generateKeyPair().getPrivate();
    }

    private java.security.Key publicKey() {
        return new SecretKeySpec(issuer.keys().getPublic().getEncoded(), "HmacSHA256");
    }

    private String tampered() {
        String[] good = issuer.token("alice", "globex", "read").split("\\.");
        String[] other = issuer.token("alice", "acme", "read admin").split("\\.");
        return String.join(".", List.of(good[0], other[1], good[2]));
    }

    private static NumericDate inAnHour() {
        NumericDate later = NumericDate.now();
        later.addSeconds(3600);
        return later;
    }

    private Door.Reply get(String path, String token) {
        return door.get(path, "Authorization", "Bearer " + token);
    }

    private static void await(java.util.function.BooleanSupplier condition) {
        long deadline = System.nanoTime() + Duration.ofSeconds(30).toNanos();
        while (!condition.getAsBoolean()) {
            assertThat(System.nanoTime()).as("in time").isLessThan(deadline);
        }
    }
}
