package dev.assay.cli.progress;

import java.util.Map;
import java.util.Objects;

/// How far something is, as a terminal shows it.
///
/// @param task what is going on, such as `training train`
/// @param phase what of it, such as `epoch`; may be empty
/// @param done and `total` in the phase's unit
/// @param total 0 when not known
/// @param metrics the numbers of this moment, by name
public record Moment(String task, String phase, long done, long total, Map<String, Double> metrics) {

    private static final long MEGABYTE = 1_000_000;

    public Moment {
        Objects.requireNonNull(task, "task");
        Objects.requireNonNull(phase, "phase");
        metrics = Map.copyOf(metrics);
    }

    public static Moment of(String task, String phase, long done, long total) {
        return new Moment(task, phase, done, total, Map.of());
    }

    /// Progress of bytes, told in megabytes.
    public static Moment ofBytes(String task, String phase, long done, long total) {
        return of(task, phase + " MB", done / MEGABYTE, total / MEGABYTE);
    }

    /// Share that is done, in [0,1]; 0 when the total is not known.
    double share() {
        return total > 0 ? Math.min(1, (double) done / total) : 0;
    }

    /// `epoch 7/12`.
    String count() {
        String number = total > 0 ? done + "/" + total : done > 0 ? Long.toString(done) : "";
        return (phase + " " + number).strip();
    }
}
