package dev.assay.worker;

import com.google.protobuf.Message;
import dev.assay.artifact.v1.Artifact;
import dev.assay.computation.ProblemException;
import dev.assay.computation.Progress;
import dev.assay.job.v1.Provenance;
import java.nio.file.Path;
import java.util.Optional;

/// One attempt at one job, as its handler sees it. Thread-safe.
///
/// @param <Q> the operation's request
public interface Job<Q extends Message> {

    String id();

    /// 1 for the first; more when an earlier attempt's worker died or handed the job back.
    int attempt();

    /// The request with its defaults filled in and its constraints checked.
    Q request();

    /// The artifact that a field of the request names, on this machine, its bytes verified against its digest.
    ///
    /// @param reference `sha256:…` or a registered name, as it stands in the request
    /// @throws ProblemException `artifact-not-found`, `artifact-damaged`, `model-not-found`,
    ///     `data-set-not-found`, or `ambiguous-reference` when a model and a data set have this name and the
    ///     request does not say which
    JobInput artifact(String reference);

    /// As {@link #artifact}, for a reference that names a model.
    JobInput model(String reference);

    /// As {@link #artifact}, for a reference that names a data set.
    JobInput dataSet(String reference);

    /// Stores a file as one of the job's artifacts. It is readable under this name once the job is final, also
    /// when it failed or was cancelled. A second call with the same name replaces the first.
    ///
    /// @param name such as `report.html`: lower-case letters, digits, `.`, `_`, `-`; at most 128
    /// @param mediaType such as `text/html`
    /// @throws ProblemException `storage-full`
    Artifact attach(String name, String mediaType, Path file);

    Artifact attach(String name, String mediaType, byte[] content);

    /// Where to report progress. Reports are coalesced: call it at every step.
    Progress progress();

    /// What an earlier attempt at this job left to go on from, its bytes verified; empty when there is nothing.
    /// A handler that cannot use it, such as one of another version, begins at the beginning.
    Optional<Path> lastCheckpoint();

    /// Keeps a point from which the next attempt can go on, should this one not live to answer. The last one
    /// counts; it is dropped once the job has succeeded. Also for the moment when {@link #progress()} has thrown:
    /// the worker may be stopping, and the job is about to go to another one.
    ///
    /// @param position for people, such as `epoch 12 of 30`
    /// @param content as the handler likes it; it should name its own version
    /// @throws ProblemException `storage-full`
    void checkpoint(String position, byte[] content);

    /// As {@link #checkpoint(String, byte[])}, for a state that need not lie on the heap.
    ///
    /// @param file is copied, and may be written anew afterwards
    void checkpoint(String position, Path file);

    /// Features that cost time to compute. Never fails: a cache that is away misses.
    FeatureCache cache();

    /// The jobs that this one submits.
    Children children();

    /// The store of the job's tenant, for artifacts that no field of the request names.
    ArtifactStore artifacts();

    /// An empty folder for files in the making, deleted when the attempt ends.
    Path scratch();

    /// Where the result comes from, as far as the worker knows it at this moment: product version, digests of
    /// the artifacts read so far by the field that named them, wall seconds since the start, attempt. The
    /// handler adds
    /// device, runtime and device seconds.
    Provenance.Builder provenance();
}
