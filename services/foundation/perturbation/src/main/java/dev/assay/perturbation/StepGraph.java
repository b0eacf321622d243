package dev.assay.perturbation;

import dev.assay.autodiff.Autodiff;
import dev.assay.autodiff.GradientRequest;
import dev.assay.autodiff.GraphTransforms;
import dev.assay.onnx.ElementType;
import dev.assay.onnx.Graph;
import dev.assay.onnx.GraphBuilder;
import dev.assay.onnx.Operators.ReducedAxes;
import dev.assay.onnx.Value;
import java.util.HashMap;
import java.util.Map;

/// One step of a search as a graph: the classifier's forward pass, the objective, the gradient with respect to the
/// images, and the step rule's update.
///
/// Inputs: the images (the point), {@link #LABELS} int64 [N], and what the rule asks for under {@link #name}.
/// Outputs: {@link #NEXT} and {@link #gradient}, shaped as the images, and {@link #OBJECTIVE} [N].
final class StepGraph {

    /// Names that the step adds carry a prefix, so that they do not meet a model's own.
    private static final String PREFIX = "attack.";

    static final String LABELS = PREFIX + "labels";
    static final String OBJECTIVE = PREFIX + "objective";
    private static final String OBJECTIVE_SUM = PREFIX + "objective.sum";
    private static final String GRADIENT_PREFIX = PREFIX + "gradient.";
    static final String NEXT = PREFIX + "next";

    private StepGraph() {}

    /// The graph's name of an input that a rule asks for.
    static String name(String ruleInput) {
        return PREFIX + ruleInput;
    }

    static Graph of(ClassifierGraph classifier, Objective objective, StepRule rule, int batch) {
        GradientRequest request = GradientRequest.of(OBJECTIVE_SUM)
                .withRespectTo(classifier.images())
                .withShape(classifier.images(), classifier.shape(batch))
                .withShape(LABELS, batch)
                .named(GRADIENT_PREFIX);
        Graph differentiated = Autodiff.valueAndGrad(judged(classifier, objective, batch), request);
        return stepping(classifier, rule, differentiated, batch);
    }

    /// The output that holds the gradient at the point.
    static String gradient(ClassifierGraph classifier) {
        return GRADIENT_PREFIX + classifier.images();
    }

    /// The classifier with the objective as its output, for each image and summed: the sum's gradient is each
    /// image's own, because images do not mix.
    private static Graph judged(ClassifierGraph classifier, Objective objective, int batch) {
        Map<String, long[]> shapes = Map.of(classifier.images(), classifier.shape(batch));
        GraphBuilder graph = GraphBuilder.from(
                        GraphTransforms.foldBatchNorm(GraphTransforms.specialise(classifier.graph(), shapes)))
                .withoutOutputs();
        Value labels = graph.input(LABELS, ElementType.INT64, batch);
        Value each = objective.append(graph, new Value(classifier.logits()), labels);
        return graph.output(OBJECTIVE, each, ElementType.FLOAT, batch)
                .output(OBJECTIVE_SUM, graph.reduceSum(each, ReducedAxes.DROPPED), ElementType.FLOAT)
                .build();
    }

    private static Graph stepping(ClassifierGraph classifier, StepRule rule, Graph differentiated, int batch) {
        long[] shape = classifier.shape(batch);
        GraphBuilder graph = GraphBuilder.from(differentiated);
        Map<String, Value> inputs = new HashMap<>();
        rule.imageInputs().forEach(input -> inputs.put(input, graph.input(name(input), ElementType.FLOAT, shape)));
        rule.scalarInputs().forEach(input -> inputs.put(input, graph.input(name(input), ElementType.FLOAT)));
        Value next = rule.append(graph, new Value(classifier.images()), new Value(gradient(classifier)), inputs);
        return graph.output(NEXT, next, ElementType.FLOAT, shape).build();
    }
}
