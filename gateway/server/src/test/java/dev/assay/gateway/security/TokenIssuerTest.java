package dev.assay.gateway.security;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.sun.net.httpserver.HttpServer;
import dev.assay.contract.Scope;
import io.quarkus.runtime.configuration.ConfigurationException;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.BooleanSupplier;
import org.jose4j.jwk.JsonWebKey.OutputControlLevel;
import org.jose4j.jwk.JsonWebKeySet;
import org.jose4j.jwk.OctJwkGenerator;
import org.jose4j.jwk.RsaJsonWebKey;
import org.jose4j.jwk.RsaJwkGenerator;
import org.jose4j.jws.AlgorithmIdentifiers;
import org.jose4j.jws.JsonWebSignature;
import org.jose4j.jwt.JwtClaims;
import org.jose4j.lang.JoseException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// From whom keys are taken, and from whom they are not.
class TokenIssuerTest {

    private static final String DISCOVERY = "/.well-known/openid-configuration";

    private record Settings(
            Optional<URI> issuer, Optional<String> audience, Optional<URI> keys, Optional<String> scopePrefix)
            implements OidcSettings {

        Settings(Optional<URI> issuer, Optional<String> audience, Optional<URI> keys) {
            this(issuer, audience, keys, Optional.empty());
        }

        @Override
        public String scopeClaim() {
            return "scope";
        }

        @Override
        public String tenantClaim() {
            return "assay_tenant";
        }

        @Override
        public String nameClaim() {
            return "sub";
        }
    }

    private final Map<String, String> documents = new ConcurrentHashMap<>();
    private final Map<String, Integer> asked = new ConcurrentHashMap<>();
    private HttpServer server;

    @BeforeEach
    void start() throws IOException {
        server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        server.createContext("/", exchange -> {
            String path = exchange.getRequestURI().getPath();
            String document = documents.getOrDefault(path, "");
            if (document.startsWith("http")) {
                exchange.getResponseHeaders().set("Location", document);
                exchange.sendResponseHeaders(302, -1);
            } else {
                byte[] body = document.getBytes(StandardCharsets.UTF_8);
                exchange.sendResponseHeaders(200, body.length == 0 ? -1 : body.length);
                exchange.getResponseBody().write(body);
            }
            exchange.close();
            asked.merge(path, 1, Integer::sum);
        });
        server.start();
    }

    @AfterEach
    void stop() {
        server.stop(0);
    }

    @Test
    void theKeysAreWhereTheIssuerSaysAndSharedSecretsAreNone() throws JoseException {
        documents.put(DISCOVERY, discovery(address(), address() + "/keys"));
        documents.put(
                "/keys",
                new JsonWebKeySet(RsaJwkGenerator.generateJwk(2048), OctJwkGenerator.generateJwk(256))
                        .toJson(OutputControlLevel.INCLUDE_SYMMETRIC));

        try (IssuerKeys keys = new IssuerKeys(URI.create(address()), Optional.empty())) {
            await(() -> keys.latest().isPresent());
            assertThat(keys.latest().orElseThrow().keys())
                    .singleElement()
                    .satisfies(key -> assertThat(key.getKeyType()).isEqualTo("RSA"));
            // as new as can be: whoever invents keys does not make us ask again and again
            assertThat(keys.renew(keys.latest().orElseThrow())).isFalse();
        }
    }

    @Test
    void anIssuerWithAnotherNameOrWithKeysAtAnotherHostIsNotBelieved() throws JoseException {
        documents.put("/keys", keySet());
        for (String document : new String[] {
            discovery("https://example.org", address() + "/keys"),
            discovery(address(), "http://localhost:" + server.getAddress().getPort() + "/keys"),
            discovery(address(), "::"),
            "[]",
            "{",
            " ".repeat(1 << 20) + discovery(address(), address() + "/keys"),
            address() + "/elsewhere"
        }) {
            asked.clear();
            documents.put(DISCOVERY, document);
            documents.put("/elsewhere", discovery(address(), address() + "/keys"));
            try (IssuerKeys keys = new IssuerKeys(URI.create(address()), Optional.empty())) {
                assertThatThrownBy(keys::fetch).as(document.strip()).isInstanceOf(IOException.class);
                assertThat(keys.latest()).isEmpty();
            }
            assertThat(asked).containsKey(DISCOVERY).doesNotContainKeys("/keys", "/elsewhere");
        }
    }

