package dev.assay.gateway.security;

import dev.assay.computation.ProblemException;
import dev.assay.contract.Scope;
import dev.assay.gateway.security.SecuritySettings.Mode;
import io.quarkus.runtime.configuration.ConfigurationException;
import io.quarkus.vertx.http.runtime.filters.Filters;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.ext.web.RoutingContext;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.event.Observes;
import jakarta.inject.Inject;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.time.Duration;
import java.util.Locale;
import java.util.Optional;
import org.eclipse.microprofile.config.inject.ConfigProperty;
import org.jboss.logging.Logger;

/// Decides about every request before anything else sees it: whether a key is needed, whose it is, and whether it may.
@ApplicationScoped
class Access {

    private static final Logger LOG = Logger.getLogger(Access.class);

    /// After the headers of every answer, before everything that answers.
    private static final int EARLY = 900;

    private static final String SCHEME = "bearer ";
    private static final String METRICS = "/q/metrics";

    private final Optional<KeyFile> keys;
    private final RequestRate rate;
    private final boolean openMetrics;

    @Inject
    Access(SecuritySettings settings, @ConfigProperty(name = "quarkus.http.host") String host) {
        this.rate = new RequestRate(settings.requestsPerSecond(), settings.burst());
        this.openMetrics = settings.openMetrics();
        this.keys = needsKeys(settings.mode(), host) ? Optional.of(keys(settings, host)) : Optional.empty();
    }

    void register(@Observes Filters filters) {
        filters.register(this::decide, EARLY);
    }

    /// Whether keys are asked for, by what is set and where the gateway listens.
    static boolean needsKeys(Mode mode, String host) {
        return switch (mode) {
            case KEYS -> true;
            case AUTO -> !isLoopback(host);
            case NONE -> {
                if (!isLoopback(host)) {
                    LOG.warnf(
                            "whoever reaches this gateway on %s may do everything: assay.security.mode is none", host);
                }
                yield false;
            }
        };
    }

    /// @throws ConfigurationException in one line, which is all that the gateway says before it stops
    static KeyFile keys(SecuritySettings settings, String host) {
        var file = settings.keysFile()
                .orElseThrow(() -> new ConfigurationException("the gateway is to listen on " + host
                        + " and knows no keys: make one with ./assay keys new --name NAME, write the entry into a file"
                        + " and name that in assay.security.keys-file (or say assay.security.mode=none)"));
        try {
            return KeyFile.open(file);
        } catch (ProblemException problem) {
            throw new ConfigurationException("the gateway does not start: " + problem.oneLine(), problem);
        }
    }

    private void decide(RoutingContext context) {
        if (keys.isEmpty()) {
            CurrentCaller.set(context, Caller.ANYBODY);
            context.next();
            return;
        }
        HttpServerRequest request = context.request();
        Optional<Scope> needed = RouteScopes.of(request.method().name(), context.normalizedPath());
        boolean isOpenMetrics = openMetrics && context.normalizedPath().equals(METRICS);
        if (needed.isEmpty() || isOpenMetrics) {
            context.next();
            return;
        }
        try {
            Caller caller = caller(request);
            requireRate(caller);
            requireScope(caller, needed.get(), request);
            CurrentCaller.set(context, caller);
        } catch (RefusedRequestException refused) {
            LOG.infof(
                    "refused %s %s: %s",
                    request.method(),
                    context.normalizedPath(),
                    refused.problem().oneLine());
            refused.answer(context.response());
            return;
        }
        context.next();
    }

    private Caller caller(HttpServerRequest request) throws RefusedRequestException {
        String header = request.getHeader("Authorization");
        if (header == null || !header.toLowerCase(Locale.ROOT).startsWith(SCHEME)) {
            throw RefusedRequestException.unauthenticated("the request comes without a key");
        }
        String key = header.substring(SCHEME.length()).strip();
        return keys.orElseThrow()
                .find(key)
                .map(Caller::of)
                .orElseThrow(() -> RefusedRequestException.unauthenticated("the key is not known here"));
    }

    private void requireRate(Caller caller) throws RefusedRequestException {
        Duration wait = rate.take(caller.label(), System.nanoTime());
        if (!wait.isZero()) {
            throw RefusedRequestException.tooMany(caller.label(), wait);
        }
    }

    private static void requireScope(Caller caller, Scope needed, HttpServerRequest request)
            throws RefusedRequestException {
        if (!caller.scopes().contains(needed)) {
            throw RefusedRequestException.forbidden(
                    caller.label(), request.method().name(), needed);
        }
    }

    private static boolean isLoopback(String host) {
        try {
            return InetAddress.getByName(host).isLoopbackAddress();
        } catch (UnknownHostException unknown) {
            return false;
        }
    }
}
