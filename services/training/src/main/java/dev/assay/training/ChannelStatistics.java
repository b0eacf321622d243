package dev.assay.training;

import dev.assay.data.LabelledImages;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.List;

/// Mean and standard deviation of each channel over a data set.
final class ChannelStatistics {

    /// More images change the third digit at most; reading all of a large data set would take longer than training.
    private static final int MOST_IMAGES = 10_000;

    /// A channel with less spread than this (one grey level is 0.004) is constant, and is not stretched.
    private static final double LEAST_DEVIATION = 1e-3;

    private ChannelStatistics() {}

    /// Over all images, or over 10,000 evenly spaced ones of a larger data set.
    static Normalisation of(LabelledImages data) {
        int images = Math.min(data.count(), MOST_IMAGES);
        int channels = data.imageShape().channels();
        int pixels = data.imageShape().elements();
        int area = pixels / channels;
        double[] sums = new double[channels];
        double[] squares = new double[channels];
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment image = arena.allocate(ValueLayout.JAVA_FLOAT, pixels);
            for (int i = 0; i < images; i++) {
                data.copyTo((int) ((long) i * data.count() / images), image, 0);
                for (int position = 0; position < pixels; position++) {
                    double value = image.getAtIndex(ValueLayout.JAVA_FLOAT, position);
                    sums[position / area] += value;
                    squares[position / area] += value * value;
                }
            }
        }
        return normalisation(sums, squares, (double) images * area);
    }

    private static Normalisation normalisation(double[] sums, double[] squares, double count) {
        List<Float> mean = new ArrayList<>();
        List<Float> deviation = new ArrayList<>();
        for (int channel = 0; channel < sums.length; channel++) {
            double average = sums[channel] / count;
            double spread = Math.sqrt(Math.max(0, squares[channel] / count - average * average));
            mean.add((float) average);
            deviation.add(spread < LEAST_DEVIATION ? 1f : (float) spread);
        }
        return new Normalisation(mean, deviation);
    }
}
