package dev.assay.training;

import static org.assertj.core.api.Assertions.assertThat;

import dev.assay.computation.Progress;
import dev.assay.data.ImageShape;
import dev.assay.data.LabelledImages;
import dev.assay.onnx.Graph;
import java.util.List;
import org.junit.jupiter.api.Test;

class StepCostTest {

    private static final ImageShape DIGITS = new ImageShape(1, 8, 8);

    @Test
    void aNetworkOfMatrixProductsCostsSixOperationsForEachWeightAndImage() {
        long weights = 64 * 256 + 256 * 128 + 128 * 10;
        assertThat(cost(Architecture.MLP, DIGITS, 32).operations()).isEqualTo(6.0 * weights * 32);
    }

    @Test
    void aConvolutionCostsAsMuchAsItsKernelAtEveryPlace() {
        // output channels × places × input channels × kernel, for each convolution; then the linear layer
        double products = 16 * 64 * 9 + 32 * 16 * 16 * 9 + 64 * 16 * 32 * 9 + 256 * 10;
        assertThat(cost(Architecture.CNN_SMALL, DIGITS, 64).operations()).isEqualTo(6 * products * 64);
    }

    @Test
    void takesAThreadMoreForEachShareOfWorkUpToTheProcessors() {
        assertThat(new StepCost(0).threads(8)).isEqualTo(1);
        assertThat(new StepCost(1.9 * StepCost.WORTH_A_THREAD).threads(8)).isEqualTo(1);
        assertThat(new StepCost(3.5 * StepCost.WORTH_A_THREAD).threads(8)).isEqualTo(3);
        assertThat(new StepCost(100 * StepCost.WORTH_A_THREAD).threads(8)).isEqualTo(8);
        assertThat(new StepCost(100 * StepCost.WORTH_A_THREAD).threads(1)).isEqualTo(1);
    }

    @Test
    void aTrainingTellsHowManyThreadsItTookAndRepeatsToTheLastBit() {
        try (LabelledImages images = Samples.brightAndDark(48, 1, 8)) {
            TrainingData data = TrainingData.of(images);
            Graph untrained = Trainer.untrained(Architecture.CNN_SMALL, data, 1);
            TrainingOptions automatic =
                    TrainingOptions.defaults().withBatchSize(16).withEpochs(1);
            TrainingRun run = Trainer.train(untrained, data, automatic, Progress.SILENT);
            assertThat(run.threads()).isEqualTo(1);
            TrainingRun same = Trainer.train(untrained, data, automatic.withThreads(1), Progress.SILENT);
            assertThat(same.model().hash()).isEqualTo(run.model().hash());
        }
    }

    private static StepCost cost(Architecture architecture, ImageShape shape, int batchSize) {
        Graph graph = architecture.untrained(shape, 10, new Normalisation(List.of(0f), List.of(1f)), 0);
        return StepCost.of(TrainableModel.of(graph), batchSize, shape);
    }
}
