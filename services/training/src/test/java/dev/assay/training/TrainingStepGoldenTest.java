package dev.assay.training;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.assay.data.ImageShape;
import dev.assay.onnx.OnnxFile;
import dev.assay.runtime.Device;
import dev.assay.runtime.Npz;
import dev.assay.runtime.Tensor;
import java.io.IOException;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// One step of plain SGD against gradients recorded from PyTorch (float64 autograd): w' = w − rate·∇.
class TrainingStepGoldenTest {

    private static final double RATE = 0.5;
    private static final double TOLERANCE = 1e-4; // of the fixtures' README, on the relative L2 error per tensor

    /// Gradients smaller than this share of the largest one are zero but for rounding, and compared absolutely.
    private static final double VANISHING = 1e-6;

    @ParameterizedTest
    @ValueSource(strings = {"lenet_ts17", "resnet9_ts17", "mobilenet_se_ts17", "vit_tiny_ts17", "mlp_mixer_ts17"})
    void aStepMovesEachWeightByTheRateTimesTheRecordedGradient(String name) throws IOException {
        TrainableModel model = TrainableModel.of(OnnxFile.read(Fixtures.path("autodiff/models/" + name + ".onnx")));
        try (Npz golden = Npz.open(Fixtures.path("autodiff/models/" + name + ".npz"));
                Tensor x = golden.read("input.x");
                Tensor labels = golden.read("labels");
                Tensor loss = golden.read("loss");
                TrainingStep step = step(model, x.shape())) {
            step.images().copyFrom(x.memory());
            step.labels().put(labels.longs()).rewind();
            step.setRate(RATE, 0);
            step.run();

            assertThat((double) step.loss()).isCloseTo(loss.doubles().get(0), within(1e-5));
            double largest = 0;
            for (String parameter : model.parameters()) {
                largest = Math.max(largest, norm(gradient(golden, parameter)));
            }
            for (String parameter : model.parameters()) {
                double[] before = model.graph().initializers().get(parameter).toDoubles();
                float[] expected = gradient(golden, parameter);
                float[] velocity = step.state(StepGraph.velocity(parameter)).toFloats();
                float[] after = step.state(parameter).toFloats();
                for (int i = 0; i < expected.length; i++) {
                    assertThat(after[i]).as(parameter).isEqualTo((float) before[i] - (float) RATE * velocity[i]);
                    expected[i] -= velocity[i];
                }
                double norm = norm(gradient(golden, parameter));
                assertThat(norm(expected))
                        .as(parameter)
                        .isLessThanOrEqualTo(norm < VANISHING * largest ? VANISHING * largest : TOLERANCE * norm);
            }
        }
    }

    private static TrainingStep step(TrainableModel model, long[] shape) {
        ImageShape imageShape = new ImageShape((int) shape[1], (int) shape[2], (int) shape[3]);
        return new TrainingStep(StepGraph.of(model, (int) shape[0], imageShape, 0), new Device.Cpu(), 1);
    }

    private static float[] gradient(Npz golden, String parameter) throws IOException {
        try (Tensor gradient = golden.read("grad.param." + parameter)) {
            return gradient.toFloats();
        }
    }

    private static double norm(float[] values) {
        double squares = 0;
        for (float value : values) {
            squares += (double) value * value;
        }
        return Math.sqrt(squares);
    }
}
