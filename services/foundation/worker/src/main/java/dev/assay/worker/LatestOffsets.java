package dev.assay.worker;

import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.stream.Collectors;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.ListOffsetsOptions;
import org.apache.kafka.clients.admin.ListOffsetsResult.ListOffsetsResultInfo;
import org.apache.kafka.clients.admin.OffsetSpec;
import org.apache.kafka.common.IsolationLevel;
import org.apache.kafka.common.TopicPartition;

/// Asks the broker where some partitions end. Whoever asks while a question is on its way shares the next one with all
/// who asked meanwhile: an answer is never older than its question, and under load the broker hears one question at a
/// time instead of one for each request. Thread-safe.
///
/// The end counts records whose transaction is still open: a commit has returned to its producer before the broker has
/// told it to every partition, so the end of the committed records may lie before a record that was committed.
final class LatestOffsets {

    /// Of one question: a broker that comes back is asked anew by those who have the patience.
    private static final Duration LONGEST = Duration.ofSeconds(5);

    private final Admin admin;
    private final List<TopicPartition> partitions;
    private CompletableFuture<Map<TopicPartition, Long>> next; // guarded by this; null: nobody waits for it
    private boolean asking; // guarded by this

    LatestOffsets(Admin admin, List<TopicPartition> partitions) {
        this.admin = admin;
        this.partitions = partitions;
    }

    /// @throws dev.assay.computation.ProblemException `mesh-unavailable` when there is no answer within `patience`
    Map<TopicPartition, Long> ask(Duration patience) {
        long deadline = System.nanoTime() + patience.toNanos();
        try {
            while (true) {
                try {
                    return question().get(deadline - System.nanoTime(), TimeUnit.NANOSECONDS);
                } catch (ExecutionException failure) {
                    // only a question that took its whole time is worth another
                    if (!(failure.getCause() instanceof org.apache.kafka.common.errors.TimeoutException)) {
                        throw Topics.unavailable(failure.getCause());
                    }
                }
            }
        } catch (TimeoutException late) {
            throw Topics.unavailable(late);
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
            throw Topics.unavailable(interrupted);
        }
    }

    private synchronized CompletableFuture<Map<TopicPartition, Long>> question() {
        if (next == null) {
            next = new CompletableFuture<>();
        }
        CompletableFuture<Map<TopicPartition, Long>> mine = next;
        if (!asking) {
            send();
        }
        return mine;
    }

    private synchronized void send() {
        CompletableFuture<Map<TopicPartition, Long>> current = next;
        next = null;
        asking = true;
        Map<TopicPartition, OffsetSpec> latest = new HashMap<>();
        partitions.forEach(partition -> latest.put(partition, OffsetSpec.latest()));
        var options =
                new ListOffsetsOptions(IsolationLevel.READ_UNCOMMITTED).timeoutMs(Math.toIntExact(LONGEST.toMillis()));
        try {
            admin.listOffsets(latest, options)
                    .all()
                    .toCompletionStage()
                    .whenComplete((ends, failure) -> answered(current, ends, failure));
        } catch (RuntimeException closed) {
            asking = false;
            current.completeExceptionally(closed);
        }
    }

    private void answered(
            CompletableFuture<Map<TopicPartition, Long>> question,
            Map<TopicPartition, ListOffsetsResultInfo> ends,
            Throwable failure) {
        synchronized (this) {
            asking = false;
            if (next != null) {
                send();
            }
        }
        if (failure != null) {
            question.completeExceptionally(failure);
        } else {
            question.complete(ends.entrySet().stream()
                    .collect(Collectors.toMap(
                            Map.Entry::getKey, end -> end.getValue().offset())));
        }
    }
}
