package dev.assay.worker;

import com.google.protobuf.Message;
import dev.assay.artifact.v1.Artifact;
import dev.assay.computation.ProblemException;
import dev.assay.computation.Progress;
import dev.assay.contract.References;
import dev.assay.contract.References.Reference;
import dev.assay.contract.v1.ReferenceKind;
import dev.assay.job.v1.Checkpoint;
import dev.assay.job.v1.Provenance;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Supplier;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.jboss.logging.Logger;

/// The attempt that a handler works on.
final class RunningJob<Q extends Message> implements Job<Q>, AutoCloseable {

    private static final Logger LOG = Logger.getLogger(RunningJob.class);
    private static final String CHECKPOINT_TYPE = "application/octet-stream";
    private static final Pattern ATTACHMENT_NAME = Pattern.compile("[a-z0-9][a-z0-9._-]{0,127}");

    /// What a worker lends to every job.
    record Tools(ArtifactStore artifacts, Registry registry, FeatureCache cache) {}

    private final Attempt attempt;
    private final Q request;
    private final Optional<Path> lastCheckpoint;
    private final ArtifactStore artifacts;
    private final ReferenceResolver references;
    private final FeatureCache cache;
    private final SubmittedChildren children;
    private final long startedAt = System.nanoTime();
    private final Map<String, String> inputs = new ConcurrentHashMap<>();
    private final Map<String, Artifact> attachments = new ConcurrentHashMap<>();
    private final Path scratch;

    RunningJob(Attempt attempt, Q request, Optional<Path> lastCheckpoint, Tools tools, Mesh mesh) {
        this.attempt = attempt;
        this.request = request;
        this.lastCheckpoint = lastCheckpoint;
        // a job reads and writes as its tenant, whatever its request names
        String tenant = attempt.running().getTenant();
        this.artifacts = tools.artifacts().of(tenant);
        this.references = new ReferenceResolver(tools.registry().of(tenant));
        this.cache = tools.cache();
        this.children = new SubmittedChildren(mesh, attempt);
        try {
            this.scratch = Files.createTempDirectory("assay-job-");
        } catch (IOException failure) {
            throw new ProblemException(
                    "storage-unavailable",
                    System.getProperty("java.io.tmpdir"),
                    "no temporary folder can be made: " + failure,
                    "free space in the temporary folder of the worker's machine",
                    failure);
        }
    }

    @Override
    public String id() {
        return attempt.running().getId();
    }

    @Override
    public int attempt() {
        return attempt.running().getAttempt();
    }

    @Override
    public Q request() {
        return request;
    }

    @Override
    public JobInput artifact(String reference) {
        ReferenceKind kind = References.in(request).stream()
                .filter(r -> r.value().equals(reference))
                .map(Reference::kind)
                .findFirst()
                .orElse(ReferenceKind.ARTIFACT);
        return input(reference, kind);
    }

    @Override
    public JobInput model(String reference) {
        return input(reference, ReferenceKind.MODEL);
    }

    @Override
    public JobInput dataSet(String reference) {
        return input(reference, ReferenceKind.DATA_SET);
    }

    @Override
    public Artifact attach(String name, String mediaType, Path file) {
        return attach(name, () -> artifacts.put(file, mediaType));
    }

    @Override
    public Artifact attach(String name, String mediaType, byte[] content) {
        return attach(name, () -> artifacts.put(content, mediaType));
    }

    @Override
    public Progress progress() {
        return attempt.progress();
    }

    @Override
    public Optional<Path> lastCheckpoint() {
        return lastCheckpoint;
    }

    @Override
    public void checkpoint(String position, byte[] content) {
        checkpoint(position, artifacts.put(content, CHECKPOINT_TYPE));
    }

    @Override
    public void checkpoint(String position, Path file) {
        checkpoint(position, artifacts.put(file, CHECKPOINT_TYPE));
    }

    @Override
    public FeatureCache cache() {
        return cache;
    }

    @Override
    public Children children() {
        return children;
    }

    @Override
    public ArtifactStore artifacts() {
        return artifacts;
    }

    @Override
    public Path scratch() {
        return scratch;
    }

    @Override
    public Provenance.Builder provenance() {
        return Provenance.newBuilder()
                .setProductVersion(ProductVersion.text())
                .putAllInputs(new TreeMap<>(inputs))
                .setWallSeconds((System.nanoTime() - startedAt) / 1e9)
                .setAttempt(attempt());
    }

    /// What has been attached so far, by name.
    Map<String, Artifact> attachments() {
        return Map.copyOf(attachments);
    }

    /// Deletes the scratch folder. What stays is only logged: the job is over.
    @Override
    public void close() {
        children.close();
        try (Stream<Path> files = Files.walk(scratch)) {
            for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
                Files.delete(file);
            }
        } catch (IOException | UncheckedIOException failure) {
            LOG.warnf("job %s: its scratch folder %s stays: %s", id(), scratch, failure);
        }
    }

    private JobInput input(String reference, ReferenceKind kind) {
        List<Reference> fields = References.in(request).stream()
                .filter(r -> r.value().equals(reference) && r.kind() == kind)
                .toList();
        try {
            var resolved = references.resolve(reference, kind);
            Path path = artifacts.verified(resolved.digest());
            fields.forEach(field -> inputs.put(field.field(), resolved.digest()));
            return new JobInput(reference, resolved.digest(), path, Files.size(path), resolved.classNames());
        } catch (ProblemException problem) {
            throw naming(fields, problem);
        } catch (IOException failure) {
            throw new UncheckedIOException(failure);
        }
    }

    /// The user knows the field, not the digest.
    private static ProblemException naming(List<Reference> fields, ProblemException problem) {
        if (fields.isEmpty()) {
            return problem;
        }
        return new ProblemException(
                problem.type(), fields.getFirst().field(), problem.detail(), problem.remedy(), problem);
    }

    private void checkpoint(String position, Artifact artifact) {
        attempt.checkpoint(Checkpoint.newBuilder()
                .setArtifact(artifact)
                .setPosition(position)
                .build());
    }

    private Artifact attach(String name, Supplier<Artifact> store) {
        if (!ATTACHMENT_NAME.matcher(name).matches()) {
            throw new IllegalArgumentException("attachment '" + name + "' must match " + ATTACHMENT_NAME);
        }
        Artifact artifact = store.get();
        attachments.put(name, artifact);
        return artifact;
    }
}
