package dev.assay.worker;

import dev.assay.artifact.v1.Artifact;
import dev.assay.computation.ProblemException;
import java.io.InputStream;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

/// Immutable bytes named by their SHA-256. Writing the same bytes twice, also at the same time, gives the same
/// artifact. Nothing half-written is ever readable. Thread-safe.
///
/// A store holds what belongs to one tenant (docs/decisions/0003-tenants.md): what it uploaded and what its jobs made.
public interface ArtifactStore {

    /// The artifacts of a tenant. The same bytes may lie in the stores of several; none tells of the others.
    ///
    /// @param tenant empty: of the one without a name
    /// @throws ProblemException `malformed-field` when no tenant can have this name, `storage-unavailable`
    ArtifactStore of(String tenant);

    /// Stores a stream of unknown length, hashing while writing; the stream is not closed.
    ///
    /// @param mediaType what the uploader says it is; not checked
    /// @param maximumBytes refused beyond this
    /// @throws ProblemException `too-large`, `storage-full`, `upload-interrupted` when the stream breaks off
    Artifact put(InputStream content, String mediaType, long maximumBytes);

    /// As {@link #put(InputStream, String, long)}, for a stream whose digest is known.
    ///
    /// @param expectedDigest `sha256:…`
    /// @throws ProblemException `hash-mismatch` when the bytes have another digest; nothing is stored then
    Artifact putExpecting(String expectedDigest, InputStream content, String mediaType, long maximumBytes);

    /// Stores a copy of a file.
    Artifact put(Path file, String mediaType);

    Artifact put(byte[] content, String mediaType);

    /// Size in bytes; empty when there is no such artifact. Does not verify. Who asks may be about to name it, so it
    /// counts as used now.
    Optional<Long> size(String digest);

    /// The artifact's file on this machine. Its bytes are hashed at the first call in this process, and again
    /// when its size or time of change is not what it was then; a file changed without either changing is not
    /// noticed until the process restarts.
    ///
    /// @throws ProblemException `artifact-not-found`, `artifact-damaged` when the bytes have another digest,
    ///     `malformed-reference` when `digest` is none
    Path verified(String digest);

    /// The artifacts that nobody has stored, opened or asked for since then.
    List<UnusedArtifact> unused(Instant before);

    /// Removes an artifact that nothing names. Safe while others store, open and ask for it.
    ///
    /// @return whether it is gone; it stays when somebody has wanted it since `before`
    boolean remove(String digest, Instant before);

    /// Deletes what writers that died have left behind; nobody has written to it since `before`.
    ///
    /// @return how many files
    int removeUnfinished(Instant before);

    /// A folder beside the artifacts of all tenants in which each worker keeps its last lines ({@link WorkerLog}).
    Path workerLogs();

    /// Fails when nothing can be written.
    ///
    /// @throws ProblemException `storage-unavailable`, `storage-full`
    void requireWritable();
}
