package dev.assay.worker;

import dev.assay.artifact.v1.DataSet;
import dev.assay.artifact.v1.DataSetRegistration;
import dev.assay.artifact.v1.Model;
import dev.assay.artifact.v1.ModelRegistration;
import dev.assay.computation.ProblemException;
import dev.assay.contract.v1.ReferenceKind;
import java.time.Duration;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.function.Supplier;

/// Finds what a reference of a tenant names: a digest as it stands, or the artifact that the tenant has registered
/// under a name.
/// Thread-safe.
public final class ReferenceResolver {

    /// @param digest `sha256:…`
    /// @param classNames of the registration, or of the newest one that has this artifact; empty when there is
    ///     none
    public record Resolved(String digest, List<String> classNames) {
        public Resolved {
            Digests.requireValid(digest);
            classNames = List.copyOf(classNames);
        }
    }

    private static final Duration PATIENCE = Duration.ofSeconds(10);

    private final Registrations registry;

    public ReferenceResolver(Registrations registry) {
        this.registry = registry;
    }

    /// @param reference `sha256:…` or a registered name
    /// @param kind what it names; `ARTIFACT`: a model or a data set
    /// @throws ProblemException `model-not-found`, `data-set-not-found`, `ambiguous-reference`
    public Resolved resolve(String reference, ReferenceKind kind) {
        if (Digests.isValid(reference)) {
            return new Resolved(reference, classNamesOf(reference, kind));
        }
        return switch (kind) {
            case MODEL -> fresh(() -> model(reference)).orElseThrow(() -> modelNotFound(reference));
            case DATA_SET -> fresh(() -> dataSet(reference)).orElseThrow(() -> dataSetNotFound(reference));
            case ARTIFACT, REFERENCE_KIND_UNSPECIFIED, UNRECOGNIZED -> modelOrDataSet(reference);
        };
    }

    private Resolved modelOrDataSet(String name) {
        Optional<Resolved> dataSet = fresh(() -> dataSet(name).or(() -> model(name)));
        if (dataSet(name).isPresent() && model(name).isPresent()) {
            throw new ProblemException(
                    "ambiguous-reference",
                    name,
                    "both a model and a data set are registered as '" + name + "'",
                    "write the digest of the one that is meant");
        }
        return dataSet.orElseThrow(() -> dataSetNotFound(name));
    }

    private Optional<Resolved> model(String name) {
        return registry.model(name)
                .map(Model::getRegistration)
                .map(r -> resolved(r.getArtifact(), r.getClassNamesList()));
    }

    private Optional<Resolved> dataSet(String name) {
        return registry.dataSet(name)
                .map(DataSet::getRegistration)
                .map(r -> resolved(r.getArtifact(), r.getClassNamesList()));
    }

    private static Resolved resolved(String digest, List<String> classNames) {
        return new Resolved(digest, classNames);
    }

    /// Looks again when nothing was found: the name may have been registered a moment ago.
    private Optional<Resolved> fresh(Supplier<Optional<Resolved>> lookUp) {
        return lookUp.get().or(() -> {
            registry.awaitCaughtUp(PATIENCE);
            return lookUp.get();
        });
    }

    private List<String> classNamesOf(String digest, ReferenceKind kind) {
        Optional<ModelRegistration> model = registry.models().stream()
                .sorted(Comparator.comparing((Model m) -> m.getRegisteredAt().getSeconds())
                        .reversed())
                .map(Model::getRegistration)
                .filter(r -> r.getArtifact().equals(digest))
                .findFirst();
        Optional<DataSetRegistration> dataSet = registry.dataSets().stream()
                .sorted(Comparator.comparing((DataSet d) -> d.getRegisteredAt().getSeconds())
                        .reversed())
                .map(DataSet::getRegistration)
                .filter(r -> r.getArtifact().equals(digest))
                .findFirst();
        return kind == ReferenceKind.MODEL
                ? model.map(r -> List.copyOf(r.getClassNamesList())).orElse(List.of())
                : dataSet.map(r -> List.copyOf(r.getClassNamesList())).orElse(List.of());
    }

    private static ProblemException modelNotFound(String name) {
        return new ProblemException(
                "model-not-found",
                name,
                "no model is registered as '" + name + "'",
                "register it with PUT /v1/models/" + name + ", or write its digest");
    }

    private static ProblemException dataSetNotFound(String name) {
        return new ProblemException(
                "data-set-not-found",
                name,
                "no data set is registered as '" + name + "'",
                "register it with PUT /v1/datasets/" + name + ", or write its digest");
    }
}
