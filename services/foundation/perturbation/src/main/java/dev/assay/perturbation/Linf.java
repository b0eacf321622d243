package dev.assay.perturbation;

import dev.assay.computation.CounterRandom;
import java.nio.FloatBuffer;
import java.util.Objects;

/// Every value may change by at most epsilon.
///
/// @param epsilon 0 < epsilon ≤ 1 on the pixel scale
public record Linf(Epsilon epsilon) implements ThreatModel {

    public Linf {
        Objects.requireNonNull(epsilon, "epsilon");
        epsilon.requireWithin(Norm.LINF, 1, "divide an epsilon of 8-bit levels by 255, as in linf:8/255");
    }

    @Override
    public Norm norm() {
        return Norm.LINF;
    }

    @Override
    public double distance(FloatBuffer clean, FloatBuffer point) {
        double largest = 0;
        for (int i = clean.position(), j = point.position(); i < clean.limit(); i++, j++) {
            largest = Math.max(largest, Math.abs((double) point.get(j) - clean.get(i)));
        }
        return largest;
    }

    @Override
    public void project(FloatBuffer clean, FloatBuffer point) {
        float radius = epsilon.floatValue();
        for (int i = clean.position(), j = point.position(); i < clean.limit(); i++, j++) {
            point.put(j, Math.clamp(point.get(j), lower(clean.get(i), radius), upper(clean.get(i), radius)));
        }
    }

    /// Each value is moved on its own, uniformly in [-epsilon, epsilon].
    @Override
    public void randomStart(FloatBuffer clean, CounterRandom random, FloatBuffer point) {
        float radius = epsilon.floatValue();
        for (int i = clean.position(), j = point.position(); i < clean.limit(); i++, j++) {
            float moved = clean.get(i) + radius * (2 * random.nextFloat() - 1);
            point.put(j, Math.clamp(moved, lower(clean.get(i), radius), upper(clean.get(i), radius)));
        }
    }

    /// The smallest value that ball and box allow.
    static float lower(float clean, float radius) {
        return Math.max(0, clean - radius);
    }

    /// The largest value that ball and box allow.
    static float upper(float clean, float radius) {
        return Math.min(1, clean + radius);
    }

    @Override
    public String toString() {
        return text();
    }
}
