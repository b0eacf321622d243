package dev.assay.gateway.callback;

import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.Timestamp;
import dev.assay.callback.v1.DeliverRequest;
import dev.assay.callback.v1.DeliverResult;
import dev.assay.callback.v1.DeliveryAttempt;
import dev.assay.callback.v1.DeliveryLog;
import dev.assay.computation.CancelledException;
import dev.assay.computation.ProblemException;
import dev.assay.computation.Progress;
import dev.assay.contract.Json;
import dev.assay.job.v1.Job.State;
import dev.assay.job.v1.JobEvent;
import dev.assay.worker.Job;
import dev.assay.worker.JobHandler;
import dev.assay.worker.JobStates;
import io.vertx.core.Vertx;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.stream.Collectors;

/// Tells an address of the end of a job, again and again until it is taken or often enough. Every call is kept before
/// the next one is made, so a delivery that loses its gateway goes on counting where it was.
public final class DeliveryHandler implements JobHandler<DeliverRequest, DeliverResult>, AutoCloseable {

    private static final Duration FRESHNESS_PATIENCE = Duration.ofSeconds(2);
    private static final String LOG_FILE = "deliveries.json";

    private final Callbacks callbacks;
    private final DeliverySchedule schedule;
    private final WebhookClient client;
    private final JobStates states;
    private final Clock clock;

    public DeliveryHandler(Callbacks callbacks, CallbackSettings settings, Vertx vertx, JobStates states) {
        this(callbacks, DeliverySchedule.of(settings), vertx, states, Clock.systemUTC());
    }

    DeliveryHandler(Callbacks callbacks, DeliverySchedule schedule, Vertx vertx, JobStates states, Clock clock) {
        this.callbacks = callbacks;
        this.schedule = schedule;
        this.client = new WebhookClient(vertx, schedule.timeout());
        this.states = states;
        this.clock = clock;
    }

    @Override
    public DeliverResult run(Job<DeliverRequest> job) throws InterruptedException {
        requireThatTheEndCounts(job.request());
        SigningKeys keys = callbacks.keys();
        URI target = Callbacks.uri(job.request().getUrl());
        Webhook webhook = Webhook.of(job.id(), job.request());
        DeliveryLog log = lastLog(job);
        while (true) {
            awaitUntil(instant(log.getNotBefore()), job.progress());
            Call call = call(job, target, webhook, keys, log.getAttemptsCount());
            log = after(log, call);
            job.progress().report("calls", log.getSpent(), schedule.attempts());
            if (call.answer().filter(WebhookClient.Answer::isTaken).isPresent()) {
                return attached(job, log);
            }
            if (call.isHopeless() || log.getSpent() >= schedule.attempts()) {
                throw givenUp(job, log);
            }
            keep(job, log, told(call) + ", again at " + instant(log.getNotBefore()));
        }
    }

    @Override
    public void close() {
        client.close();
    }

    /// One call and what came of it.
    ///
    /// @param problem why there is no answer
    /// @param isRefused trying again would be no better
    private record Call(
            Instant at, Duration took, Optional<WebhookClient.Answer> answer, String problem, boolean isRefused) {

        boolean isHopeless() {
            return isRefused || answer.filter(WebhookClient.Answer::isGone).isPresent();
        }
    }

    private Call call(Job<?> job, URI target, Webhook webhook, SigningKeys keys, int callsBefore)
            throws InterruptedException {
        Instant at = clock.instant();
        long began = System.nanoTime();
        Optional<WebhookClient.Answer> answer = Optional.empty();
        String problem = "";
        boolean isRefused = false;
        try {
            List<InetAddress> addresses = callbacks.addresses(target.toString());
            InetAddress address = addresses.get(callsBefore % addresses.size());
            answer = Optional.of(await(
                    client.post(target, address, webhook.headers(keys, at), webhook.body())
                            .toCompletionStage()
                            .toCompletableFuture(),
                    job.progress()));
        } catch (ProblemException refused) {
            problem = refused.detail() + " [" + refused.type() + "]";
            isRefused = !refused.type().equals("host-unknown"); // a name server may be away
        } catch (ExecutionException failure) {
            problem = text(failure.getCause());
        } catch (TimeoutException late) {
            problem = "no answer within " + schedule.timeout();
        }
        return new Call(at, Duration.ofNanos(System.nanoTime() - began), answer, problem, isRefused);
    }

    /// The connection and the answer have their own limits; this one is for a receiver that answers a byte at a time.
    private WebhookClient.Answer await(CompletableFuture<WebhookClient.Answer> answer, Progress progress)
            throws InterruptedException, ExecutionException, TimeoutException {
        try (var watch = progress.whenCancelled(() -> answer.cancel(false))) {
            return answer.get(schedule.timeout().multipliedBy(2).toMillis(), TimeUnit.MILLISECONDS);
        } catch (CancellationException stopped) {
            progress.checkCancelled();
            throw stopped;
        }
    }

