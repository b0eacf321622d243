package dev.assay.worker;

import dev.assay.computation.ProblemException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.clients.producer.RecordMetadata;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.errors.RecordTooLargeException;
import org.jboss.logging.Logger;

/// Writes what happens to jobs, all or nothing: a snapshot, its event and a request become visible together.
/// One transactional producer for the process. What comes in while a transaction is being committed shares the
/// next one, so the cost of a commit is shared under load. Thread-safe.
final class Ledger implements AutoCloseable {

    private static final Logger LOG = Logger.getLogger(Ledger.class);
    private static final Duration PAUSE_AFTER_FAILURE = Duration.ofMillis(200);
    private static final int LARGEST_BATCH = 200;

    private record Entry(List<ProducerRecord<String, byte[]>> records, CompletableFuture<Void> committed) {}

    private final KafkaConnection connection;
    private final String transactionalId;
    private final LinkedBlockingQueue<Entry> waiting = new LinkedBlockingQueue<>();
    private final Thread writer;
    private volatile boolean closed;

    private KafkaProducer<String, byte[]> producer;

    Ledger(KafkaConnection connection, String owner) {
        this.connection = connection;
        // never shared: a second process of the same name must not fence this one
        this.transactionalId = "assay." + owner + "." + UUID.randomUUID();
        this.writer = Thread.ofPlatform().name("assay-ledger").daemon().start(this::write);
    }

    /// Queues records for the next transaction. The future fails with `record-too-large`, or with
    /// `mesh-unavailable` when the ledger is closed before the broker answers; while the broker is away it
    /// waits.
    CompletableFuture<Void> append(List<ProducerRecord<String, byte[]>> records) {
        var entry = new Entry(List.copyOf(records), new CompletableFuture<>());
        waiting.add(entry);
        if (closed && waiting.remove(entry)) {
            entry.committed().completeExceptionally(closedProblem());
        }
        return entry.committed();
    }

    /// As {@link #append}, and waits for the commit.
    ///
    /// @throws ProblemException `record-too-large`; `mesh-unavailable` when it takes longer than `patience`, in
    ///     which case the records may still become visible later
    void commit(List<ProducerRecord<String, byte[]>> records, Duration patience) {
        try {
            append(records).get(patience.toMillis(), TimeUnit.MILLISECONDS);
        } catch (ExecutionException failure) {
            if (failure.getCause() instanceof ProblemException problem) {
                throw problem;
            }
            throw Topics.unavailable(failure.getCause());
        } catch (TimeoutException late) {
            throw Topics.unavailable(late);
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
            throw Topics.unavailable(interrupted);
        }
    }

    /// Writes what is queued if the broker is there, then closes.
    @Override
    public void close() {
        closed = true;
        waiting.add(new Entry(List.of(), new CompletableFuture<>())); // wakes the writer
        try {
            writer.join(Duration.ofSeconds(10));
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
        }
    }

    private void write() {
        List<Entry> batch = new ArrayList<>();
        try {
            while (!closed || !waiting.isEmpty()) {
                batch.add(waiting.take());
                waiting.drainTo(batch, LARGEST_BATCH - 1);
                settle(List.copyOf(batch));
                batch.clear();
            }
        } catch (InterruptedException stopped) {
            closed = true;
            waiting.drainTo(batch);
            batch.forEach(entry -> entry.committed().completeExceptionally(closedProblem()));
        }
        if (producer != null) {
            producer.close(Duration.ofSeconds(5));
        }
    }

    /// Writes the entries together; when one of them cannot be written, each by itself.
    private void settle(List<Entry> batch) throws InterruptedException {
        while (true) {
            try {
                transact(batch);
                batch.forEach(entry -> entry.committed().complete(null));
                return;
            } catch (RecordTooLargeException tooLarge) {
                if (batch.size() == 1) {
                    batch.getFirst().committed().completeExceptionally(tooLarge(tooLarge));
                    return;
                }
                for (Entry entry : batch) {
                    settle(List.of(entry));
                }
                return;
            } catch (KafkaException failure) {
                if (closed) {
                    batch.forEach(entry -> entry.committed().completeExceptionally(closedProblem()));
                    return;
                }
                LOG.warnf("the broker did not take %d entries, trying again: %s", batch.size(), failure);
                Thread.sleep(PAUSE_AFTER_FAILURE);
            }
        }
    }

    private void transact(List<Entry> batch) throws InterruptedException {
        List<ProducerRecord<String, byte[]>> records =
                batch.stream().flatMap(entry -> entry.records().stream()).toList();
        if (records.isEmpty()) {
            return;
        }
        try {
            if (producer == null) {
                producer = connection.transactionalProducer(transactionalId);
                producer.initTransactions();
            }
            producer.beginTransaction();
            List<Future<RecordMetadata>> sent = new ArrayList<>();
            for (ProducerRecord<String, byte[]> record : records) {
                sent.add(producer.send(record));
            }
            for (Future<RecordMetadata> one : sent) {
                one.get();
            }
            producer.commitTransaction();
        } catch (ExecutionException failure) {
            abandonProducer();
            throw failure.getCause() instanceof KafkaException kafka ? kafka : new KafkaException(failure);
        } catch (KafkaException failure) {
            abandonProducer();
            throw failure;
        }
    }

    /// A new producer with the same id first ends what this one left open: committed or aborted, never half. If
    /// the commit went through unseen, the entries are written twice; readers drop the copies by event id and
    /// attempt.
    private void abandonProducer() {
        if (producer != null) {
            producer.close(Duration.ZERO);
            producer = null;
        }
    }

    private static ProblemException tooLarge(RecordTooLargeException cause) {
        return new ProblemException(
                "record-too-large",
                "",
                "the request or result does not fit into one record of " + Topics.MAXIMUM_RECORD_BYTES + " bytes",
                "hand large things over as artifacts",
                cause);
    }

    private static ProblemException closedProblem() {
        return Topics.unavailable(new IllegalStateException("this process is stopping"));
    }
}
