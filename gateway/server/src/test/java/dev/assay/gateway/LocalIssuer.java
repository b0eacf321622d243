package dev.assay.gateway;

import com.sun.net.httpserver.HttpServer;
import io.quarkus.test.common.QuarkusTestResourceLifecycleManager;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.security.KeyPair;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.jose4j.jwk.JsonWebKey.OutputControlLevel;
import org.jose4j.jwk.JsonWebKeySet;
import org.jose4j.jwk.RsaJsonWebKey;
import org.jose4j.jwk.RsaJwkGenerator;
import org.jose4j.jws.AlgorithmIdentifiers;
import org.jose4j.jws.JsonWebSignature;
import org.jose4j.jwt.JwtClaims;
import org.jose4j.lang.JoseException;

/// An issuer of tokens on loopback, with a key of its own and the two documents that others ask it for.
public final class LocalIssuer implements QuarkusTestResourceLifecycleManager {

    static final String AUDIENCE = "assay";
    static final String DISCOVERY = "/.well-known/openid-configuration";

    private final Map<String, String> documents = new ConcurrentHashMap<>();
    private HttpServer server;
    private RsaJsonWebKey key;

    @Override
    public Map<String, String> start() {
        try {
            server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        } catch (IOException taken) {
            throw new UncheckedIOException(taken);
        }
        server.createContext("/", exchange -> {
            String document = documents.get(exchange.getRequestURI().getPath());
            byte[] body = document == null ? new byte[0] : document.getBytes(StandardCharsets.UTF_8);
            exchange.sendResponseHeaders(document == null ? 404 : 200, body.length == 0 ? -1 : body.length);
            exchange.getResponseBody().write(body);
            exchange.close();
        });
        server.start();
        documents.put(DISCOVERY, "{\"issuer\": \"" + address() + "\", \"jwks_uri\": \"" + address() + "/keys\"}");
        changeKey("first");
        return Map.of(
                "assay.security.mode", "keys",
                "assay.security.oidc.issuer", address(),
                "assay.security.oidc.audience", AUDIENCE,
                "assay.security.requests-per-second", "10000",
                "assay.security.burst", "10000");
    }

    @Override
    public void inject(TestInjector injector) {
        injector.injectIntoFields(this, new TestInjector.MatchesType(LocalIssuer.class));
    }

    @Override
    public void stop() {
        server.stop(0);
    }

    String address() {
        return "http://127.0.0.1:" + server.getAddress().getPort();
    }

    KeyPair keys() {
        return new KeyPair(key.getPublicKey(), key.getPrivateKey());
    }

    /// Signs with a new key from now on, and tells that it does.
    void changeKey(String id) {
        try {
            key = RsaJwkGenerator.generateJwk(2048);
            key.setKeyId(id);
            documents.put("/keys", new JsonWebKeySet(key).toJson(OutputControlLevel.PUBLIC_ONLY));
        } catch (JoseException impossible) {
            throw new IllegalStateException(impossible);
        }
    }

    /// What a good token says.
    JwtClaims claims(String subject, String tenant, String scopes) {
        JwtClaims claims = new JwtClaims();
        claims.setIssuer(address());
        claims.setAudience(AUDIENCE);
        claims.setSubject(subject);
        claims.setExpirationTimeMinutesInTheFuture(5);
        claims.setIssuedAtToNow();
        claims.setStringClaim("scope", scopes);
        claims.setStringClaim("assay_tenant", tenant);
        return claims;
    }

    String signed(JwtClaims claims) {
        JsonWebSignature signature = new JsonWebSignature();
        signature.setAlgorithmHeaderValue(AlgorithmIdentifiers.RSA_USING_SHA256);
        signature.setKeyIdHeaderValue(key.getKeyId());
        signature.setKey(key.getPrivateKey());
        signature.setPayload(claims.toJson());
        try {
            return signature.getCompactSerialization();
        } catch (JoseException impossible) {
            throw new IllegalStateException(impossible);
        }
    }

    String token(String subject, String tenant, String scopes) {
        return signed(claims(subject, tenant, scopes));
    }
}
