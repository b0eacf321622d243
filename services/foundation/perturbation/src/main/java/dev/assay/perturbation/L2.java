package dev.assay.perturbation;

import dev.assay.computation.CounterRandom;
import java.nio.FloatBuffer;
import java.util.Objects;

/// The Euclidean length of all changes together is at most epsilon.
///
/// @param epsilon 0 < epsilon ≤ 1000 on the pixel scale; a whole image of d values is √d across
public record L2(Epsilon epsilon) implements ThreatModel {

    /// The diagonal of the box of images of a million values: beyond it the ball holds every image.
    public static final long LARGEST_EPSILON = 1000;

    public L2 {
        Objects.requireNonNull(epsilon, "epsilon");
        epsilon.requireWithin(Norm.L2, LARGEST_EPSILON, "give a radius on the pixel scale, as in l2:0.5");
    }

    @Override
    public Norm norm() {
        return Norm.L2;
    }

    @Override
    public double distance(FloatBuffer clean, FloatBuffer point) {
        double sum = 0;
        for (int i = clean.position(), j = point.position(); i < clean.limit(); i++, j++) {
            double change = (double) point.get(j) - clean.get(i);
            sum += change * change;
        }
        return Math.sqrt(sum);
    }

    @Override
    public void project(FloatBuffer clean, FloatBuffer point) {
        double radius = epsilon.doubleValue();
        double length = distance(clean, point);
        // A point on the sphere may lie outside by what rounding to float32 adds; it is left where it is, so that
        // projecting twice is projecting once.
        double slack = ROUNDING / 2 * Math.max(1, radius);
        double scale = length > radius + slack ? radius / length : 1;
        for (int i = clean.position(), j = point.position(); i < clean.limit(); i++, j++) {
            float moved =
                    scale == 1 ? point.get(j) : (float) (clean.get(i) + scale * ((double) point.get(j) - clean.get(i)));
            point.put(j, Math.clamp(moved, 0f, 1f));
        }
    }

    /// A normally distributed direction, and a length whose d-th power is uniform.
    @Override
    public void randomStart(FloatBuffer clean, CounterRandom random, FloatBuffer point) {
        int size = clean.remaining();
        double sum = 0;
        for (int i = 0; i < size; i++) {
            double coordinate = random.nextGaussian();
            sum += coordinate * coordinate;
            point.put(point.position() + i, (float) coordinate);
        }
        double length = epsilon.doubleValue() * Math.pow(random.nextDouble(), 1.0 / size);
        double scale = sum > 0 ? length / Math.sqrt(sum) : 0;
        for (int i = clean.position(), j = point.position(); i < clean.limit(); i++, j++) {
            point.put(j, (float) (clean.get(i) + scale * point.get(j)));
        }
        project(clean, point);
    }

    @Override
    public String toString() {
        return text();
    }
}
