package dev.assay.perturbation;

import dev.assay.onnx.ElementType;
import dev.assay.onnx.Graph;
import dev.assay.onnx.GraphBuilder;
import dev.assay.onnx.TensorData;
import dev.assay.onnx.Value;
import java.util.random.RandomGenerator;

/// z = W·x + b over flattened images [1,H,W]: a model whose robustness is known in closed form. A sample of
/// class y of two classes is broken in L∞ from epsilon = margin / ‖w‖₁ on, in L2 from margin /
/// ‖w‖₂ on, where w is the difference of the rows and the box is not in the way.
record LinearClassifier(float[][] weight, float[] bias, int height, int width) {

    static LinearClassifier random(RandomGenerator random, int classes, int height, int width) {
        float[][] weight = new float[classes][height * width];
        float[] bias = new float[classes];
        for (int i = 0; i < classes; i++) {
            for (int j = 0; j < weight[i].length; j++) {
                weight[i][j] = (float) random.nextGaussian();
            }
            bias[i] = (float) (0.1 * random.nextGaussian());
        }
        return new LinearClassifier(weight, bias, height, width);
    }

    ClassifierGraph graph() {
        int size = height * width;
        float[] flat = new float[weight.length * size];
        for (int i = 0; i < weight.length; i++) {
            System.arraycopy(weight[i], 0, flat, i * size, size);
        }
        GraphBuilder g = GraphBuilder.empty("linear");
        Value images = g.input("images", ElementType.FLOAT, -1, 1, height, width);
        Value w = g.initializer("w", TensorData.ofFloats(flat, weight.length, size));
        Value b = g.initializer("b", TensorData.ofFloats(bias, weight.length));
        Graph graph = g.output("logits", g.linear(g.flatten(images, 1), w, b), ElementType.FLOAT, -1, weight.length)
                .build();
        return new ClassifierGraph(
                graph, "images", "logits", 1, height, width, weight.length, ClassifierGraph.ANY_BATCH);
    }

    double[] logits(float[] image) {
        double[] logits = new double[weight.length];
        for (int i = 0; i < logits.length; i++) {
            logits[i] = bias[i];
            for (int j = 0; j < image.length; j++) {
                logits[i] += (double) weight[i][j] * image[j];
            }
        }
        return logits;
    }

    int predicted(float[] image) {
        double[] logits = logits(image);
        int best = 0;
        for (int i = 1; i < logits.length; i++) {
            best = logits[i] > logits[best] ? i : best;
        }
        return best;
    }
}
