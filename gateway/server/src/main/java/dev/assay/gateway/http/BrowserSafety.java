package dev.assay.gateway.http;

import io.quarkus.vertx.http.runtime.filters.Filters;
import io.vertx.core.MultiMap;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.event.Observes;

/// What every answer tells a browser: load nothing from elsewhere, guess no types, be in nobody's frame.
/// Resources that
/// serve somebody's bytes say something stricter.
@ApplicationScoped
public class BrowserSafety {

    /// Swagger UI sets styles in its elements; nothing else needs an exception.
    private static final String OWN_PAGES = "default-src 'self'; style-src 'self' 'unsafe-inline'; "
            + "img-src 'self' data:; object-src 'none'; base-uri 'none'; frame-ancestors 'none'";

    /// A report draws its plots with the script inside it, in an origin of its own, without a network.
    public static final String REPORT = "sandbox allow-scripts; default-src 'none'; script-src 'unsafe-inline'; "
            + "style-src 'unsafe-inline'; img-src data:; font-src data:";

    /// Other people's bytes: nothing runs.
    public static final String BYTES = "sandbox; default-src 'none'";

    public static final String POLICY = "Content-Security-Policy";

    private static final int EARLY = 1000;

    void register(@Observes Filters filters) {
        filters.register(
                context -> {
                    context.addHeadersEndHandler(
                            sent -> complete(context.response().headers()));
                    context.next();
                },
                EARLY);
    }

    private static void complete(MultiMap headers) {
        headers.set("X-Content-Type-Options", "nosniff");
        headers.set("Referrer-Policy", "no-referrer");
        if (!headers.contains(POLICY)) {
            headers.set(POLICY, OWN_PAGES);
        }
    }
}
