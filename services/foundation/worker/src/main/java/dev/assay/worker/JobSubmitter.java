package dev.assay.worker;

import com.google.protobuf.Any;
import com.google.protobuf.Message;
import dev.assay.computation.ProblemException;
import dev.assay.contract.JobId;
import dev.assay.contract.Operation;
import dev.assay.contract.Operations;
import dev.assay.contract.Validation;
import dev.assay.job.v1.Job;
import io.opentelemetry.api.OpenTelemetry;
import io.opentelemetry.api.trace.Span;
import io.opentelemetry.api.trace.SpanKind;
import io.opentelemetry.api.trace.StatusCode;
import io.opentelemetry.api.trace.Tracer;
import io.opentelemetry.context.Scope;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.locks.ReentrantLock;
import org.apache.kafka.clients.producer.ProducerRecord;

/// Takes in jobs: the queued snapshot, the `queued` event and the request become visible together or not at all.
/// Thread-safe.
public final class JobSubmitter {

    private static final Duration PATIENCE = Duration.ofSeconds(20);
    private static final int LONGEST_KEY = 255;

    private final Ledger ledger;
    private final JobStates states;
    private final String source;
    private final Tracer tracer;
    private final Clock clock;
    private final Map<String, ReentrantLock> underWay = new ConcurrentHashMap<>();

    JobSubmitter(Ledger ledger, JobStates states, String source, OpenTelemetry telemetry, Clock clock) {
        this.ledger = ledger;
        this.states = states;
        this.source = source;
        this.tracer = telemetry.getTracer("dev.assay.worker");
        this.clock = clock;
    }

    /// A new job for a request, whatever was submitted before.
    ///
    /// @param request an operation's request; defaults are filled in here
    /// @throws dev.assay.contract.InvalidRequestException naming each field and the bound it breaks
    /// @throws ProblemException `record-too-large`, `mesh-unavailable`: then the job may yet turn up, so that a
    ///     caller who tries again should use an idempotency key
    public Job submit(Message request) {
        return submit(request, Terms.USUAL);
    }

    /// As {@link #submit(Message)}, on these terms.
    public Job submit(Message request, Terms terms) {
        Job job = write(JobId.next(), "", "", accepted(request), terms);
        states.accept(job); // nobody else can have this id, so it need not be read first
        return job;
    }

    /// The job of an idempotency key: a new one at the first call, the same one ever after.
    ///
    /// @param idempotencyKey 1 to 255 characters, chosen by the caller; keys of different capabilities do not
    ///     meet
    /// @throws ProblemException `idempotency-conflict` when the key came with another request before; else as
    ///     {@link #submit(Message)}
    public Job submit(Message request, String idempotencyKey) {
        return submit(request, idempotencyKey, Terms.USUAL);
    }

    /// As {@link #submit(Message, String)}, on these terms; keys of different tenants do not meet. A repetition
    /// changes no terms.
    public Job submit(Message request, String idempotencyKey, Terms terms) {
        requireKey(idempotencyKey);
        return submitOnce(request, idempotencyKey, "", terms);
    }

    /// A child of another job. The key names the child within its parent, so that a parent that starts again
    /// finds the children it had. A child belongs to its parent's tenant and is as urgent as its parent.
    Job submitChild(Message request, Job parent, String key) {
        requireKey(key);
        return submitOnce(request, parent.getId() + "/" + key, parent.getId(), Terms.ofChildrenOf(parent));
    }

    private Job submitOnce(Message request, String key, String parentId, Terms terms) {
        Message accepted = accepted(request);
        Operation operation = operation(accepted);
        String id = JobIds.ofKey(operation.capability(), terms.tenant(), key);
        ReentrantLock lock = underWay.computeIfAbsent(id, any -> new ReentrantLock());
        lock.lock();
        try {
            if (states.find(id).isPresent()) {
                return sameRequest(states.findFresh(id).orElseThrow(), accepted);
            }
            Job ours = write(id, key, parentId, accepted, terms);
            // another process may have been first with this key: the log's order decides, and every reader sees it
            return sameRequest(states.awaitAttempt(id, 0, PATIENCE).orElse(ours), accepted);
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
            throw Topics.unavailable(interrupted);
        } finally {
            // before unlocking: whoever waits still holds the old lock, whoever comes later finds the job
            underWay.remove(id, lock);
            lock.unlock();
        }
    }

    private Job write(String id, String idempotencyKey, String parentId, Message request, Terms terms) {
        Operation operation = operation(request);
        Span span = tracer.spanBuilder("submit " + operation)
                .setSpanKind(SpanKind.PRODUCER)
                .setAttribute("assay.job.id", id)
                .setAttribute("messaging.system", "kafka")
                .startSpan();
        try (Scope ignored = span.makeCurrent()) {
            var step = JobLife.queued(id, operation, request, idempotencyKey, parentId, terms, clock.instant());
            List<ProducerRecord<String, byte[]>> records = new ArrayList<>(step.records(source));
            records.add(JobRequests.record(step.snapshot(), source));
            ledger.commit(records, PATIENCE);
            return step.snapshot();
        } catch (ProblemException failure) {
            span.setStatus(StatusCode.ERROR, failure.oneLine());
            throw failure;
        } finally {
            span.end();
        }
    }

    private static Job sameRequest(Job known, Message request) {
        if (known.getRequest().equals(Any.getDefaultInstance())
                || known.getRequest().equals(Any.pack(request))) {
            return known;
        }
        throw new ProblemException(
                "idempotency-conflict",
                "Idempotency-Key",
                "the key '" + known.getIdempotencyKey() + "' belongs to job " + known.getId()
                        + ", which has another request",
                "use a new key for a new request");
    }

    private static Message accepted(Message request) {
        operation(request);
        return Validation.accept(request);
    }

    private static Operation operation(Message request) {
        return Operations.ofRequest(request.getDescriptorForType())
                .orElseThrow(() -> new IllegalArgumentException(
                        request.getDescriptorForType().getFullName() + " is no operation's request"));
    }

    private static void requireKey(String key) {
        if (key.isBlank() || key.length() > LONGEST_KEY) {
            throw new ProblemException(
                    "malformed-field",
                    "Idempotency-Key",
                    "an idempotency key has " + key.length() + " characters",
                    "send 1 to " + LONGEST_KEY + " characters, not all blank");
        }
    }
}
