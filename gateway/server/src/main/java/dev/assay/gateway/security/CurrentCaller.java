package dev.assay.gateway.security;

import io.quarkus.vertx.http.runtime.CurrentVertxRequest;
import io.vertx.ext.web.RoutingContext;
import jakarta.inject.Inject;
import jakarta.inject.Singleton;

/// Who makes the request that is being answered. Whatever a resource shows or takes in, it shows to this caller's
/// tenant
/// and takes in for it.
@Singleton
public class CurrentCaller {

    private static final String KEY = Caller.class.getName();

    private final CurrentVertxRequest request;

    @Inject
    CurrentCaller(CurrentVertxRequest request) {
        this.request = request;
    }

    /// @throws IllegalStateException outside a request, or in one that nobody has let in: never a caller who may all
    public Caller get() {
        RoutingContext context = request.getCurrent();
        Caller caller = context == null ? null : context.get(KEY);
        if (caller == null) {
            throw new IllegalStateException("nobody has said who makes this request");
        }
        return caller;
    }

    /// The caller's tenant; empty: the one without a name.
    public String tenant() {
        return get().tenant();
    }

    static void set(RoutingContext context, Caller caller) {
        context.put(KEY, caller);
    }
}
