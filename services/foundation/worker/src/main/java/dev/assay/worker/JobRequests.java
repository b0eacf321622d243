package dev.assay.worker;

import com.google.protobuf.Message;
import dev.assay.computation.ProblemException;
import dev.assay.contract.JobId;
import dev.assay.contract.Operation;
import dev.assay.contract.Operations;
import dev.assay.contract.Tenant;
import dev.assay.contract.Validation;
import dev.assay.job.v1.Job;
import io.cloudevents.CloudEvent;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.producer.ProducerRecord;

/// Requests on `assay.jobs.<capability>`, written by the mesh or by anyone who can write to the topic.
final class JobRequests {

    /// @param jobId the event's subject when it is a job's id, else derived from the event's id
    /// @param idempotencyKey the event's id when it is not the job's; empty otherwise
    /// @param request with defaults, constraints checked
    record Received(String jobId, String idempotencyKey, Operation operation, Message request, Terms terms) {}

    /// The attributes by which an event says on which terms its job runs (docs/events.md).
    private static final String TENANT = "assaytenant";

    private static final String PRIORITY = "assaypriority";
    private static final String CALLBACK = "assaycallback";

    private JobRequests() {}

    static String type(String capability) {
        return "dev.assay." + capability + ".requested.v1";
    }

    /// A record that names a job, on the queue that the job is in.
    ///
    /// @throws ProblemException `unknown-operation`, when this version cannot run the job
    static ProducerRecord<String, byte[]> record(Job job, String source) {
        Operation operation = operation(job);
        return CloudEvents.record(
                WorkQueue.of(job).topic(),
                job.getId(),
                type(job.getCapability()),
                source,
                job.getIdempotencyKey().isEmpty() ? job.getId() : job.getIdempotencyKey(),
                job.getId(),
                operation.envelope(request(operation, job)),
                attributes(Terms.of(job)));
    }

    /// @throws ProblemException `unknown-operation`
    static Operation operation(Job job) {
        return Operations.find(job.getCapability(), job.getOperation())
                .orElseThrow(() -> new ProblemException(
                        "unknown-operation",
                        job.getId(),
                        "there is no operation '" + job.getOperation() + "' of " + job.getCapability()
                                + " in this version",
                        "bring all processes to the same version, or submit a new job instead"));
    }

    /// @throws ProblemException `malformed-event`
    static Message request(Operation operation, Job job) {
        try {
            return operation.requestFrom(job.getRequest());
        } catch (IllegalArgumentException broken) {
            throw CloudEvents.malformed("the request of job " + job.getId() + " cannot be read", broken);
        }
    }

    private static Map<String, String> attributes(Terms terms) {
        Map<String, String> attributes = new TreeMap<>();
        attributes.put(PRIORITY, terms.priority().name().toLowerCase(Locale.ROOT));
        if (!terms.tenant().isEmpty()) {
            attributes.put(TENANT, terms.tenant());
        }
        if (!terms.callback().isEmpty()) {
            attributes.put(CALLBACK, terms.callback());
        }
        return attributes;
    }

    private static Terms terms(CloudEvent event) {
        return new Terms(
                attribute(event, TENANT), Terms.priority(attribute(event, PRIORITY)), attribute(event, CALLBACK));
    }

    private static String attribute(CloudEvent event, String name) {
        Object value = event.getExtension(name);
        return value == null ? "" : value.toString();
    }

    /// Who a record is about, as far as that can be told without its data.
    ///
    /// @throws ProblemException `malformed-event`
    static String jobId(CloudEvent event, String capability) {
        String subject = event.getSubject();
        if (subject != null && JobId.isValid(subject)) {
            return subject;
        }
        return JobIds.ofKey(capability, attribute(event, TENANT), event.getId());
    }

    /// Whose job an event asks for: the tenant without a name when what it names can be none.
    static String tenant(CloudEvent event) {
        return Optional.of(attribute(event, TENANT)).filter(Tenant::isName).orElse(Tenant.NAMELESS);
    }

    /// @throws ProblemException `malformed-event`, or what is wrong with the request itself
    static Received read(CloudEvent event, String capability) {
        if (!event.getType().equals(type(capability))) {
            throw CloudEvents.malformed("its type is " + event.getType() + ", not " + type(capability), null);
        }
        List<Operation> operations = Operations.of(capability);
        Message envelope = CloudEvents.data(event, operations.getFirst().envelope());
        Operation operation = Operations.ofEnvelope(envelope)
                .orElseThrow(() -> new ProblemException(
                        "unknown-operation",
                        "",
                        "the request names no operation of " + capability,
                        "set one of "
                                + operations.stream()
                                        .map(o -> o.requestField().getJsonName())
                                        .toList()));
        Message request = Validation.accept(Operations.requestOf(envelope));
        String jobId = jobId(event, capability);
        return new Received(jobId, event.getId().equals(jobId) ? "" : event.getId(), operation, request, terms(event));
    }

    static String describe(ConsumerRecord<?, ?> record) {
        return record.topic() + "-" + record.partition() + "@" + record.offset();
    }
}
