package dev.assay.gateway.security;

import dev.assay.contract.Scope;
import dev.assay.contract.Tenant;
import io.quarkus.runtime.configuration.ConfigurationException;
import java.net.InetAddress;
import java.net.URI;
import java.net.UnknownHostException;
import java.security.Key;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.jose4j.jwa.AlgorithmConstraints;
import org.jose4j.jwa.AlgorithmConstraints.ConstraintType;
import org.jose4j.jwk.JsonWebKey;
import org.jose4j.jws.AlgorithmIdentifiers;
import org.jose4j.jws.JsonWebSignature;
import org.jose4j.jwt.JwtClaims;
import org.jose4j.jwt.consumer.ErrorCodes;
import org.jose4j.jwt.consumer.InvalidJwtException;
import org.jose4j.jwt.consumer.JwtConsumer;
import org.jose4j.jwt.consumer.JwtConsumerBuilder;
import org.jose4j.keys.resolvers.JwksVerificationKeyResolver;
import org.jose4j.lang.UnresolvableKeyException;

/// Makes callers of the tokens of one issuer: signed by one of its keys, for our audience, not expired (RFC 7519, RFC
/// 8725). Thread-safe.
final class TokenIssuer implements AutoCloseable {

    /// Tells callers with tokens from those with keys that have the same name.
    private static final String LABEL = "token:";

    /// Signatures of which the other half is secret. With a shared secret, the public key itself could sign.
    private static final List<String> ALGORITHMS = List.of(
            AlgorithmIdentifiers.RSA_USING_SHA256,
            AlgorithmIdentifiers.RSA_USING_SHA384,
            AlgorithmIdentifiers.RSA_USING_SHA512,
            AlgorithmIdentifiers.RSA_PSS_USING_SHA256,
            AlgorithmIdentifiers.RSA_PSS_USING_SHA384,
            AlgorithmIdentifiers.RSA_PSS_USING_SHA512,
            AlgorithmIdentifiers.ECDSA_USING_P256_CURVE_AND_SHA256,
            AlgorithmIdentifiers.ECDSA_USING_P384_CURVE_AND_SHA384,
            AlgorithmIdentifiers.ECDSA_USING_P521_CURVE_AND_SHA512,
            AlgorithmIdentifiers.EDDSA);

    private static final int CLOCK_SKEW_SECONDS = 30;
    private static final int LONGEST_NAME = 100;

    /// The issuer may have this key by now.
    private static final class UnknownKeyException extends UnresolvableKeyException {

        private static final long serialVersionUID = 1;

        UnknownKeyException(UnresolvableKeyException cause) {
            super(cause.getMessage(), cause);
        }
    }

    private final OidcSettings settings;
    private final String issuer;
    private final String audience;
    private final IssuerKeys keys;

    private TokenIssuer(OidcSettings settings, URI issuer, String audience) {
        this.settings = settings;
        this.issuer = issuer.toString();
        this.audience = audience;
        this.keys = new IssuerKeys(issuer, settings.keys());
    }

    /// The issuer that is configured, if one is.
    ///
    /// @throws ConfigurationException in one line when it is not configured well
    static Optional<TokenIssuer> of(OidcSettings settings) {
        settings.issuer().ifPresent(address -> requireSafe("assay.security.oidc.issuer", address));
        settings.keys().ifPresent(address -> requireSafe("assay.security.oidc.keys", address));
        return settings.issuer().map(address -> {
            String audience = settings.audience()
                    .orElseThrow(() -> new ConfigurationException("the gateway does not start: it would take any token"
                            + " of " + address + "; say in assay.security.oidc.audience whom they must be made for"));
            return new TokenIssuer(settings, address, audience);
        });
    }

    /// @throws RefusedRequestException 401 when the token does not hold, 503 when that cannot be told now
    Caller caller(String token) throws RefusedRequestException {
        IssuerKeys.Known known = keys.latest()
                .orElseThrow(() -> RefusedRequestException.issuerUnavailable("its keys could not be fetched"));
        try {
            return caller(consumer(known).processToClaims(token));
        } catch (InvalidJwtException invalid) {
            if (invalid.getCause() instanceof UnknownKeyException && keys.renew(known)) {
                throw RefusedRequestException.issuerUnavailable("the key that signed this token is not known yet");
            }
            throw RefusedRequestException.invalidToken(reason(invalid));
        }
    }

    @Override
    public void close() {
        keys.close();
    }

