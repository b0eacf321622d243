package dev.assay.worker;

import dev.assay.audit.v1.AuditEntry;
import dev.assay.contract.Json;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.MeterRegistry;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.RecordMetadata;
import org.apache.kafka.common.KafkaException;
import org.jboss.logging.Logger;

/// Writes the audit to `assay.audit`, behind the back of those who act: nobody waits for it. While the broker is away
/// entries wait here, and are written when it is back. One that cannot be kept is counted and put into the log of the
/// process, so that it is never lost in silence. An entry may be written twice; its id tells. Thread-safe.
public final class AuditLog implements AutoCloseable {

    private static final Logger LOG = Logger.getLogger(AuditLog.class);
    private static final String TYPE = "dev.assay.audit.recorded.v1";
    private static final int LONGEST_QUEUE = 10_000;
    private static final int LARGEST_BATCH = 500;
    private static final Duration LOOK = Duration.ofMillis(100);
    private static final Duration PAUSE_AFTER_FAILURE = Duration.ofSeconds(1);
    private static final Duration LAST_PATIENCE = Duration.ofSeconds(5);

    private final KafkaConnection connection;
    private final String source;
    private final Counter written;
    private final Counter lost;
    private final BlockingQueue<AuditEntry> waiting = new ArrayBlockingQueue<>(LONGEST_QUEUE);
    private final Thread writer;
    private volatile KafkaProducer<String, byte[]> producer;
    private volatile boolean closed;

    /// @param name of this process
    public AuditLog(KafkaConnection connection, String name, MeterRegistry meters) {
        this.connection = connection;
        this.source = "/" + name;
        this.written = written(meters);
        this.lost = lost(meters);
        this.writer = Thread.ofPlatform().name("assay-audit").daemon().start(this::write);
    }

    /// Makes the counters known before there is anything to count.
    public static void register(MeterRegistry meters) {
        written(meters);
        lost(meters);
    }

    /// Returns at once.
    public void add(AuditEntry entry) {
        if (closed) {
            lose(entry, "the process is stopping");
        } else if (!waiting.offer(entry)) {
            lose(entry, LONGEST_QUEUE + " entries wait for the broker already");
        }
    }

    /// Writes what waits if the broker is there.
    @Override
    public void close() {
        closed = true;
        try {
            if (!writer.join(LAST_PATIENCE) && producer != null) {
                producer.close(Duration.ZERO); // ends the sending, so that the writer can say what is lost
                writer.join(LAST_PATIENCE);
            }
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
        }
    }

    private void write() {
        List<AuditEntry> batch = new ArrayList<>();
        try {
            while (!closed || !waiting.isEmpty()) {
                AuditEntry first = waiting.poll(LOOK.toMillis(), TimeUnit.MILLISECONDS);
                if (first != null) {
                    batch.add(first);
                    waiting.drainTo(batch, LARGEST_BATCH - 1);
                    settle(batch);
                    batch.clear();
                }
            }
        } catch (InterruptedException stopped) {
            closed = true;
            waiting.drainTo(batch);
            batch.forEach(entry -> lose(entry, "the process is stopping"));
        }
        if (producer != null) {
            producer.close(LAST_PATIENCE);
        }
    }

    private void settle(List<AuditEntry> batch) throws InterruptedException {
        List<AuditEntry> left = List.copyOf(batch);
        while (true) {
            left = send(left);
            if (left.isEmpty()) {
                return;
            }
            if (closed) {
                left.forEach(entry -> lose(entry, "the broker did not take it before the process stopped"));
                return;
            }
            LOG.warnf("the broker did not take %d audit entries, trying again", left.size());
            Thread.sleep(PAUSE_AFTER_FAILURE);
        }
    }

    /// @return what was not written
    private List<AuditEntry> send(List<AuditEntry> batch) throws InterruptedException {
        List<Future<RecordMetadata>> sent = new ArrayList<>();
        try {
            if (producer == null) {
                producer = connection.producer();
            }
            for (AuditEntry entry : batch) {
                sent.add(producer.send(CloudEvents.record(
                        Topics.AUDIT, entry.getTenant(), TYPE, source, entry.getId(), entry.getPath(), entry)));
            }
        } catch (KafkaException | IllegalStateException failure) { // the latter from a producer that is closed
            LOG.debugf("audit: %s", failure);
        }
        List<AuditEntry> left = new ArrayList<>(batch.subList(sent.size(), batch.size()));
        for (int i = 0; i < sent.size(); i++) {
            try {
                sent.get(i).get();
                written.increment();
            } catch (ExecutionException failure) {
                LOG.debugf("audit: %s", failure.getCause());
                left.add(batch.get(i));
            }
        }
        return left;
    }

    private void lose(AuditEntry entry, String why) {
        lost.increment();
        LOG.errorf("an audit entry is not in %s, since %s: %s", Topics.AUDIT, why, Json.printCompact(entry));
    }

    private static Counter written(MeterRegistry meters) {
        return Counter.builder("assay.audit.written")
                .description("Entries written to assay.audit")
                .register(meters);
    }

    private static Counter lost(MeterRegistry meters) {
        return Counter.builder("assay.audit.lost")
                .description("Entries that are in the log of the process only")
                .register(meters);
    }
}