    private void awaitUntil(Instant time, Progress progress) throws InterruptedException {
        CountDownLatch stopped = new CountDownLatch(1);
        try (var watch = progress.whenCancelled(stopped::countDown)) {
            long millis = Math.max(0, Duration.between(clock.instant(), time).toMillis());
            stopped.await(millis, TimeUnit.MILLISECONDS);
        }
        progress.checkCancelled();
    }

    private DeliveryLog after(DeliveryLog log, Call call) {
        int spent = log.getSpent() + 1;
        Duration pause = schedule.pause(
                spent,
                call.answer().flatMap(WebhookClient.Answer::retryAfter),
                ThreadLocalRandom.current().nextDouble());
        return log.toBuilder()
                .addAttempts(DeliveryAttempt.newBuilder()
                        .setTime(timestamp(call.at()))
                        .setStatus(
                                call.answer().map(WebhookClient.Answer::status).orElse(0))
                        .setProblem(call.problem())
                        .setSeconds(call.took().toMillis() / 1e3))
                .setSpent(spent)
                .setNotBefore(timestamp(clock.instant().plus(pause)))
                .build();
    }

    /// The log stays with the job. A delivery that is put back begins to count anew.
    private ProblemException givenUp(Job<DeliverRequest> job, DeliveryLog log) {
        attached(job, log);
        keep(job, log.toBuilder().clearSpent().clearNotBefore().build(), "given up");
        String calls = log.getAttemptsList().stream()
                .map(attempt -> instant(attempt.getTime()) + " " + told(attempt))
                .collect(Collectors.joining("; "));
        return new ProblemException(
                "callback-not-delivered",
                job.request().getUrl(),
                "the end of job " + job.request().getEvent().getJobId() + " could not be told to "
                        + job.request().getUrl() + " in " + log.getSpent() + " calls: " + calls,
                "see to the receiver, then put the delivery back with POST /v1/jobs/" + job.id() + "/retry; the job"
                        + " itself is not touched by this");
    }

    private static DeliverResult attached(Job<?> job, DeliveryLog log) {
        DeliverResult result = DeliverResult.newBuilder()
                .addAllAttempts(log.getAttemptsList())
                .setProvenance(job.provenance())
                .build();
        job.attach(LOG_FILE, "application/json", Json.print(result).getBytes(StandardCharsets.UTF_8));
        return result;
    }

    private static void keep(Job<?> job, DeliveryLog log, String position) {
        job.checkpoint("call " + log.getAttemptsCount() + ": " + position, log.toByteArray());
    }

    private static DeliveryLog lastLog(Job<?> job) {
        Optional<Path> kept = job.lastCheckpoint();
        try {
            return kept.isEmpty()
                    ? DeliveryLog.getDefaultInstance()
                    : DeliveryLog.parseFrom(Files.readAllBytes(kept.get()));
        } catch (InvalidProtocolBufferException otherVersion) {
            return DeliveryLog.getDefaultInstance(); // it calls more often than it should, rather than never
        } catch (IOException unreadable) {
            throw new UncheckedIOException(unreadable);
        }
    }

    /// A worker that was frozen may write an end after its job went to another one. Readers pass over such an end, and
    /// so must those who are told.
    private void requireThatTheEndCounts(DeliverRequest request) {
        JobEvent end = request.getEvent();
        states.findFreshest(end.getJobId(), FRESHNESS_PATIENCE)
                .filter(job -> job.getRetries() == request.getRetries())
                .filter(job -> job.getAttempt() != end.getAttempt() || job.getState() != state(end))
                .ifPresent(job -> {
                    throw new CancelledException("the end of attempt " + end.getAttempt() + " does not count: job "
                            + job.getId() + " is " + job.getState() + " in attempt " + job.getAttempt());
                });
    }

    private static State state(JobEvent end) {
        return switch (end.getDetailCase()) {
            case SUCCEEDED -> State.SUCCEEDED;
            case FAILED -> State.FAILED;
            case CANCELLED -> State.CANCELLED;
            case QUEUED, STARTED, PROGRESS, CHECKPOINT, DETAIL_NOT_SET ->
                throw new ProblemException(
                        "malformed-event",
                        "event",
                        "the event of a delivery is no end of a job",
                        "leave it to the mesh to make deliveries");
        };
    }

    private static String told(Call call) {
        return call.answer().map(answer -> Integer.toString(answer.status())).orElse(call.problem());
    }

    private static String told(DeliveryAttempt attempt) {
        return attempt.getStatus() != 0 ? Integer.toString(attempt.getStatus()) : attempt.getProblem();
    }

    private static String text(Throwable failure) {
        return failure.getMessage() == null ? failure.getClass().getSimpleName() : failure.getMessage();
    }

    private static Instant instant(Timestamp time) {
        return Instant.ofEpochSecond(time.getSeconds(), time.getNanos());
    }

    private static Timestamp timestamp(Instant time) {
        return Timestamp.newBuilder()
                .setSeconds(time.getEpochSecond())
                .setNanos(time.getNano())
                .build();
    }
}
