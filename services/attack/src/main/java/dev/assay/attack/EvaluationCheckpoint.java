package dev.assay.attack;

import dev.assay.computation.CheckpointFile;
import dev.assay.computation.Checkpoints;
import java.io.IOException;
import java.nio.file.Path;

/// An evaluation between two samples: the outcomes, largest perturbations and efforts of the threats that are
/// finished, what is known of the one under way, and the perturbed examples. Lasts only until the next sample.
public final class EvaluationCheckpoint implements Checkpoints.Point {

    private final CheckpointFile form;
    private final EvaluationCourse course;

    EvaluationCheckpoint(CheckpointFile form, EvaluationCourse course) {
        this.form = form;
        this.course = course;
    }

    /// For people: `2 of 5 threats`, or `2 of 5 threats, 120 of 360 images of the next`.
    @Override
    public String position() {
        return course.position();
    }

    /// Writes or replaces `file`.
    @Override
    public void writeTo(Path file) throws IOException {
        form.write(file, course::writeTo);
    }
}
