package dev.assay.worker;

import com.google.protobuf.InvalidProtocolBufferException;
import dev.assay.artifact.v1.DataSet;
import dev.assay.artifact.v1.Model;
import dev.assay.artifact.v1.ModelRegistration;
import dev.assay.artifact.v1.RegistryEntry;
import dev.assay.artifact.v1.TensorSignature;
import dev.assay.computation.ProblemException;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Consumer;
import org.apache.kafka.clients.consumer.ConsumerRecord;

/// Registered models and data sets, kept in memory from `assay.model-registry`. Thread-safe.
public final class Registry {

    private static final Duration PATIENCE = Duration.ofSeconds(20);

    private final Ledger ledger;
    private final String source;
    private final Clock clock;
    private final Map<String, Model> models = new ConcurrentSkipListMap<>();
    private final Map<String, DataSet> dataSets = new ConcurrentSkipListMap<>();
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

    /// Registers a model, or its next version. The caller has checked the registration and that its artifact is
    /// there.
    ///
    /// @param inputs what the ONNX file says of its inputs
    /// @param outputs what the ONNX file says of its outputs
    /// @throws ProblemException `mesh-unavailable`
    public synchronized Model register(
            String name, ModelRegistration registration, List<TensorSignature> inputs, List<TensorSignature> outputs) {
        awaitCaughtUp(PATIENCE);
        Model model = Model.newBuilder()
                .setName(name)
                .setRegistration(registration)
                .addAllInputs(inputs)
                .addAllOutputs(outputs)
                .setRegisteredAt(JobLife.timestamp(clock.instant()))
                .setVersion(model(name).map(Model::getVersion).orElse(0) + 1)
                .build();
        write("model:" + name, RegistryEntry.newBuilder().setModel(model).build());
        return model;
    }

    /// Registers a data set, or its next version.
    ///
    /// @param description the registration and what its file says; name, time and version are filled in here
    /// @throws ProblemException `mesh-unavailable`
    public synchronized DataSet register(String name, DataSet description) {
        awaitCaughtUp(PATIENCE);
        DataSet dataSet = description.toBuilder()
                .setName(name)
                .setRegisteredAt(JobLife.timestamp(clock.instant()))
                .setVersion(dataSet(name).map(DataSet::getVersion).orElse(0) + 1)
                .build();
        write("dataset:" + name, RegistryEntry.newBuilder().setDataSet(dataSet).build());
        return dataSet;
    }

    public Optional<Model> model(String name) {
        return Optional.ofNullable(models.get(name));
    }

    public Optional<DataSet> dataSet(String name) {
        return Optional.ofNullable(dataSets.get(name));
    }

    /// By name.
    public List<Model> models() {
        return List.copyOf(models.values());
    }

    /// By name.
    public List<DataSet> dataSets() {
        return List.copyOf(dataSets.values());
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

    private void write(String key, RegistryEntry entry) {
        long version = entry.hasModel()
                ? entry.getModel().getVersion()
                : entry.getDataSet().getVersion();
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

    private void accept(RegistryEntry entry) {
        switch (entry.getEntryCase()) {
            case MODEL ->
                models.merge(
                        entry.getModel().getName(),
                        entry.getModel(),
                        (known, later) -> later.getVersion() >= known.getVersion() ? later : known);
            case DATA_SET ->
                dataSets.merge(
                        entry.getDataSet().getName(),
                        entry.getDataSet(),
                        (known, later) -> later.getVersion() >= known.getVersion() ? later : known);
            case ENTRY_NOT_SET -> throw CloudEvents.malformed("it registers nothing", null);
        }
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
