package dev.assay.worker;

import dev.assay.callback.v1.DeliverRequest;
import dev.assay.contract.Operation;
import dev.assay.contract.Operations;
import dev.assay.job.v1.Job;
import dev.assay.job.v1.JobEvent;
import dev.assay.job.v1.Priority;
import java.util.ArrayList;
import java.util.List;
import org.apache.kafka.clients.producer.ProducerRecord;

/// The job that tells an address of another job's end. It is written in the transaction of that end, so there is one
/// for each end that was recorded, whatever dies meanwhile. Its id follows from the end, so writing an end twice makes
/// no second one. It is no child of the job: cancelling the job must not silence the news of it.
final class CallbackJob {

    private static final Operation DELIVER = Operations.ofRequest(DeliverRequest.getDescriptor())
            .orElseThrow(() -> new IllegalStateException("the contracts know no callbacks"));

    /// An event's result is told along only if it is no larger; a large one would be kept twice.
    static final int LARGEST_EVENT = 128 << 10;

    private CallbackJob() {}

    /// @param end a final step of a job that has a callback
    static List<ProducerRecord<String, byte[]>> records(JobLife.Step end, String source) {
        Job job = end.snapshot();
        String key = JobEvents.id(end.event());
        var queued = JobLife.queued(
                JobIds.ofKey(DELIVER.capability(), job.getTenant(), key),
                DELIVER,
                request(end, source),
                key,
                "",
                new Terms(job.getTenant(), Priority.INTERACTIVE, ""),
                JobLife.instant(end.event().getTime()));
        List<ProducerRecord<String, byte[]>> records = new ArrayList<>(queued.records(source));
        records.add(JobRequests.record(queued.snapshot(), source));
        return records;
    }

    private static DeliverRequest request(JobLife.Step end, String source) {
        boolean isLarge = end.event().getSerializedSize() > LARGEST_EVENT;
        return DeliverRequest.newBuilder()
                .setUrl(end.snapshot().getCallback())
                .setEvent(isLarge ? withoutResult(end.event()) : end.event())
                .setSource(source)
                .setRetries(end.snapshot().getRetries())
                .setResultLeftOut(isLarge)
                .build();
    }

    private static JobEvent withoutResult(JobEvent event) {
        return event.hasSucceeded()
                ? event.toBuilder()
                        .setSucceeded(event.getSucceeded().toBuilder().clearResult())
                        .build()
                : event;
    }
}
