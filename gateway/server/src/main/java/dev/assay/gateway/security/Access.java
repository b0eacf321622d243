package dev.assay.gateway.security;

import dev.assay.computation.ProblemException;
import dev.assay.contract.AccessKey;
import dev.assay.contract.Scope;
import dev.assay.gateway.security.SecuritySettings.Mode;
import io.quarkus.runtime.configuration.ConfigurationException;
import io.quarkus.vertx.http.runtime.filters.Filters;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.ext.web.RoutingContext;
import jakarta.annotation.PreDestroy;
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

/// Decides about every request before anything else sees it: whether a key or a token is needed, whose it is, and
/// whether
/// it may.
@ApplicationScoped
class Access {

    private static final Logger LOG = Logger.getLogger(Access.class);

    /// After the headers of every answer, before everything that answers.
    private static final int EARLY = 900;

    private static final String SCHEME = "bearer ";
    private static final String METRICS = "/q/metrics";

    private final boolean isAsking;
    private final Optional<KeyFile> keys;
    private final Optional<TokenIssuer> issuer;
    private final RequestRate rate;
    private final boolean openMetrics;
    private final Audit audit;

    @Inject
    Access(
            SecuritySettings settings,
            OidcSettings tokens,
            AuditSettings auditing,
            Audit audit,
            @ConfigProperty(name = "quarkus.http.host") String host) {
        this.audit = audit;
        this.rate = new RequestRate(settings.requestsPerSecond(), settings.burst());
        this.openMetrics = settings.openMetrics();
        this.isAsking = needsKeys(settings.mode(), host);
        this.issuer = isAsking ? TokenIssuer.of(tokens) : Optional.empty();
        boolean needsFile = settings.keysFile().isPresent() || issuer.isEmpty();
        this.keys = isAsking && needsFile ? Optional.of(keys(settings, host)) : Optional.empty();
        if (auditing.enabled().orElse(isAsking)) {
            audit.begin();
        }
    }

    @PreDestroy
    void end() {
        issuer.ifPresent(TokenIssuer::close);
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
                        + " and name that in assay.security.keys-file (or name an issuer of tokens in"
                        + " assay.security.oidc.issuer, or say assay.security.mode=none)"));
        try {
            return KeyFile.open(file);
        } catch (ProblemException problem) {
            throw new ConfigurationException("the gateway does not start: " + problem.oneLine(), problem);
        }
    }

    private void decide(RoutingContext context) {
        if (!isAsking) {
            admit(context, Caller.ANYBODY);
            return;
        }
        HttpServerRequest request = context.request();
        Optional<Scope> needed = RouteScopes.of(request.method().name(), context.normalizedPath());
        boolean isOpenMetrics = openMetrics && context.normalizedPath().equals(METRICS);
        if (needed.isEmpty() || isOpenMetrics) {
            context.next();
            return;
        }
        Caller caller;
        try {
            caller = caller(request);
        } catch (RefusedRequestException refused) {
            refuse(context, Optional.empty(), refused);
            return;
        }
        try {
            requireRate(caller);
            requireScope(caller, needed.get(), request);
        } catch (RefusedRequestException refused) {
            refuse(context, Optional.of(caller), refused);
            return;
        }
        admit(context, caller);
    }

    private void admit(RoutingContext context, Caller caller) {
        CurrentCaller.set(context, caller);
        audit.follow(context, caller);
        context.next();
    }

    private void refuse(RoutingContext context, Optional<Caller> caller, RefusedRequestException refused) {
        LOG.infof(
                "refused %s %s: %s",
                context.request().method(),
                Audit.path(context),
                refused.problem().oneLine());
        refused.answer(context.response());
        audit.refused(context, caller, context.response().getStatusCode());
    }

    private Caller caller(HttpServerRequest request) throws RefusedRequestException {
        String header = request.getHeader("Authorization");
        if (header == null || !header.toLowerCase(Locale.ROOT).startsWith(SCHEME)) {
            throw RefusedRequestException.unauthenticated("the request comes without a key");
        }
        String sent = header.substring(SCHEME.length()).strip();
        if (issuer.isPresent() && !sent.startsWith(AccessKey.PREFIX)) {
            return issuer.get().caller(sent);
        }
        return keys.flatMap(file -> file.find(sent))
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