    private JwtConsumer consumer(IssuerKeys.Known known) {
        return new JwtConsumerBuilder()
                .setJwsAlgorithmConstraints(ConstraintType.PERMIT, ALGORITHMS.toArray(String[]::new))
                .setJweAlgorithmConstraints(AlgorithmConstraints.ALLOW_ONLY_NONE)
                .setVerificationKeyResolver((signature, outer) -> key(signature, known))
                .setExpectedIssuer(true, issuer)
                .setExpectedAudience(true, audience)
                .setRequireExpirationTime()
                .setAllowedClockSkewInSeconds(CLOCK_SKEW_SECONDS)
                .build();
    }

    /// A token by an algorithm that is not allowed, or whose key is there and of another kind, is wrong whatever keys
    /// the
    /// issuer has by now.
    private static Key key(JsonWebSignature signature, IssuerKeys.Known known) throws UnresolvableKeyException {
        if (!ALGORITHMS.contains(signature.getAlgorithmHeaderValue())) {
            throw new UnresolvableKeyException("the algorithm is not allowed");
        }
        try {
            return new JwksVerificationKeyResolver(known.keys()).resolveKey(signature, List.of());
        } catch (UnresolvableKeyException absent) {
            String wanted = signature.getKeyIdHeaderValue();
            boolean isThere = known.keys().stream()
                    .map(JsonWebKey::getKeyId)
                    .anyMatch(name -> name != null && name.equals(wanted));
            throw isThere ? absent : new UnknownKeyException(absent);
        }
    }

    private Caller caller(JwtClaims claims) throws RefusedRequestException {
        String name = text(claims, settings.nameClaim());
        String tenant = text(claims, settings.tenantClaim());
        if (name.isBlank() || name.length() > LONGEST_NAME || name.chars().anyMatch(Character::isISOControl)) {
            throw RefusedRequestException.invalidToken(
                    "its claim '" + settings.nameClaim() + "' names nobody in 1 to " + LONGEST_NAME + " characters");
        }
        if (!Tenant.isName(tenant)) {
            throw RefusedRequestException.invalidToken(
                    "its claim '" + settings.tenantClaim() + "' is not the name of a tenant (" + Tenant.FORM + ")");
        }
        String caller = LABEL + name;
        String label = tenant.equals(Tenant.NAMELESS) ? caller : caller + "@" + tenant;
        return new Caller(caller, label, tenant, scopes(claims));
    }

    private Set<Scope> scopes(JwtClaims claims) {
        Object value = claims.getClaimValue(settings.scopeClaim());
        Set<String> named = new HashSet<>();
        if (value instanceof String text) {
            named.addAll(Arrays.asList(text.split(" ")));
        } else if (value instanceof List<?> list) {
            list.forEach(one -> named.add(String.valueOf(one)));
        }
        String prefix = settings.scopePrefix().orElse("");
        Set<Scope> scopes = EnumSet.noneOf(Scope.class);
        for (Scope scope : Scope.values()) {
            if (named.contains(prefix + scope.text())) {
                scopes.add(scope);
            }
        }
        return scopes;
    }

    /// The claim as text; empty when it is absent. A claim that is no text is none that was meant.
    private static String text(JwtClaims claims, String name) throws RefusedRequestException {
        Object value = claims.getClaimValue(name);
        if (value != null && !(value instanceof String)) {
            throw RefusedRequestException.invalidToken("its claim '" + name + "' is no string");
        }
        return value == null ? "" : (String) value;
    }

    /// In our own words: those of the library quote the token.
    private static String reason(InvalidJwtException invalid) {
        if (invalid.hasExpired()) {
            return "it has expired";
        }
        if (invalid.hasErrorCode(ErrorCodes.NOT_YET_VALID)) {
            return "it does not hold yet";
        }
        if (invalid.hasErrorCode(ErrorCodes.EXPIRATION_MISSING)) {
            return "it never expires";
        }
        if (invalid.hasErrorCode(ErrorCodes.AUDIENCE_INVALID) || invalid.hasErrorCode(ErrorCodes.AUDIENCE_MISSING)) {
            return "it was made for others";
        }
        if (invalid.hasErrorCode(ErrorCodes.ISSUER_INVALID) || invalid.hasErrorCode(ErrorCodes.ISSUER_MISSING)) {
            return "another issuer made it";
        }
        return "it is not a token that the issuer has signed";
    }

    /// Keys that come in the clear can be anybody's.
    private static void requireSafe(String name, URI address) {
        boolean isSafe = "https".equals(address.getScheme())
                || "http".equals(address.getScheme()) && isLoopback(address.getHost());
        if (!isSafe || address.getHost() == null || address.getUserInfo() != null) {
            throw new ConfigurationException("the gateway does not start: " + name + " is " + address
                    + ", and should be an https address (http on loopback only) without a user in it");
        }
    }

    private static boolean isLoopback(String host) {
        try {
            return host != null && InetAddress.getByName(host).isLoopbackAddress();
        } catch (UnknownHostException unknown) {
            return false;
        }
    }
}
