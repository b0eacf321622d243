package dev.assay.cli;

import dev.assay.cli.mesh.Gateway;
import dev.assay.cli.progress.ProgressView;
import dev.assay.cli.render.NumberText;
import dev.assay.computation.ProblemException;
import dev.assay.job.v1.Job;
import java.nio.file.Path;

/// The named files of a job, brought to a folder.
final class Downloads {

    private Downloads() {}

    /// @throws ProblemException `artifact-name` for a name that would leave the folder
    static void all(Gateway gateway, Job job, Path folder, ProgressView progress) {
        job.getArtifactsMap().forEach((name, artifact) -> {
            Path file = inside(folder, name);
            gateway.downloadNamed(job.getId(), name, file);
            progress.note(file + " (" + NumberText.bytes(artifact.getSize()) + ")");
        });
    }

    private static Path inside(Path folder, String name) {
        if (!name.matches("[A-Za-z0-9][A-Za-z0-9._-]*")) {
            throw new ProblemException(
                    "artifact-name",
                    name,
                    "is no plain file name, so it is not written to " + folder,
                    "read it from the gateway by its digest: ./assay artifacts get");
        }
        return folder.resolve(name);
    }
}
