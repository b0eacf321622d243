package dev.assay.gateway.security;

import dev.assay.contract.Scope;
import java.util.List;
import java.util.Optional;
import java.util.regex.Pattern;

/// Which scope a request needs: the whole table. What is in no line of it needs `read` to be looked at and `admin`
/// for anything else, so a route that somebody forgets here is closed, not open.
final class RouteScopes {

    private record Line(Pattern request, Optional<Scope> scope) {}

    private static final List<Line> TABLE = List.of(
            open("GET /q/health(/(live|ready|started|well|group(/.*)?))?"),
            open("GET /(openapi|asyncapi)"),
            open("GET /docs/api(/.*)?"),
            needs("(GET|HEAD) /q(/.*)?", Scope.ADMIN),
            needs("POST /v1/artifacts", Scope.SUBMIT),
            needs("POST /v1/artifacts/collect", Scope.ADMIN),
            needs("(GET|HEAD) /v1/artifacts/[^/]+", Scope.READ),
            needs("GET /v1/(models|datasets)(/[^/]+)?", Scope.READ),
            needs("PUT /v1/(models|datasets)/[^/]+", Scope.REGISTER),
            needs("GET /v1/jobs(/[^/]+(/(events|result|report|artifacts/[^/]+))?)?", Scope.READ),
            needs("GET /v1/mesh", Scope.READ),
            needs("POST /v1/workers/[^/]+/drain", Scope.ADMIN),
            needs("POST /v1/jobs/[^/]+/(cancel|retry)", Scope.SUBMIT),
            needs("POST /v1/pipelines", Scope.SUBMIT),
            needs("POST /v1/[a-z-]+/[a-z-]+", Scope.SUBMIT));

    private static final Pattern LOOK = Pattern.compile("(GET|HEAD) .*");

    private RouteScopes() {}

    /// @param path normalized: no dots, no double slashes, nothing escaped that need not be
    /// @return empty when no key is needed
    static Optional<Scope> of(String method, String path) {
        return line(method, path)
                .map(Line::scope)
                .orElseGet(() -> Optional.of(LOOK.matcher(method + " " + path).matches() ? Scope.READ : Scope.ADMIN));
    }

    /// Whether the table has a line of its own for a request.
    static boolean isListed(String method, String path) {
        return line(method, path).isPresent();
    }

    /// What the lines of the table match, such as `POST /v1/artifacts`.
    static List<Pattern> requests() {
        return TABLE.stream().map(Line::request).toList();
    }

    private static Optional<Line> line(String method, String path) {
        String request = method + " " + path;
        return TABLE.stream()
                .filter(line -> line.request().matcher(request).matches())
                .findFirst();
    }

    private static Line open(String request) {
        return new Line(Pattern.compile(request), Optional.empty());
    }

    private static Line needs(String request, Scope scope) {
        return new Line(Pattern.compile(request), Optional.of(scope));
    }
}
