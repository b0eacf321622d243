package dev.assay.gateway.security;

import com.google.protobuf.util.Timestamps;
import dev.assay.audit.v1.AuditEntry;
import dev.assay.audit.v1.AuditEntry.Outcome;
import dev.assay.contract.AccessKey;
import dev.assay.contract.JobId;
import dev.assay.gateway.GatewayConfiguration;
import dev.assay.worker.AuditLog;
import dev.assay.worker.KafkaConnection;
import io.micrometer.core.instrument.MeterRegistry;
import io.vertx.core.http.HttpServerResponse;
import io.vertx.core.net.SocketAddress;
import io.vertx.ext.web.RoutingContext;
import jakarta.annotation.PreDestroy;
import jakarta.inject.Inject;
import jakarta.inject.Singleton;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.atomic.AtomicLong;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// Writes down who wants to change something and what becomes of it, and who is not let in. Looks at requests and
/// answers from outside, so that no route can forget it.
@Singleton
class Audit {

    private static final Set<String> LOOKING = Set.of("GET", "HEAD", "OPTIONS");
    private static final Pattern KEY = Pattern.compile(AccessKey.PREFIX + "[A-Za-z0-9_-]+");
    private static final Pattern SUBJECT = Pattern.compile("/v1/(?:jobs|artifacts|models|datasets)/([^/]+)(?:/.*)?");
    private static final int LONGEST_PATH = 300;

    /// Whoever knocks at a closed door as fast as a network allows must not fill the topic.
    private static final double REFUSALS_PER_SECOND = 10;

    private static final int REFUSALS_AT_ONCE = 100;

    private final KafkaConnection kafka;
    private final String gateway;
    private final MeterRegistry meters;
    private final RequestRate refusals = new RequestRate(REFUSALS_PER_SECOND, REFUSALS_AT_ONCE);
    private final AtomicLong omitted = new AtomicLong();
    private volatile Optional<AuditLog> log = Optional.empty();

    @Inject
    Audit(KafkaConnection kafka, GatewayConfiguration configuration, MeterRegistry meters) {
        this.kafka = kafka;
        this.gateway = configuration.name();
        this.meters = meters;
        AuditLog.register(meters);
    }

    /// Until this is called, nothing is written.
    void begin() {
        log = Optional.of(new AuditLog(kafka, gateway, meters));
    }

    @PreDestroy
    void end() {
        log.ifPresent(AuditLog::close);
    }

    /// Writes down a request that was let in when it is answered, if it is one that changes something.
    void follow(RoutingContext context, Caller caller) {
        if (log.isPresent() && !LOOKING.contains(context.request().method().name())) {
            context.addEndHandler(ended -> add(answered(context, caller, ended.succeeded())));
        }
    }

    /// Writes down a request that was not let in.
    ///
    /// @param caller whose key it came with, when it is known
    void refused(RoutingContext context, Optional<Caller> caller, int status) {
        if (log.isEmpty()) {
            return;
        }
        if (!refusals.take(caller.map(Caller::label).orElse(""), System.nanoTime())
                .isZero()) {
            omitted.incrementAndGet();
            return;
        }
        AuditEntry.Builder entry =
                entry(context).setOutcome(Outcome.REFUSED).setStatus(status).setOmitted(omitted.getAndSet(0));
        caller.ifPresent(known -> entry.setCaller(known.name()).setTenant(known.tenant()));
        add(entry.build());
    }

    /// The path as it may be written down: bounded, and without what looks like a key.
    static String path(RoutingContext context) {
        String path = KEY.matcher(context.normalizedPath()).replaceAll(AccessKey.PREFIX + "…");
        return path.length() <= LONGEST_PATH ? path : path.substring(0, LONGEST_PATH) + "…";
    }

    private AuditEntry answered(RoutingContext context, Caller caller, boolean completely) {
        HttpServerResponse response = context.response();
        int status = completely ? response.getStatusCode() : 0;
        String made = Optional.ofNullable(response.headers().get("Location"))
                .map(location -> location.substring(location.lastIndexOf('/') + 1))
                .orElseGet(() -> subject(path(context)));
        return entry(context)
                .setCaller(caller.name())
                .setTenant(caller.tenant())
                .setSubject(made)
                .setOutcome(outcome(status))
                .setStatus(status)
                .build();
    }

    private AuditEntry.Builder entry(RoutingContext context) {
        SocketAddress from = context.request().remoteAddress();
        return AuditEntry.newBuilder()
                .setId(JobId.next())
                .setTime(Timestamps.now())
                .setAddress(from == null || from.hostAddress() == null ? "" : from.hostAddress())
                .setMethod(context.request().method().name())
                .setPath(path(context))
                .setGateway(gateway);
    }

    private static String subject(String path) {
        Matcher named = SUBJECT.matcher(path);
        return named.matches() ? named.group(1) : "";
    }

    private static Outcome outcome(int status) {
        if (status >= 200 && status < 400) {
            return Outcome.ACCEPTED;
        }
        return status >= 400 && status < 500 ? Outcome.REFUSED : Outcome.FAILED;
    }

    private void add(AuditEntry entry) {
        log.ifPresent(open -> open.add(entry));
    }
}
