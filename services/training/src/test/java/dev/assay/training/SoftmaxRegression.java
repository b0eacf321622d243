package dev.assay.training;

import dev.assay.onnx.ElementType;
import dev.assay.onnx.Graph;
import dev.assay.onnx.GraphBuilder;
import dev.assay.onnx.TensorData;
import dev.assay.onnx.Value;

/// Softmax regression trained by SGD with momentum, in plain Java and double precision: the reference for what a
/// step
/// computes.
final class SoftmaxRegression {

    final double[][] weight;
    final double[] bias;
    private final double[][] weightVelocity;
    private final double[] biasVelocity;
    double loss;
    double gradientNorm;
    int correct;

    SoftmaxRegression(double[][] weight, double[] bias) {
        this.weight = weight;
        this.bias = bias;
        this.weightVelocity = new double[weight.length][weight[0].length];
        this.biasVelocity = new double[bias.length];
    }

    /// The same model as a graph that takes images [N,1,1,features].
    Graph graph() {
        GraphBuilder graph = GraphBuilder.empty("softmax-regression");
        int features = weight[0].length;
        float[] flat = new float[weight.length * features];
        float[] biases = new float[bias.length];
        for (int k = 0; k < weight.length; k++) {
            biases[k] = (float) bias[k];
            for (int j = 0; j < features; j++) {
                flat[k * features + j] = (float) weight[k][j];
            }
        }
        Value x = graph.input("images", ElementType.FLOAT, -1, 1, 1, features);
        Value w = graph.initializer("w", TensorData.ofFloats(flat, weight.length, features));
        Value b = graph.initializer("b", TensorData.ofFloats(biases, bias.length));
        graph.output("logits", graph.linear(graph.flatten(x, 1), w, b), ElementType.FLOAT, -1, bias.length);
        return graph.build();
    }

    void resetMomentum() {
        for (double[] row : weightVelocity) {
            java.util.Arrays.fill(row, 0);
        }
        java.util.Arrays.fill(biasVelocity, 0);
    }

    void step(float[][] x, int[] labels, double rate, double momentum, double decay) {
        int classes = bias.length;
        int features = weight[0].length;
        double[][] weightGradient = new double[classes][features];
        double[] biasGradient = new double[classes];
        loss = 0;
        correct = 0;
        for (int n = 0; n < x.length; n++) {
            double[] p = probabilities(x[n]);
            loss -= Math.log(p[labels[n]]) / x.length;
            correct += argMax(p) == labels[n] ? 1 : 0;
            for (int k = 0; k < classes; k++) {
                double error = (p[k] - (k == labels[n] ? 1 : 0)) / x.length;
                biasGradient[k] += error;
                for (int j = 0; j < features; j++) {
                    weightGradient[k][j] += error * x[n][j];
                }
            }
        }
        double squares = 0;
        for (int k = 0; k < classes; k++) {
            squares += biasGradient[k] * biasGradient[k];
            biasVelocity[k] = momentum * biasVelocity[k] + biasGradient[k];
            bias[k] -= rate * biasVelocity[k];
            for (int j = 0; j < features; j++) {
                squares += weightGradient[k][j] * weightGradient[k][j];
                weightVelocity[k][j] = momentum * weightVelocity[k][j] + weightGradient[k][j] + decay * weight[k][j];
                weight[k][j] -= rate * weightVelocity[k][j];
            }
        }
        gradientNorm = Math.sqrt(squares);
    }

    private double[] probabilities(float[] x) {
        double[] p = new double[bias.length];
        double sum = 0;
        for (int k = 0; k < p.length; k++) {
            double z = bias[k];
            for (int j = 0; j < x.length; j++) {
                z += weight[k][j] * x[j];
            }
            p[k] = Math.exp(z);
            sum += p[k];
        }
        for (int k = 0; k < p.length; k++) {
            p[k] /= sum;
        }
        return p;
    }

    private static int argMax(double[] values) {
        int best = 0;
        for (int k = 1; k < values.length; k++) {
            best = values[k] > values[best] ? k : best;
        }
        return best;
    }
}
