package dev.assay.worker;

import dev.assay.computation.ProblemException;
import dev.assay.job.v1.Job;
import java.nio.file.Path;
import java.util.Optional;

/// Where an attempt goes on from.
///
/// @param before the job before this attempt; without a checkpoint when there is none that can be read
/// @param checkpoint the file, its bytes verified
/// @param remark what went wrong with the checkpoint; empty when nothing did
record Resumption(Job before, Optional<Path> checkpoint, String remark) {

    /// A checkpoint that was lost or damaged costs time, never the job.
    static Resumption of(Job before, ArtifactStore artifacts) {
        if (!before.hasCheckpoint()) {
            return new Resumption(before, Optional.empty(), "");
        }
        try {
            String digest = before.getCheckpoint().getArtifact().getDigest();
            return new Resumption(before, Optional.of(artifacts.verified(digest)), "");
        } catch (ProblemException unreadable) {
            Job anew = before.toBuilder().clearCheckpoint().build();
            return new Resumption(
                    anew,
                    Optional.empty(),
                    "; it begins anew, since its checkpoint cannot be read: " + unreadable.detail());
        }
    }
}
