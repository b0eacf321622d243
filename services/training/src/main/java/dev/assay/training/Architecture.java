package dev.assay.training;

import dev.assay.computation.ProblemException;
import dev.assay.data.ImageShape;
import dev.assay.onnx.ElementType;
import dev.assay.onnx.Graph;
import dev.assay.onnx.GraphBuilder;
import dev.assay.onnx.TensorData;
import dev.assay.onnx.Value;
import dev.assay.onnx.Window;
import java.util.Arrays;
import java.util.stream.Collectors;

/// Networks by name, for images of any size. Each takes `images` [N,C,H,W] in [0,1], normalises them inside, and
/// gives
/// `logits` [N,classes].
public enum Architecture {
    /// Three 3×3 convolutions of 16, 32 (stride 2) and 64 channels, each with ReLU, 2×2 max pooling, one linear
    /// layer: striding early keeps a step cheap on large images, pooling late costs no accuracy on small ones.
    /// 25,866
    /// parameters for 8×8×1 and ten classes.
    CNN_SMALL("cnn-small", 4) {
        @Override
        Value logits(Value images, ImageShape imageShape, int classes, Layers layers) {
            Value x = layers.convolutionRelu("conv1", images, imageShape.channels(), 16, 1);
            x = layers.convolutionRelu("conv2", x, 16, 32, 2);
            x = layers.pool(layers.convolutionRelu("conv3", x, 32, 64, 1));
            long features = 64 * quarter(imageShape.height()) * quarter(imageShape.width());
            return layers.logits(layers.flat(x), features, classes);
        }
    },
    /// Two hidden layers of 256 and 128 units with ReLU. 50,826 parameters for 8×8×1 and ten classes.
    MLP("mlp", 1) {
        @Override
        Value logits(Value images, ImageShape imageShape, int classes, Layers layers) {
            Value x = layers.linearRelu("hidden1", layers.flat(images), imageShape.elements(), 256);
            x = layers.linearRelu("hidden2", x, 256, 128);
            return layers.logits(x, 128, classes);
        }
    };

    /// Name of the image input of every architecture.
    public static final String IMAGES = "images";

    /// Name of the output of every architecture.
    public static final String LOGITS = "logits";

    private final String label;
    private final int leastSide;

    Architecture(String label, int leastSide) {
        this.label = label;
        this.leastSide = leastSide;
    }

    /// The name in requests: `cnn-small`.
    public String label() {
        return label;
    }

    /// @throws ProblemException `unknown-architecture` listing the known ones
    public static Architecture named(String label) {
        return Arrays.stream(values())
                .filter(architecture -> architecture.label.equals(label))
                .findFirst()
                .orElseThrow(() -> new ProblemException(
                        "unknown-architecture",
                        "architecture",
                        "there is no architecture '" + label + "'",
                        "use one of "
                                + Arrays.stream(values())
                                        .map(Architecture::label)
                                        .collect(Collectors.joining(", "))));
    }

    /// An untrained network.
    ///
    /// @param imageShape [C,H,W]
    /// @param classes at least 2
    /// @param seed the same seed gives the same weights
    /// @throws ProblemException `image-too-small`, or `too-few-classes`
    public Graph untrained(ImageShape imageShape, int classes, Normalisation normalisation, long seed) {
        if (normalisation.channels() != imageShape.channels()) {
            throw new IllegalArgumentException(
                    "images " + imageShape + " normalised over " + normalisation.channels() + " channels");
        }
        if (Math.min(imageShape.height(), imageShape.width()) < leastSide) {
            throw TrainingProblems.imageTooSmall(this, imageShape, leastSide);
        }
        if (classes < 2) {
            throw TrainingProblems.tooFewClasses(classes);
        }
        GraphBuilder graph = GraphBuilder.empty(label);
        Value images = graph.input(IMAGES, ElementType.FLOAT, imageShape.batch(-1));
        Layers layers = new Layers(graph, new Initialisation(seed));
        Value logits = logits(normalisation.append(images, graph), imageShape, classes, layers);
        graph.output(LOGITS, logits, ElementType.FLOAT, -1, classes);
        return graph.build();
    }

    abstract Value logits(Value images, ImageShape imageShape, int classes, Layers layers);

    /// A side after a convolution of stride 2 with padding 1 and a pooling of 2.
    private static long quarter(int side) {
        return Math.ceilDiv(side, 2) / 2;
    }

    /// Layers with their initial weights, named `<layer>.weight` and `<layer>.bias`.
    record Layers(GraphBuilder graph, Initialisation initial) {

        /// 3×3, padding 1.
        Value convolutionRelu(String name, Value x, long from, long to, long stride) {
            Value weight = weight(name, initial.beforeRelu(name, to, from, 3, 3));
            Window window = Window.over(2).padAll(1).stride(stride, stride);
            return graph.relu(graph.conv(x, weight, bias(name, to), window));
        }

        Value linearRelu(String name, Value x, long from, long to) {
            Value weight = weight(name, initial.beforeRelu(name, to, from));
            return graph.relu(graph.linear(x, weight, bias(name, to)));
        }

        Value logits(Value x, long from, long classes) {
            return graph.linear(x, weight("head", initial.ofLogits("head", classes, from)), bias("head", classes));
        }

        /// 2×2, stride 2; an odd last row or column is left out.
        Value pool(Value x) {
            return graph.maxPool(x, Window.over(2).stride(2, 2), 2, 2);
        }

        Value flat(Value x) {
            return graph.flatten(x, 1);
        }

        private Value weight(String name, TensorData tensor) {
            return graph.initializer(name + ".weight", tensor);
        }

        private Value bias(String name, long length) {
            return graph.initializer(name + ".bias", Initialisation.zeros(length));
        }
    }
}
