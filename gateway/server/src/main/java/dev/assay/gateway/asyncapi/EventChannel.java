package dev.assay.gateway.asyncapi;

import com.google.protobuf.Descriptors.Descriptor;
import com.google.protobuf.Descriptors.FieldDescriptor;
import dev.assay.artifact.v1.RegistryEntry;
import dev.assay.audit.v1.AuditEntry;
import dev.assay.contract.Comments;
import dev.assay.contract.Operations;
import dev.assay.job.v1.Job;
import dev.assay.job.v1.JobEvent;
import dev.assay.job.v1.JobOrder;
import dev.assay.worker.JobEvents;
import dev.assay.worker.Topics;
import dev.assay.worker.WorkQueue;
import java.util.ArrayList;
import java.util.List;

/// A topic and the CloudEvents on it. The list of all is a table.
///
/// @param topic its name
/// @param description what it is for
/// @param key what its records are keyed by
/// @param direction who writes it
/// @param events the types of event on it; none when any event may lie there
record EventChannel(String topic, String description, String key, Direction direction, List<Event> events) {

    enum Direction {
        /// Anyone may write it, the mesh reads it.
        RECEIVED,
        /// The mesh writes it, anyone may read it.
        SENT
    }

    /// @param type the CloudEvent's
    /// @param description empty when the contract says nothing
    /// @param data the message in it
    record Event(String type, String description, Descriptor data) {

        /// `started` of `dev.assay.job.started.v1`.
        String name() {
            String[] parts = type.split("\\.");
            return parts[parts.length - 2];
        }
    }

    private static final String JOB_ID = "The job's id.";

    EventChannel {
        events = List.copyOf(events);
    }

    /// `job-events` of `assay.job-events`.
    String name() {
        return topic.substring("assay.".length());
    }

    static List<EventChannel> all() {
        List<EventChannel> channels = new ArrayList<>();
        WorkQueue.all().forEach(queue -> channels.add(jobs(queue)));
        channels.add(new EventChannel(
                Topics.JOB_EVENTS,
                "What happens to jobs, in order for each job. Read with `isolation.level=read_committed`.",
                JOB_ID,
                Direction.SENT,
                jobEvents()));
        channels.add(new EventChannel(
                Topics.JOB_STATE,
                "The latest snapshot of every job: the source of truth. Compacted. A snapshot of a lower attempt never"
                        + " replaces one of a higher. Read with `isolation.level=read_committed`.",
                JOB_ID,
                Direction.SENT,
                List.of(event("dev.assay.job.snapshot.v1", Job.getDescriptor()))));
        channels.add(new EventChannel(
                Topics.CONTROL,
                "Orders to workers. Use POST /v1/jobs/{id}/cancel to give one: it checks the job and its owner.",
                JOB_ID,
                Direction.SENT,
                List.of(event("dev.assay.job.order.v1", JobOrder.getDescriptor()))));
        channels.add(new EventChannel(
                Topics.REGISTRY,
                "Registered models and data sets, the latest version of each. Compacted.",
                "`model:<name>` or `dataset:<name>`; `model:<tenant>/<name>` for a tenant that has a name.",
                Direction.SENT,
                List.of(event("dev.assay.registry.registered.v1", RegistryEntry.getDescriptor()))));
        channels.add(new EventChannel(
                Topics.AUDIT,
                "Who changed something through a gateway, and who was not let in. An entry may come twice, with the same"
                        + " event id. Kept for 90 days. Written where keys are asked for.",
                "The tenant.",
                Direction.SENT,
                List.of(event("dev.assay.audit.recorded.v1", AuditEntry.getDescriptor()))));
        channels.add(new EventChannel(
                Topics.DEAD,
                "Jobs given up and records that were no request: each as it came, its own headers included, with the"
                        + " reason in headers that begin with `assay_`. Any value may lie here.",
                "The record's own key.",
                Direction.SENT,
                List.of()));
        return channels;
    }

    private static EventChannel jobs(WorkQueue queue) {
        String capability = queue.capability();
        String which = queue.device().isEmpty() ? "" : " for jobs that insist on " + queue.device();
        Descriptor envelope = Operations.of(capability).getFirst().envelope().getDescriptorForType();
        List<Event> requests = List.of(event("dev.assay." + capability + ".requested.v1", envelope));
        if (!Operations.capabilities().contains(capability)) {
            return new EventChannel(
                    queue.topic(),
                    "The work queue of " + capability + ", which the mesh alone writes, with the end of a job.",
                    JOB_ID,
                    Direction.SENT,
                    requests);
        }
        return new EventChannel(
                queue.topic(),
                "The work queue of " + capability + which + ". An event here does what POST /v1/" + capability
                        + "/<operation> does: the same event id is the same job, and the result comes on `"
                        + Topics.JOB_EVENTS + "`.",
                "Anything; the mesh writes the job's id.",
                Direction.RECEIVED,
                requests);
    }

    private static List<Event> jobEvents() {
        return JobEvent.getDescriptor().getOneofs().getFirst().getFields().stream()
                .map(EventChannel::jobEvent)
                .toList();
    }

    private static Event jobEvent(FieldDescriptor detail) {
        JobEvent.Builder event = JobEvent.newBuilder();
        event.setField(detail, event.newBuilderForField(detail).build());
        return new Event(JobEvents.type(event.build()), Comments.of(detail.getMessageType()), JobEvent.getDescriptor());
    }

    private static Event event(String type, Descriptor data) {
        return new Event(type, Comments.of(data), data);
    }
}
