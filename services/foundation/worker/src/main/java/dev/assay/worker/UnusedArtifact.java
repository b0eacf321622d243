package dev.assay.worker;

import java.time.Instant;

/// An artifact that nobody has stored or asked for in a while.
///
/// @param size bytes
/// @param lastUsed when somebody last stored it or asked for it
public record UnusedArtifact(String digest, long size, Instant lastUsed) {}
