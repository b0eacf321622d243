package dev.assay.gateway.callback;

import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpClient;
import io.vertx.core.http.HttpClientOptions;
import io.vertx.core.http.HttpClientRequest;
import io.vertx.core.http.HttpClientResponse;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.RequestOptions;
import io.vertx.core.net.SocketAddress;
import java.net.InetAddress;
import java.net.URI;
import java.time.Duration;
import java.time.Instant;
import java.time.ZonedDateTime;
import java.time.format.DateTimeFormatter;
import java.time.format.DateTimeParseException;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;

/// Posts to an address that has been looked up and allowed: the connection goes there, whatever the name means by then,
/// while certificates are checked against the name. Redirects are not followed, answers not read beyond their head.
final class WebhookClient implements AutoCloseable {

    /// @param retryAfter what the receiver wishes, if it says so
    record Answer(int status, Optional<Duration> retryAfter) {

        boolean isTaken() {
            return status >= 200 && status < 300;
        }

        /// The receiver wants nothing at this address, ever.
        boolean isGone() {
            return status == 410;
        }
    }

    private static final int HTTP = 80;
    private static final int HTTPS = 443;
    private static final long LARGEST_ANSWER = 64 << 10;

    private final HttpClient client;
    private final Duration timeout;

    WebhookClient(Vertx vertx, Duration timeout) {
        this.timeout = timeout;
        this.client = vertx.createHttpClient(new HttpClientOptions()
                .setConnectTimeout((int) timeout.toMillis())
                .setVerifyHost(true)
                .setKeepAlive(false)
                .setDecompressionSupported(false));
    }

    /// @return fails with what went wrong; an answer of any status is an answer
    Future<Answer> post(URI target, InetAddress at, Map<String, String> headers, byte[] body) {
        boolean isSecure = target.getScheme().toLowerCase(Locale.ROOT).equals("https");
        int usualPort = isSecure ? HTTPS : HTTP;
        int port = target.getPort() < 0 ? usualPort : target.getPort();
        RequestOptions options = new RequestOptions()
                .setMethod(HttpMethod.POST)
                .setSsl(isSecure)
                .setHost(target.getHost())
                .setPort(port)
                .setServer(SocketAddress.inetSocketAddress(port, at.getHostAddress()))
                .setURI(path(target))
                .setFollowRedirects(false)
                .setConnectTimeout(timeout.toMillis())
                .setIdleTimeout(timeout.toMillis());
        headers.forEach(options::putHeader);
        return client.request(options).compose(request -> answer(request, body));
    }

    @Override
    public void close() {
        client.close();
    }

    private Future<Answer> answer(HttpClientRequest request, byte[] body) {
        return request.send(Buffer.buffer(body)).map(response -> {
            Answer answer = new Answer(response.statusCode(), retryAfter(response));
            drop(response);
            return answer;
        });
    }

    /// A short body is let in, so that its sender sees no broken connection; the rest would be somebody else's data.
    private static void drop(HttpClientResponse response) {
        long[] seen = {0};
        response.handler(chunk -> {
            seen[0] += chunk.length();
            if (seen[0] > LARGEST_ANSWER) {
                response.request().connection().close();
            }
        });
        response.exceptionHandler(brokenOff -> {}); // it has answered
    }

    private static String path(URI target) {
        String path = target.getRawPath() == null || target.getRawPath().isEmpty() ? "/" : target.getRawPath();
        return target.getRawQuery() == null ? path : path + "?" + target.getRawQuery();
    }

    private static Optional<Duration> retryAfter(HttpClientResponse response) {
        return Optional.ofNullable(response.getHeader("Retry-After")).flatMap(text -> retryAfter(text, Instant.now()));
    }

    /// Seconds or a date (RFC 9110); what is neither counts for nothing.
    static Optional<Duration> retryAfter(String text, Instant now) {
        if (text.strip().matches("\\d{1,9}")) {
            return Optional.of(Duration.ofSeconds(Long.parseLong(text.strip())));
        }
        try {
            Instant until = ZonedDateTime.parse(text.strip(), DateTimeFormatter.RFC_1123_DATE_TIME)
                    .toInstant();
            return Optional.of(Duration.between(now, until)).filter(Duration::isPositive);
        } catch (DateTimeParseException neither) {
            return Optional.empty();
        }
    }
}
