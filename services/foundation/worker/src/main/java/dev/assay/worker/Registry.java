package dev.assay.worker;

import com.google.protobuf.InvalidProtocolBufferException;
import dev.assay.artifact.v1.RegistryEntry;
import dev.assay.computation.ProblemException;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Consumer;
import org.apache.kafka.clients.consumer.ConsumerRecord;

/// Registered models and data sets of all tenants, kept in memory from `assay.model-registry`. Thread-safe.
public final class Registry {

    private static final Duration PATIENCE = Duration.ofSeconds(20);

    private final Ledger ledger;
    private final String source;
    private final Clock clock;
    private final Map<String, Registrations> tenants = new ConcurrentHashMap<>();
    private final List<Consumer<RegistryEntry>> listeners = new CopyOnWriteArrayList<>();
    private final TopicReader.View view = new TopicReader.View() {
        @Override
        public String topic() {
            return Topics.REGISTRY;
        }

        @Override
        public TopicReader.Start start() {
            return TopicReader.Start.BEGINNING;
        }

        @Override
        public void accept(ConsumerRecord<String, byte[]> record) {
            if (record.value() != null) {
                Registry.this.accept(read(record));
            }
        }
    };

    private volatile TopicReader reader;

    Registry(Ledger ledger, String source, Clock clock) {
        this.ledger = ledger;
        this.source = source;
        this.clock = clock;
    }

    /// What a tenant has registered. Two tenants may use one name for different things.
    ///
    /// @param tenant empty: the one without a name
    public Registrations of(String tenant) {
        return tenants.computeIfAbsent(tenant, name -> new Registrations(this, name));
    }

    /// Calls `listener` with each registration that is read from now on, on the reader's thread.
    ///
    /// @return takes the listener away again
    public AutoCloseable onChange(Consumer<RegistryEntry> listener) {
        listeners.add(listener);
        return () -> listeners.remove(listener);
    }

    /// Waits until everything has been read that was committed when this was called.
    ///
    /// @throws ProblemException `mesh-unavailable` when it takes longer than `patience`
    public void awaitCaughtUp(Duration patience) {
        reader.awaitCaughtUp(patience);
    }

    TopicReader.View view() {
        return view;
    }

    void readBy(TopicReader topicReader) {
        this.reader = topicReader;
    }

    /// @param key what the entry replaces
    void write(String key, int version, RegistryEntry entry) {
        ledger.commit(
                List.of(CloudEvents.record(
                        Topics.REGISTRY,
                        key,
                        "dev.assay.registry.registered.v1",
                        source,
                        key + "-" + version,
                        key,
                        entry)),
                PATIENCE);
        accept(entry);
    }

    Instant now() {
        return clock.instant();
    }

    private void accept(RegistryEntry entry) {
        of(entry.getTenant()).accept(entry);
        listeners.forEach(listener -> listener.accept(entry));
    }

    private static RegistryEntry read(ConsumerRecord<String, byte[]> record) {
        try {
            return RegistryEntry.parseFrom(record.value());
        } catch (InvalidProtocolBufferException broken) {
            throw CloudEvents.malformed("its data is no registry entry", broken);
        }
    }
}
