package dev.assay.worker;

import dev.assay.artifact.v1.DataSet;
import dev.assay.artifact.v1.Model;
import dev.assay.artifact.v1.ModelRegistration;
import dev.assay.artifact.v1.RegistryEntry;
import dev.assay.artifact.v1.TensorSignature;
import dev.assay.computation.ProblemException;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentSkipListMap;

/// The models and data sets that one tenant has registered. Thread-safe.
public final class Registrations {

    private static final Duration PATIENCE = Duration.ofSeconds(20);

    private final Registry registry;
    private final String tenant;
    private final Map<String, Model> models = new ConcurrentSkipListMap<>();
    private final Map<String, DataSet> dataSets = new ConcurrentSkipListMap<>();

    Registrations(Registry registry, String tenant) {
        this.registry = registry;
        this.tenant = tenant;
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
                .setRegisteredAt(JobLife.timestamp(registry.now()))
                .setVersion(model(name).map(Model::getVersion).orElse(0) + 1)
                .build();
        registry.write(
                key("model", name), model.getVersion(), entry().setModel(model).build());
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
                .setRegisteredAt(JobLife.timestamp(registry.now()))
                .setVersion(dataSet(name).map(DataSet::getVersion).orElse(0) + 1)
                .build();
        registry.write(
                key("dataset", name),
                dataSet.getVersion(),
                entry().setDataSet(dataSet).build());
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

    /// Waits until everything has been read that was committed when this was called.
    ///
    /// @throws ProblemException `mesh-unavailable` when it takes longer than `patience`
    public void awaitCaughtUp(Duration patience) {
        registry.awaitCaughtUp(patience);
    }

    void accept(RegistryEntry entry) {
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
    }

    private RegistryEntry.Builder entry() {
        return RegistryEntry.newBuilder().setTenant(tenant);
    }

    /// No name has a slash, so keys of different tenants do not meet.
    private String key(String kind, String name) {
        return kind + ":" + (tenant.isEmpty() ? name : tenant + "/" + name);
    }
}