    @Test
    void keysAtAnotherHostAreTakenWhenTheOperatorNamesTheAddress() throws JoseException {
        documents.put("/keys", keySet());
        URI elsewhere = URI.create("https://issuer.example.org");
        try (IssuerKeys keys = new IssuerKeys(elsewhere, Optional.of(URI.create(address() + "/keys")))) {
            await(() -> keys.latest().isPresent());
        }
    }

    @Test
    void whileTheIssuerSaysNothingATokenIsNeitherTakenNorCalledWrong() {
        try (TokenIssuer issuer = TokenIssuer.of(settings(address(), "assay")).orElseThrow()) {
            assertThatThrownBy(() -> issuer.caller("eyJ.e30.x"))
                    .isInstanceOfSatisfying(
                            RefusedRequestException.class,
                            refused -> assertThat(refused.problem().type()).isEqualTo("issuer-unavailable"));
        }
    }

    @Test
    void scopesCountAfterTheirPrefixAndOthersCountNothing() throws Exception {
        RsaJsonWebKey key = RsaJwkGenerator.generateJwk(2048);
        documents.put(DISCOVERY, discovery(address(), address() + "/keys"));
        documents.put("/keys", new JsonWebKeySet(key).toJson(OutputControlLevel.PUBLIC_ONLY));
        JwtClaims claims = new JwtClaims();
        claims.setIssuer(address());
        claims.setAudience("others", "assay");
        claims.setSubject("alice");
        claims.setExpirationTimeMinutesInTheFuture(1);
        claims.setStringClaim("scope", "openid admin assay:read assay:submit assay:everything");
        JsonWebSignature signature = new JsonWebSignature();
        signature.setAlgorithmHeaderValue(AlgorithmIdentifiers.RSA_PSS_USING_SHA256);
        signature.setKey(key.getPrivateKey());
        signature.setPayload(claims.toJson());
        String token = signature.getCompactSerialization();
        var settings = new Settings(
                Optional.of(URI.create(address())), Optional.of("assay"), Optional.empty(), Optional.of("assay:"));

        try (TokenIssuer issuer = TokenIssuer.of(settings).orElseThrow()) {
            await(() -> isTaken(issuer, token));
            Caller caller = issuer.caller(token);
            assertThat(caller.scopes()).containsExactlyInAnyOrder(Scope.READ, Scope.SUBMIT);
            assertThat(caller.label()).isEqualTo("token:alice");
            assertThat(caller.tenant()).isEmpty();
        }
    }

    private static boolean isTaken(TokenIssuer issuer, String token) {
        try {
            issuer.caller(token);
            return true;
        } catch (RefusedRequestException refused) {
            assertThat(refused.problem().type()).isEqualTo("issuer-unavailable");
            return false;
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"http://issuer.example.org", "http://192.0.2.1", "https://a:b@example.org", "file:///keys", "x"})
    void anIssuerThatAnybodyCouldSpeakForIsRefusedAtTheStart(String address) {
        assertThatThrownBy(() -> TokenIssuer.of(settings(address, "assay")))
                .isInstanceOf(ConfigurationException.class)
                .hasMessageContaining("assay.security.oidc.issuer")
                .message()
                .doesNotContain("\n");
    }

    @Test
    void anIssuerWithoutAnAudienceIsRefusedAtTheStart() {
        assertThatThrownBy(() -> TokenIssuer.of(
                        new Settings(Optional.of(URI.create(address())), Optional.empty(), Optional.empty())))
                .isInstanceOf(ConfigurationException.class)
                .hasMessageContaining("assay.security.oidc.audience");
        assertThat(TokenIssuer.of(new Settings(Optional.empty(), Optional.empty(), Optional.empty())))
                .isEmpty();
    }

    private static Settings settings(String issuer, String audience) {
        return new Settings(Optional.of(URI.create(issuer)), Optional.of(audience), Optional.empty());
    }

    private static String keySet() throws JoseException {
        return new JsonWebKeySet(RsaJwkGenerator.generateJwk(2048)).toJson(OutputControlLevel.PUBLIC_ONLY);
    }

    private static String discovery(String issuer, String keys) {
        return "{\"issuer\": \"" + issuer + "\", \"jwks_uri\": \"" + keys + "\"}";
    }

    private String address() {
        return "http://127.0.0.1:" + server.getAddress().getPort();
    }

    private static void await(BooleanSupplier condition) {
        long deadline = System.nanoTime() + Duration.ofSeconds(20).toNanos();
        while (!condition.getAsBoolean()) {
            assertThat(System.nanoTime()).as("in time").isLessThan(deadline);
            Thread.onSpinWait();
        }
    }
}
