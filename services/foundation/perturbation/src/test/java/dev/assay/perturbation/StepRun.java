package dev.assay.perturbation;

import dev.assay.onnx.ElementType;
import dev.assay.runtime.Device;
import dev.assay.runtime.Program;
import dev.assay.runtime.ProgramOptions;
import dev.assay.runtime.Tensor;
import java.nio.FloatBuffer;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/// Takes the steps of a search one by one, from the images themselves, and shows what happens inside.
final class StepRun implements AutoCloseable {

    private final Program program;
    private final String images;
    private final String gradient;
    private final Map<String, Tensor> inputs = new HashMap<>();
    private final Map<String, Tensor> outputs = new HashMap<>();
    private final List<Tensor> tensors = new ArrayList<>();

    private StepRun(Program program, ClassifierGraph classifier) {
        this.program = program;
        this.images = classifier.images();
        this.gradient = StepGraph.gradient(classifier);
    }

    static StepRun of(ClassifierGraph classifier, Images source, int[] samples, String text, double relativeStep) {
        ThreatModel threat = ThreatModel.parse(text);
        StepRule rule = StepRule.of(threat.norm());
        Program program = Program.compile(
                StepGraph.of(classifier, Objective.crossEntropy(), rule, samples.length),
                new Device.Cpu(),
                ProgramOptions.singleThreaded());
        StepRun run = new StepRun(program, classifier);
        long[] shape = classifier.shape(samples.length);
        run.input(classifier.images(), Tensor.allocate(ElementType.FLOAT, shape));
        run.input(StepGraph.LABELS, Tensor.allocate(ElementType.INT64, samples.length));
        rule.imageInputs().forEach(name -> run.input(StepGraph.name(name), Tensor.allocate(ElementType.FLOAT, shape)));
        for (String name : rule.scalarInputs()) {
            double epsilon = threat.epsilon().doubleValue();
            float value = (float) (name.equals(StepRule.STEP) ? relativeStep * epsilon : epsilon);
            run.input(StepGraph.name(name), Tensor.ofFloats(new float[] {value}));
        }
        for (int row = 0; row < samples.length; row++) {
            FloatBuffer clean = FloatBuffer.wrap(source.pixels()[samples[row]]);
            Map<String, FloatBuffer> targets = new HashMap<>();
            for (String name : rule.imageInputs()) {
                targets.put(name, run.row(run.inputs.get(StepGraph.name(name)), row));
            }
            rule.fill(threat, clean, targets);
            run.row(run.inputs.get(classifier.images()), row).put(clean.duplicate());
            run.inputs.get(StepGraph.LABELS).longs().put(row, source.label(samples[row]));
        }
        run.output(StepGraph.NEXT, Tensor.allocate(ElementType.FLOAT, shape));
        run.output(StepGraph.gradient(classifier), Tensor.allocate(ElementType.FLOAT, shape));
        run.output(StepGraph.OBJECTIVE, Tensor.allocate(ElementType.FLOAT, samples.length));
        return run;
    }

    void step() {
        program.run(inputs, outputs);
        Tensor next = outputs.get(StepGraph.NEXT);
        outputs.put(StepGraph.NEXT, inputs.get(images));
        inputs.put(images, next);
    }

    /// At the point before the last step.
    float objective(int row) {
        return outputs.get(StepGraph.OBJECTIVE).floatAt(row);
    }

    /// At the point before the last step.
    float[] gradient(int row) {
        try (Tensor slice = outputs.get(gradient).slice(row, 1)) {
            return slice.toFloats();
        }
    }

    float[] points() {
        return inputs.get(images).toFloats();
    }

    @Override
    public void close() {
        tensors.forEach(Tensor::close);
        program.close();
    }

    private FloatBuffer row(Tensor tensor, int row) {
        int size = (int) (tensor.size() / tensor.dimension(0));
        return tensor.floats().slice(row * size, size);
    }

    private void input(String name, Tensor tensor) {
        tensors.add(tensor);
        inputs.put(name, tensor);
    }

    private void output(String name, Tensor tensor) {
        tensors.add(tensor);
        outputs.put(name, tensor);
    }
}
