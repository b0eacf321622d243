package dev.assay.gateway.security;

import dev.assay.computation.ProblemException;
import dev.assay.contract.Problems;
import dev.assay.contract.Scope;
import dev.assay.gateway.problem.ProblemResponse;
import io.vertx.core.http.HttpServerResponse;
import java.time.Duration;

/// A request that goes no further, and the header that tells its sender what to do.
final class RefusedRequestException extends Exception {

    private static final long serialVersionUID = 1;

    private final transient ProblemException problem;
    private final String header;
    private final String value;

    private RefusedRequestException(ProblemException problem, String header, String value) {
        super(problem.oneLine());
        this.problem = problem;
        this.header = header;
        this.value = value;
    }

    static RefusedRequestException unauthenticated(String what) {
        return new RefusedRequestException(
                new ProblemException(
                        "unauthenticated",
                        "Authorization",
                        what,
                        "send 'Authorization: Bearer assay_…'; the command line takes the key from ASSAY_KEY or"
                                + " ASSAY_KEY_FILE"),
                "WWW-Authenticate",
                "Bearer realm=\"assay\"");
    }

    /// @param what is wrong with the token, which is never quoted
    static RefusedRequestException invalidToken(String what) {
        return new RefusedRequestException(
                new ProblemException(
                        "unauthenticated",
                        "Authorization",
                        "the token is not accepted: " + what,
                        "get a new token from the issuer, for this gateway's audience"),
                "WWW-Authenticate",
                "Bearer realm=\"assay\", error=\"invalid_token\"");
    }

    static RefusedRequestException issuerUnavailable(String what) {
        return new RefusedRequestException(
                new ProblemException(
                        "issuer-unavailable",
                        "Authorization",
                        "the token cannot be checked: " + what,
                        "try again in a second; if it stays, check that the gateway reaches assay.security.oidc.issuer"),
                "Retry-After",
                "1");
    }

    static RefusedRequestException forbidden(String name, String method, Scope needed) {
        return new RefusedRequestException(
                new ProblemException(
                        "forbidden",
                        "Authorization",
                        name + " has not the scope '" + needed.text() + "', which this " + method + " needs",
                        "use a key with the scope '" + needed.text() + "'"),
                "WWW-Authenticate",
                "Bearer realm=\"assay\", error=\"insufficient_scope\", scope=\"" + needed.text() + "\"");
    }

    static RefusedRequestException tooMany(String name, Duration wait) {
        long seconds = Math.max(1, (long) Math.ceil(wait.toNanos() / 1e9));
        return new RefusedRequestException(
                new ProblemException(
                        "too-many-requests",
                        name,
                        name + " makes requests faster than it may",
                        "try again in " + seconds + " s, or let the operator raise"
                                + " assay.security.requests-per-second"),
                "Retry-After",
                Long.toString(seconds));
    }

    ProblemException problem() {
        return problem;
    }

    void answer(HttpServerResponse response) {
        var told = Problems.of(problem);
        response.setStatusCode(told.getStatus())
                .putHeader("Content-Type", ProblemResponse.MEDIA_TYPE)
                .putHeader(header, value)
                .end(ProblemResponse.json(told));
    }
}
