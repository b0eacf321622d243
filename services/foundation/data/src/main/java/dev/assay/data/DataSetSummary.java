package dev.assay.data;

import dev.assay.computation.Progress;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/// A data set in figures.
///
/// @param perClass samples of each class; its length is the number of classes
/// @param means of each channel, pixels in [0,1]
/// @param deviations population standard deviation of each channel
/// @param smallest pixel, in [0,1]
/// @param largest pixel, in [0,1]; far below 1 it hints that the import should have been told the maximum value
public record DataSetSummary(
        int count,
        ImageShape shape,
        List<Integer> perClass,
        List<Double> means,
        List<Double> deviations,
        double smallest,
        double largest) {

    private static final int REPORT_EVERY = 1024;

    public DataSetSummary {
        perClass = List.copyOf(perClass);
        means = List.copyOf(means);
        deviations = List.copyOf(deviations);
    }

    /// Looks at every pixel once.
    public static DataSetSummary of(LabelledImages images, Progress progress) {
        ImageShape shape = images.imageShape();
        float[] image = new float[shape.elements()];
        MemorySegment memory = MemorySegment.ofArray(image);
        double[] sums = new double[shape.channels()];
        double[] squares = new double[shape.channels()];
        int[] perClass = new int[images.classes()];
        float smallest = 1;
        float largest = 0;
        int pixels = shape.height() * shape.width();
        for (int sample = 0; sample < images.count(); sample++) {
            if (sample % REPORT_EVERY == 0) {
                progress.report("summarise", sample, images.count());
            }
            perClass[images.label(sample)]++;
            images.copyTo(sample, memory, 0);
            for (int i = 0; i < image.length; i++) {
                sums[i / pixels] += image[i];
                squares[i / pixels] += (double) image[i] * image[i];
                smallest = Math.min(smallest, image[i]);
                largest = Math.max(largest, image[i]);
            }
        }
        progress.report("summarise", images.count(), images.count());
        List<Double> means = new ArrayList<>();
        List<Double> deviations = new ArrayList<>();
        double values = (double) images.count() * pixels;
        for (int channel = 0; channel < shape.channels(); channel++) {
            double mean = sums[channel] / values;
            means.add(mean);
            deviations.add(Math.sqrt(Math.max(0, squares[channel] / values - mean * mean)));
        }
        return new DataSetSummary(
                images.count(), shape, Arrays.stream(perClass).boxed().toList(), means, deviations, smallest, largest);
    }
}
