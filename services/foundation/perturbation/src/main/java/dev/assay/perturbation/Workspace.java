package dev.assay.perturbation;

import dev.assay.onnx.ElementType;
import dev.assay.runtime.Program;
import dev.assay.runtime.StopSignal;
import dev.assay.runtime.Tensor;
import java.nio.FloatBuffer;
import java.nio.LongBuffer;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/// The memory of one worker: a chunk of images on its way through all steps. Allocated once; the point and the
/// next point change places after each step, so nothing is copied between steps. Rows beyond the images of a
/// smaller last chunk hold what they held; samples do not touch one another.
final class Workspace implements AutoCloseable {

    private final ClassifierGraph classifier;
    private final StepRule rule;
    private final List<Tensor> tensors = new ArrayList<>();

    private final FloatBuffer clean;
    private final Tensor[] points = new Tensor[2];
    private final FloatBuffer[] pointValues = new FloatBuffer[2];
    private final LongBuffer labels;
    private final Tensor logits;
    private final FloatBuffer logitValues;
    private final Map<String, FloatBuffer> ruleImages = new LinkedHashMap<>();
    private final Map<String, FloatBuffer> ruleScalars = new LinkedHashMap<>();
    private final List<Map<String, Tensor>> inputs = List.of(new HashMap<>(), new HashMap<>());
    private final List<Map<String, Tensor>> outputs = List.of(new HashMap<>(), new HashMap<>());
    private final List<Map<String, Tensor>> outputsAndGradient = List.of(new HashMap<>(), new HashMap<>());
    private final FloatBuffer gradient;

    /// Which of the two points is the present one.
    private int present;

    Workspace(ClassifierGraph classifier, StepRule rule, int chunkSize) {
        this.classifier = classifier;
        this.rule = rule;
        long[] shape = classifier.shape(chunkSize);
        clean = own(Tensor.allocate(ElementType.FLOAT, shape)).floats();
        Tensor labelTensor = own(Tensor.allocate(ElementType.INT64, chunkSize));
        labels = labelTensor.longs();
        logits = own(Tensor.allocate(ElementType.FLOAT, chunkSize, classifier.classes()));
        logitValues = logits.floats();
        Tensor gradientTensor = own(Tensor.allocate(ElementType.FLOAT, shape));
        gradient = gradientTensor.floats();
        Map<String, Tensor> common = new HashMap<>();
        common.put(StepGraph.LABELS, labelTensor);
        for (String name : rule.imageInputs()) {
            Tensor tensor = own(Tensor.allocate(ElementType.FLOAT, shape));
            ruleImages.put(name, tensor.floats());
            common.put(StepGraph.name(name), tensor);
        }
        for (String name : rule.scalarInputs()) {
            Tensor tensor = own(Tensor.allocate(ElementType.FLOAT));
            ruleScalars.put(name, tensor.floats());
            common.put(StepGraph.name(name), tensor);
        }
        for (int i = 0; i < 2; i++) {
            points[i] = own(Tensor.allocate(ElementType.FLOAT, shape));
            pointValues[i] = points[i].floats();
        }
        for (int i = 0; i < 2; i++) {
            inputs.get(i).putAll(common);
            inputs.get(i).put(classifier.images(), points[i]);
            outputs.get(i).put(StepGraph.NEXT, points[1 - i]);
            outputsAndGradient.get(i).put(StepGraph.NEXT, points[1 - i]);
            outputsAndGradient.get(i).put(StepGraph.gradient(classifier), gradientTensor);
        }
    }

    /// Sets the scalars that the step rule asks for.
    void prepare(ThreatModel threat, PgdSettings settings) {
        float epsilon = threat.epsilon().floatValue();
        float step = (float) (threat.epsilon().doubleValue() * settings.relativeStepSize());
        ruleScalars.forEach((name, value) -> value.put(0, name.equals(StepRule.STEP) ? step : epsilon));
        present = 0;
    }

    /// Reads image `sample` into row `row`; the point is the image itself.
    void load(int row, int sample, ImageSource images, ThreatModel threat) {
        FloatBuffer image = clean(row);
        images.read(sample, image.duplicate());
        labels.put(row, images.label(sample));
        Map<String, FloatBuffer> targets = new HashMap<>();
        ruleImages.forEach((name, values) -> targets.put(name, row(values, row)));
        rule.fill(threat, image, targets);
        point(row).put(0, image, 0, image.remaining());
    }

    /// Takes one step for all rows.
    void step(Program program, StopSignal stop) {
        program.run(inputs.get(present), outputs.get(present), stop);
        present = 1 - present;
    }

    /// Takes one step for all rows and keeps the gradient that led it.
    void stepKeepingGradient(Program program, StopSignal stop) {
        program.run(inputs.get(present), outputsAndGradient.get(present), stop);
        present = 1 - present;
    }

    /// Asks the classifier about the present points.
    void classify(ForwardPass forward, StopSignal stop) {
        forward.run(points[present], logits, stop);
    }

    int predicted(int row) {
        return ForwardPass.predicted(logitValues, row, classifier.classes());
    }

    FloatBuffer logits(int row) {
        return logitValues.slice(row * classifier.classes(), classifier.classes());
    }

    /// As {@link #stepKeepingGradient} left it.
    FloatBuffer gradient(int row) {
        return row(gradient, row);
    }

    FloatBuffer clean(int row) {
        return row(clean, row);
    }

    FloatBuffer point(int row) {
        return row(pointValues[present], row);
    }

    @Override
    public void close() {
        tensors.forEach(Tensor::close);
    }

    private FloatBuffer row(FloatBuffer values, int row) {
        return values.slice(row * classifier.imageSize(), classifier.imageSize());
    }

    private Tensor own(Tensor tensor) {
        tensors.add(tensor);
        return tensor;
    }
}
