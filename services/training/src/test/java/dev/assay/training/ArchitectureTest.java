package dev.assay.training;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.assay.computation.ProblemException;
import dev.assay.data.ImageShape;
import dev.assay.onnx.Graph;
import dev.assay.onnx.ValueInfo;
import dev.assay.runtime.ShapeInference;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ArchitectureTest {

    private static final Normalisation GREY = new Normalisation(List.of(0.3f), List.of(0.4f));
    private static final Normalisation COLOUR = new Normalisation(List.of(0.5f, 0.4f, 0.3f), List.of(0.2f, 0.2f, 0.3f));

    @ParameterizedTest
    @CsvSource({"CNN_SMALL,25866", "MLP,50826"})
    void theNumberOfParametersIsThePublishedOne(Architecture architecture, long parameters) {
        Graph graph = architecture.untrained(new ImageShape(1, 8, 8), 10, GREY, 0);

        assertThat(TrainableModel.of(graph).parameterCount()).isEqualTo(parameters);
    }

    @ParameterizedTest
    @CsvSource({"CNN_SMALL,8,8", "CNN_SMALL,32,32", "CNN_SMALL,5,7", "CNN_SMALL,28,28", "MLP,32,32", "MLP,1,3"})
    void imagesOfAnySizeGiveOneLogitPerClass(Architecture architecture, int height, int width) {
        Graph graph = architecture.untrained(new ImageShape(3, height, width), 7, COLOUR, 0);

        Map<String, ValueInfo> shapes =
                ShapeInference.concrete(graph, Map.of(Architecture.IMAGES, new long[] {5, 3, height, width}));

        assertThat(shapes.get(Architecture.LOGITS)).hasToString("logits: FLOAT[5, 7]");
    }

    @Test
    void theSameSeedGivesTheSameWeightsAndAnotherSeedOthers() {
        ImageShape shape = new ImageShape(1, 8, 8);

        assertThat(Architecture.CNN_SMALL.untrained(shape, 10, GREY, 3))
                .isEqualTo(Architecture.CNN_SMALL.untrained(shape, 10, GREY, 3))
                .isNotEqualTo(Architecture.CNN_SMALL.untrained(shape, 10, GREY, 4));
    }

    @Test
    void theNormalisationIsNoWeight() {
        Graph graph = Architecture.CNN_SMALL.untrained(new ImageShape(3, 8, 8), 10, COLOUR, 0);

        assertThat(TrainableModel.of(graph).parameters())
                .containsExactly(
                        "conv1.weight",
                        "conv1.bias",
                        "conv2.weight",
                        "conv2.bias",
                        "conv3.weight",
                        "conv3.bias",
                        "head.weight",
                        "head.bias");
    }

    @Test
    void tooSmallImagesTooFewClassesAndUnknownNamesAreRefused() {
        assertThatThrownBy(() -> Architecture.CNN_SMALL.untrained(new ImageShape(1, 3, 8), 10, GREY, 0))
                .isInstanceOf(ProblemException.class)
                .hasMessageContaining("cnn-small needs images of at least 4 by 4 pixels")
                .hasMessageContaining("[1, 3, 8]");
        assertThatThrownBy(() -> Architecture.MLP.untrained(new ImageShape(1, 8, 8), 1, GREY, 0))
                .hasMessageContaining("the data set has 1 class");
        assertThatThrownBy(() -> Architecture.named("resnet-9000"))
                .satisfies(thrown ->
                        assertThat(((ProblemException) thrown).oneLine()).contains("cnn-small, mlp"));
    }
}
