package dev.assay.gateway.registry;

import dev.assay.artifact.v1.DataSet;
import dev.assay.artifact.v1.Model;
import dev.assay.computation.ProblemException;
import dev.assay.contract.NearestName;
import dev.assay.contract.References.Reference;
import dev.assay.contract.v1.ReferenceKind;
import dev.assay.gateway.mesh.MeshConnection;
import dev.assay.gateway.security.CurrentCaller;
import dev.assay.worker.ArtifactStore;
import dev.assay.worker.Registrations;
import jakarta.inject.Inject;
import jakarta.inject.Singleton;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Supplier;

/// Tells whether what a request refers to is there for its caller, before a worker finds out that it is not.
@Singleton
public class ArtifactNames {

    private static final Duration PATIENCE = Duration.ofSeconds(10);

    private final CurrentCaller caller;
    private final ArtifactStore store;
    private final MeshConnection mesh;

    @Inject
    ArtifactNames(CurrentCaller caller, ArtifactStore store, MeshConnection mesh) {
        this.caller = caller;
        this.store = store;
        this.mesh = mesh;
    }

    /// @throws ProblemException `artifact-not-found`, `model-not-found` or `data-set-not-found` with the field
    public void require(Reference reference) {
        boolean present = reference.isDigest()
                ? store().size(reference.value()).isPresent()
                : fresh(() -> named(reference.value(), reference.kind())).isPresent();
        if (!present) {
            throw missing(reference);
        }
    }

    /// @throws ProblemException `artifact-not-found` with the field
    void requireArtifact(String field, String digest) {
        require(new Reference(field, digest, ReferenceKind.ARTIFACT));
    }

    /// The caller's artifacts.
    ArtifactStore store() {
        return store.of(caller.tenant());
    }

    /// What the caller's tenant has registered.
    Registrations registrations() {
        return mesh.registry().of(caller.tenant());
    }

    /// @throws ProblemException `not-found`
    Model requireModel(String name) {
        return fresh(() -> registrations().model(name)).orElseThrow(() -> notFound("model", name, modelNames()));
    }

    /// @throws ProblemException `not-found`
    DataSet requireDataSet(String name) {
        return fresh(() -> registrations().dataSet(name)).orElseThrow(() -> notFound("data set", name, dataSetNames()));
    }

    /// Another gateway may have registered it a moment ago: looks again when everything has been read.
    private <T> Optional<T> fresh(Supplier<Optional<T>> lookup) {
        Optional<T> known = lookup.get();
        if (known.isPresent()) {
            return known;
        }
        registrations().awaitCaughtUp(PATIENCE);
        return lookup.get();
    }

    private Optional<String> named(String name, ReferenceKind kind) {
        Optional<String> model =
                registrations().model(name).map(found -> found.getRegistration().getArtifact());
        Optional<String> dataSet = registrations()
                .dataSet(name)
                .map(found -> found.getRegistration().getArtifact());
        return switch (kind) {
            case MODEL -> model;
            case DATA_SET -> dataSet;
            case ARTIFACT, REFERENCE_KIND_UNSPECIFIED, UNRECOGNIZED -> model.or(() -> dataSet);
        };
    }

    private ProblemException missing(Reference reference) {
        if (reference.isDigest()) {
            return new ProblemException(
                    "artifact-not-found",
                    reference.field(),
                    "there is no artifact " + reference.value(),
                    "store it first by POST /v1/artifacts");
        }
        return switch (reference.kind()) {
            case MODEL ->
                new ProblemException(
                        "model-not-found",
                        reference.field(),
                        "no model is registered as '" + reference.value() + "'",
                        suggestion(reference.value(), modelNames(), "register it by PUT /v1/models/{name}"));
            case DATA_SET ->
                new ProblemException(
                        "data-set-not-found",
                        reference.field(),
                        "no data set is registered as '" + reference.value() + "'",
                        suggestion(reference.value(), dataSetNames(), "register it by PUT /v1/datasets/{name}"));
            case ARTIFACT, REFERENCE_KIND_UNSPECIFIED, UNRECOGNIZED -> {
                List<String> names = new ArrayList<>(modelNames());
                names.addAll(dataSetNames());
                yield new ProblemException(
                        "artifact-not-found",
                        reference.field(),
                        "nothing is registered as '" + reference.value() + "'",
                        suggestion(reference.value(), names, "give a digest, or register a name for it"));
            }
        };
    }

    private static ProblemException notFound(String noun, String name, List<String> names) {
        return new ProblemException(
                "not-found",
                "name",
                "no " + noun + " is registered as '" + name + "'",
                suggestion(name, names, "register it by PUT"));
    }

    private static String suggestion(String name, List<String> known, String otherwise) {
        return NearestName.of(name, known)
                .map(nearest -> "did you mean " + nearest + "? If not, " + otherwise)
                .orElse(otherwise);
    }

    private List<String> modelNames() {
        return registrations().models().stream().map(Model::getName).toList();
    }

    private List<String> dataSetNames() {
        return registrations().dataSets().stream().map(DataSet::getName).toList();
    }
}
