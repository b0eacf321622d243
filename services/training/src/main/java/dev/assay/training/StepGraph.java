package dev.assay.training;

import dev.assay.autodiff.Autodiff;
import dev.assay.autodiff.GradientRequest;
import dev.assay.autodiff.GraphTransforms;
import dev.assay.data.ImageShape;
import dev.assay.onnx.ElementType;
import dev.assay.onnx.Graph;
import dev.assay.onnx.GraphBuilder;
import dev.assay.onnx.Node;
import dev.assay.onnx.Operators.ReducedAxes;
import dev.assay.onnx.TensorData;
import dev.assay.onnx.Value;
import dev.assay.onnx.ValueInfo;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/// One step of stochastic gradient descent as one ONNX graph: forward, mean cross-entropy, backward, update. For
/// each
/// parameter w with gradient ∇, rate η, momentum µ and decay λ (0 for biases and norms):
///
/// ```
/// v ← µ·v + ∇ + λ·w
/// w ← w − η·v
/// ```
///
/// This is SGD as PyTorch has it (no dampening, no Nesterov). Inputs are the images and `labels`, the scalars
/// `rate` and
/// `momentum`, so that one compiled graph serves both phases, and the state: each weight under its own name, its
/// `velocity.<name>`, and the running statistics of BatchNormalization. Outputs are `loss` (mean, nats),
/// `correct` (how
/// many of the batch were right), `gradient.norm` (Euclidean, of ∇ alone) and the new state under `next.<name>`.
///
/// @param model whose weights are trained
/// @param graph for batches of exactly `batchSize`
/// @param imageShape of the images in a batch
record StepGraph(TrainableModel model, Graph graph, int batchSize, ImageShape imageShape) {

    static final String LABELS = "labels";
    static final String RATE = "rate";
    static final String MOMENTUM = "momentum";
    static final String LOSS = "loss";
    static final String CORRECT = "correct";
    static final String GRADIENT_NORM = "gradient.norm";

    /// @throws dev.assay.autodiff.UnsupportedOperatorException if an operator between a weight and the loss has
    /// no rule
    static StepGraph of(TrainableModel model, int batchSize, ImageShape imageShape, float weightDecay) {
        GradientRequest request = GradientRequest.of(LOSS)
                .withRespectTo(model.parameters())
                .withShape(model.images(), imageShape.batch(batchSize));
        Graph gradients = Autodiff.valueAndGrad(withLoss(model, batchSize), request);
        GraphBuilder graph = GraphBuilder.from(gradients).withoutOutputs();
        for (ValueInfo output : gradients.outputs()) {
            if (output.name().equals(LOSS) || output.name().startsWith(next(""))) {
                graph.output(output);
            }
        }
        appendCorrect(new Value(model.logits()), graph);
        appendUpdate(model, request, weightDecay, graph);
        return new StepGraph(model, graph.build(), batchSize, imageShape);
    }

    static String velocity(String parameter) {
        return "velocity." + parameter;
    }

    static String next(String state) {
        return "next." + state;
    }

    /// What every step reads and writes: weights from the model, velocities of zero.
    Map<String, TensorData> initialState() {
        Map<String, TensorData> state = new LinkedHashMap<>();
        for (String parameter : model.parameters()) {
            TensorData weight = model.graph().initializers().get(parameter);
            state.put(parameter, weight);
            state.put(velocity(parameter), Initialisation.zeros(weight.dims()));
        }
        for (String statistic : model.statistics()) {
            state.put(statistic, model.graph().initializers().get(statistic));
        }
        return state;
    }

    /// The part of the state that the trained model keeps.
    List<String> savedState() {
        return savedState(model);
    }

    private static Graph withLoss(TrainableModel model, int batchSize) {
        List<String> state = savedState(model);
        Graph training = BatchStatistics.inTrainingMode(model.graph(), model.statistics());
        GraphBuilder graph = GraphBuilder.from(GraphTransforms.initializersToInputs(training, state))
                .withoutOutputs();
        Value labels = graph.input(LABELS, ElementType.INT64, batchSize);
        Value logits = new Value(model.logits());
        graph.output(model.graph().output(model.logits()).orElseThrow());
        compute(LOSS, "SoftmaxCrossEntropyLoss", List.of(logits, labels), graph);
        for (String statistic : model.statistics()) {
            long[] shape = model.graph().initializers().get(statistic).dims();
            graph.output(ValueInfo.of(next(statistic), ElementType.FLOAT, shape));
        }
        return graph.build();
    }

    private static void appendUpdate(
            TrainableModel model, GradientRequest request, float weightDecay, GraphBuilder graph) {
        Value rate = graph.input(RATE, ElementType.FLOAT);
        Value momentum = graph.input(MOMENTUM, ElementType.FLOAT);
        List<Value> squares = new ArrayList<>();
        for (String parameter : model.parameters()) {
            long[] shape = model.graph().initializers().get(parameter).dims();
            Value gradient = new Value(request.gradientOf(parameter));
            Value weight = new Value(parameter);
            Value velocity = graph.input(ValueInfo.of(velocity(parameter), ElementType.FLOAT, shape));
            squares.add(graph.reduce("ReduceSumSquare", gradient, ReducedAxes.DROPPED));
            Value direction = weightDecay > 0 && model.decays(parameter)
                    ? graph.add(gradient, graph.mul(graph.scalar(weightDecay), weight))
                    : gradient;
            Value nextVelocity = compute(
                    next(velocity(parameter)), "Add", List.of(graph.mul(momentum, velocity), direction), graph, shape);
            compute(next(parameter), "Sub", List.of(weight, graph.mul(rate, nextVelocity)), graph, shape);
        }
        compute(GRADIENT_NORM, "Sqrt", List.of(graph.sum(squares)), graph);
    }

    private static void appendCorrect(Value logits, GraphBuilder graph) {
        Value right = graph.equal(graph.argMax(logits, 1, ReducedAxes.DROPPED), new Value(LABELS));
        Value count = graph.reduceSum(graph.cast(right, ElementType.FLOAT), ReducedAxes.DROPPED);
        compute(CORRECT, "Identity", List.of(count), graph);
    }

    /// Appends a node whose result is a graph output under its own name, without the copy of an Identity.
    private static Value compute(String name, String operator, List<Value> inputs, GraphBuilder graph, long... shape) {
        Value result = graph.named(name);
        graph.add(Node.of(operator, inputs, List.of(result), Map.of()));
        graph.output(ValueInfo.of(name, ElementType.FLOAT, shape));
        return result;
    }

    private static List<String> savedState(TrainableModel model) {
        return Stream.concat(model.parameters().stream(), model.statistics().stream())
                .toList();
    }
}
