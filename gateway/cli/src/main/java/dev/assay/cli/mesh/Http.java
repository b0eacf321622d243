package dev.assay.cli.mesh;

import dev.assay.computation.CancelledException;
import dev.assay.job.v1.Problem;
import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.Executors;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManager;

/// Requests to one gateway. An answer that says no becomes a [RefusedException], a silence an
/// [UnreachableException].
final class Http {

    private static final Duration CONNECT_TIMEOUT = Duration.ofSeconds(5);
    private static final int FIRST_BAD_STATUS = 400;
    private static final int LONGEST_QUOTE = 200;

    private final URI gateway;
    private final Optional<String> key;
    private HttpClient client;

    Http(URI gateway, Optional<String> key) {
        this.gateway = gateway;
        this.key = key;
    }

    /// Made on the first request: many a command needs none.
    private synchronized HttpClient client() {
        if (client == null) {
            client = connect();
        }
        return client;
    }

    private HttpClient connect() {
        HttpClient.Builder builder = HttpClient.newBuilder()
                .version(HttpClient.Version.HTTP_1_1)
                .executor(Executors.newVirtualThreadPerTaskExecutor())
                .connectTimeout(CONNECT_TIMEOUT);
        if ("http".equals(gateway.getScheme())) {
            builder.sslContext(withoutCertificates());
        }
        return builder.build();
    }

    URI gateway() {
        return gateway;
    }

    /// A request for a path of the gateway such as `/v1/jobs`.
    HttpRequest.Builder request(String path) {
        HttpRequest.Builder request =
                HttpRequest.newBuilder(URI.create(gateway + path)).header("User-Agent", "assay-cli");
        key.ifPresent(secret -> request.header("Authorization", "Bearer " + secret));
        return request;
    }

    /// The body of a good answer as text.
    ///
    /// @throws RefusedException with the gateway's problem when the status is 400 or more
    /// @throws UnreachableException when the connection fails
    String text(HttpRequest request) {
        return read(stream(request));
    }

    /// A good answer whose body is read by the caller, who closes it.
    ///
    /// @throws RefusedException with the gateway's problem when the status is 400 or more
    /// @throws UnreachableException when the connection fails
    HttpResponse<InputStream> stream(HttpRequest request) {
        HttpResponse<InputStream> response = send(request);
        if (response.statusCode() >= FIRST_BAD_STATUS) {
            throw new RefusedException(problem(response, read(response)), retryAfter(response));
        }
        return response;
    }

    /// The status of an answer, whatever it is; its body is dropped.
    int status(HttpRequest request) {
        HttpResponse<InputStream> response = send(request);
        read(response);
        return response.statusCode();
    }

    private HttpResponse<InputStream> send(HttpRequest request) {
        try {
            return client().send(request, BodyHandlers.ofInputStream());
        } catch (IOException silence) {
            throw new UnreachableException(gateway, silence);
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
            throw new CancelledException("interrupted while waiting for the gateway");
        }
    }

    private String read(HttpResponse<InputStream> response) {
        try (InputStream body = response.body()) {
            return new String(body.readAllBytes(), StandardCharsets.UTF_8);
        } catch (IOException brokenOff) {
            throw new UnreachableException(gateway, brokenOff);
        }
    }

    private static Duration retryAfter(HttpResponse<?> response) {
        return response.headers()
                .firstValue("Retry-After")
                .filter(value -> value.matches("[0-9]{1,6}"))
                .map(value -> Duration.ofSeconds(Long.parseLong(value)))
                .orElse(Duration.ZERO);
    }

    private static Problem problem(HttpResponse<?> response, String text) {
        boolean isProblem = response.headers()
                .firstValue("Content-Type")
                .filter(type -> type.startsWith("application/problem+json"))
                .isPresent();
        if (isProblem) {
            return Answers.read(text, Problem.newBuilder())
                    .setStatus(response.statusCode())
                    .build();
        }
        Optional<String> firstLine = text.lines().findFirst().filter(line -> line.length() <= LONGEST_QUOTE);
        return Problem.newBuilder()
                .setStatus(response.statusCode())
                .setType("http-" + response.statusCode())
                .setDetail("the gateway answered " + response.statusCode() + " to "
                        + response.request().method() + " "
                        + response.request().uri().getPath()
                        + firstLine.map(line -> ": " + line).orElse(""))
                .setRemedy("check that --gateway names an Assay gateway")
                .build();
    }

    /// Plain HTTP needs no certificates, and reading the platform's takes a tenth of a second.
    private static SSLContext withoutCertificates() {
        try {
            SSLContext context = SSLContext.getInstance("TLS");
            context.init(null, new TrustManager[0], null);
            return context;
        } catch (GeneralSecurityException absent) {
            throw new IllegalStateException("every Java platform has TLS", absent);
        }
    }
}
