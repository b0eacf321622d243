package dev.assay.training;

import dev.assay.computation.CounterRandom;
import dev.assay.onnx.TensorData;

/// Initial weights: uniform with the variance of He et al. ("Delving Deep into Rectifiers", 2015), so that the
/// scale of
/// the signal is kept through layers. Each tensor is a pure function of (seed, its name).
record Initialisation(long seed) {

    /// Variance 2 / fan-in, for a layer before a ReLU.
    TensorData beforeRelu(String name, long... shape) {
        return uniform(name, Math.sqrt(6.0 / fanIn(shape)), shape);
    }

    /// Variance 1 / (3 · fan-in), for the last layer: the first logits are small, so the first loss is near
    /// log(classes).
    TensorData ofLogits(String name, long... shape) {
        return uniform(name, Math.sqrt(1.0 / fanIn(shape)), shape);
    }

    static TensorData zeros(long... shape) {
        return TensorData.ofFloats(new float[Math.toIntExact(TensorData.elementCount(shape))], shape);
    }

    private TensorData uniform(String name, double bound, long... shape) {
        CounterRandom random = CounterRandom.of(seed, "initial-weights:" + name, 0);
        float[] values = new float[Math.toIntExact(TensorData.elementCount(shape))];
        for (int i = 0; i < values.length; i++) {
            values[i] = (float) ((2 * random.nextDouble() - 1) * bound);
        }
        return TensorData.ofFloats(values, shape);
    }

    /// Inputs of one output: shape is [out, in, kernel…].
    private static long fanIn(long[] shape) {
        return TensorData.elementCount(shape) / shape[0];
    }
}
