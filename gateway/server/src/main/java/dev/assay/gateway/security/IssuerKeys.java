package dev.assay.gateway.security;

import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.JsonParseException;
import com.google.gson.JsonParser;
import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import org.jboss.logging.Logger;
import org.jose4j.jwk.JsonWebKey;
import org.jose4j.jwk.JsonWebKeySet;
import org.jose4j.jwk.PublicJsonWebKey;
import org.jose4j.lang.JoseException;

/// The public keys of an issuer of tokens, fetched behind the back of requests, which never wait for them. Only the
/// configured issuer is asked, at addresses that it has itself; redirects are not followed. Thread-safe.
final class IssuerKeys implements AutoCloseable {

    /// The keys at a moment.
    ///
    /// @param at on the clock of {@link System#nanoTime()}
    record Known(List<JsonWebKey> keys, long at) {
        Known {
            keys = List.copyOf(keys);
        }
    }

    private static final Logger LOG = Logger.getLogger(IssuerKeys.class);
    private static final Duration USUAL_PAUSE = Duration.ofMinutes(10);
    private static final Duration PAUSE_AFTER_FAILURE = Duration.ofSeconds(5);

    /// An issuer that is away may have taken a key back: what it said then does not hold for ever.
    private static final Duration LONGEST_TRUST = Duration.ofHours(1);

    /// Whoever sends tokens with keys nobody knows must not make us ask the issuer without end.
    private static final Duration SHORTEST_PAUSE = Duration.ofSeconds(5);

    private static final Duration PATIENCE = Duration.ofSeconds(10);
    private static final int LARGEST_DOCUMENT = 1 << 20;

    private final URI issuer;
    private final Optional<URI> address;
    private final HttpClient client = HttpClient.newBuilder()
            .followRedirects(HttpClient.Redirect.NEVER)
            .connectTimeout(PATIENCE)
            .build();
    private final Semaphore wanted = new Semaphore(0);
    private final Thread fetcher;
    private volatile Optional<Known> known = Optional.empty();
    private volatile boolean closed;

    /// @param address of the keys; empty: the issuer's discovery document tells it
    IssuerKeys(URI issuer, Optional<URI> address) {
        this.issuer = issuer;
        this.address = address;
        this.fetcher = Thread.ofVirtual().name("keys of " + issuer).start(this::keepUp);
    }

    /// The keys as they were last told, unless that is too long ago.
    Optional<Known> latest() {
        return known.filter(told -> age(told).compareTo(LONGEST_TRUST) < 0);
    }

    /// Asks for newer keys than these, unless they are as new as can be.
    ///
    /// @return whether newer ones are on their way
    boolean renew(Known than) {
        if (age(than).compareTo(SHORTEST_PAUSE) < 0) {
            return false;
        }
        wanted.release();
        return true;
    }

    @Override
    public void close() {
        closed = true;
        fetcher.interrupt();
        client.shutdownNow();
    }

    private void keepUp() {
        while (!closed) {
            Duration pause = USUAL_PAUSE;
            try {
                known = Optional.of(new Known(fetch(), System.nanoTime()));
            } catch (IOException | JoseException | RuntimeException failure) { // whatever it sent, we ask again
                if (closed) {
                    return;
                }
                LOG.warnf("the keys of %s stay as they were: %s", issuer, failure.getMessage());
                pause = PAUSE_AFTER_FAILURE;
            } catch (InterruptedException stopping) {
                return;
            }
            try {
                wanted.drainPermits();
                if (pause == PAUSE_AFTER_FAILURE) {
                    Thread.sleep(pause);
                } else {
                    wanted.tryAcquire(pause.toMillis(), TimeUnit.MILLISECONDS);
                }
            } catch (InterruptedException stopping) {
                return;
            }
        }
    }

    /// @throws IOException when what is there is not to be believed
    List<JsonWebKey> fetch() throws IOException, InterruptedException, JoseException {
        URI from = address.isPresent() ? address.get() : discovered();
        List<JsonWebKey> keys = new JsonWebKeySet(get(from))
                .getJsonWebKeys().stream()
                        .filter(
                                PublicJsonWebKey.class
                                        ::isInstance) // a shared secret proves nothing when everybody has it
                        .toList();
        if (keys.isEmpty()) {
            throw new IOException("there is no public key at " + from);
        }
        return keys;
    }

    private URI discovered() throws IOException, InterruptedException {
        URI at = URI.create(issuer.toString().replaceAll("/$", "") + "/.well-known/openid-configuration");
        JsonObject document;
        try {
            document = JsonParser.parseString(get(at)).getAsJsonObject();
        } catch (JsonParseException | IllegalStateException broken) {
            throw new IOException("what is at " + at + " is no JSON object", broken);
        }
        if (!text(document, "issuer").equals(issuer.toString())) {
            throw new IOException("the issuer at " + at + " calls itself '" + text(document, "issuer") + "'");
        }
        URI keys;
        try {
            keys = issuer.resolve(text(document, "jwks_uri"));
        } catch (IllegalArgumentException malformed) {
            throw new IOException("jwks_uri at " + at + " is no address", malformed);
        }
        if (!origin(keys).equals(origin(issuer))) {
            throw new IOException("the keys are at another host, " + keys
                    + ": if that is right, name the address in assay.security.oidc.keys");
        }
        return keys;
    }

    private String get(URI from) throws IOException, InterruptedException {
        HttpRequest request = HttpRequest.newBuilder(from)
                .timeout(PATIENCE)
                .header("Accept", "application/json")
                .build();
        HttpResponse<InputStream> response = client.send(request, BodyHandlers.ofInputStream());
        try (InputStream body = response.body()) {
            if (response.statusCode() != 200) {
                throw new IOException(from + " answers " + response.statusCode());
            }
            byte[] bytes = body.readNBytes(LARGEST_DOCUMENT + 1);
            if (bytes.length > LARGEST_DOCUMENT) {
                throw new IOException("what is at " + from + " is larger than " + LARGEST_DOCUMENT + " bytes");
            }
            return new String(bytes, StandardCharsets.UTF_8);
        }
    }

    private static Duration age(Known told) {
        return Duration.ofNanos(System.nanoTime() - told.at());
    }

    private static String text(JsonObject document, String name) {
        JsonElement value = document.get(name);
        return value != null && value.isJsonPrimitive() ? value.getAsString() : "";
    }

    private static String origin(URI address) {
        return address.getScheme() + "://" + address.getRawAuthority();
    }
}
