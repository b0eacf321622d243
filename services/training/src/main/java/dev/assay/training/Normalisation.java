package dev.assay.training;

import dev.assay.onnx.Attribute;
import dev.assay.onnx.GraphBuilder;
import dev.assay.onnx.TensorData;
import dev.assay.onnx.Value;
import java.util.List;
import java.util.Map;

/// Mean and standard deviation of each channel over the training images. It becomes part of the model, so that
/// whoever
/// uses it gives plain images in [0,1].
///
/// @param mean one number per channel
/// @param deviation one number per channel, above 0
public record Normalisation(List<Float> mean, List<Float> deviation) {

    public Normalisation {
        mean = List.copyOf(mean);
        deviation = List.copyOf(deviation);
        if (mean.isEmpty() || mean.size() != deviation.size()) {
            throw new IllegalArgumentException(
                    mean.size() + " means and " + deviation.size() + " deviations; give one of each per channel");
        }
        if (deviation.stream().anyMatch(d -> !(d > 0) || d.isInfinite())) {
            throw new IllegalArgumentException("deviations " + deviation + "; each is above 0");
        }
    }

    public int channels() {
        return mean.size();
    }

    /// Appends `(images − mean) / deviation`. The numbers are Constant nodes, not initializers: they are no
    /// weights,
    /// and training the saved model again must not move them.
    Value append(Value images, GraphBuilder graph) {
        return graph.div(graph.sub(images, perChannel(mean, graph)), perChannel(deviation, graph));
    }

    private static Value perChannel(List<Float> numbers, GraphBuilder graph) {
        float[] values = new float[numbers.size()];
        for (int channel = 0; channel < values.length; channel++) {
            values[channel] = numbers.get(channel);
        }
        TensorData tensor = TensorData.ofFloats(values, 1, values.length, 1, 1);
        return graph.node("Constant", List.of(), Map.of("value", Attribute.of(tensor)));
    }
}
