package dev.assay.perturbation;

import dev.assay.computation.CounterRandom;
import dev.assay.computation.ProblemException;
import java.nio.FloatBuffer;

/// What an adversary may do to an image: move it anywhere in the ball of radius epsilon around it that lies in
/// the box [0,1]^d of images. Epsilon is on the same scale; it is never zero, because clean accuracy is
/// measured anyway.
///
/// Images are the float values from a buffer's position to its limit; positions stay as they are.
public sealed interface ThreatModel permits Linf, L2 {

    /// What rounding to float32 may add to a perturbation of size 1: a perturbation counts as inside the ball
    /// when its size is at most epsilon plus this (times epsilon, when that is larger than 1).
    double ROUNDING = 1e-6;

    Norm norm();

    Epsilon epsilon();

    /// The size of the perturbation that leads from `clean` to `point`, summed in double precision.
    double distance(FloatBuffer clean, FloatBuffer point);

    /// Moves `point` into the ball around `clean` and the box: first into the ball, then into the box, as the
    /// reference implementations do (Madry et al., 2018; Croce & Hein, 2020). Since `clean` lies in the box, the
    /// result lies in both. A point that is inside already is not touched.
    void project(FloatBuffer clean, FloatBuffer point);

    /// Writes a uniformly random point of the ball into `point`, clamped to the box.
    void randomStart(FloatBuffer clean, CounterRandom random, FloatBuffer point);

    /// Whether an adversary who is held to this threat could have made `point` of `clean`, to {@link #ROUNDING}.
    default boolean allows(FloatBuffer clean, FloatBuffer point) {
        for (int i = point.position(); i < point.limit(); i++) {
            if (!(point.get(i) >= 0 && point.get(i) <= 1)) {
                return false;
            }
        }
        double radius = epsilon().doubleValue();
        return distance(clean, point) <= radius + ROUNDING * Math.max(1, radius);
    }

    /// The canonical text, which {@link #parse} reads again: `linf:8/255`.
    default String text() {
        return norm().text() + ":" + epsilon();
    }

    /// Reads `linf:8/255` or `l2:0.5`.
    ///
    /// @throws ProblemException `malformed-threat` for other text; `epsilon-out-of-range` unless
    ///     0 < epsilon ≤ 1 for L∞ and 0 < epsilon ≤ 1000 for L2
    static ThreatModel parse(String text) {
        int colon = text.indexOf(':');
        String norm = colon < 0 ? text : text.substring(0, colon);
        String epsilon = colon < 0 ? "" : text.substring(colon + 1);
        return switch (norm) {
            case "linf" -> new Linf(Epsilon.parse(epsilon));
            case "l2" -> new L2(Epsilon.parse(epsilon));
            default ->
                throw new ProblemException(
                        "malformed-threat",
                        "threat",
                        "'" + text + "' does not name a norm that is known",
                        "write linf or l2, a colon and an epsilon on the pixel scale: linf:8/255 or l2:0.5");
        };
    }
}
