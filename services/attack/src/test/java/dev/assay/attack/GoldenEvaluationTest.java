package dev.assay.attack;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.assay.computation.Progress;
import dev.assay.data.LabelledImages;
import dev.assay.onnx.OnnxFile;
import dev.assay.perturbation.PgdSettings;
import dev.assay.perturbation.ThreatModel;
import dev.assay.runtime.Npy;
import dev.assay.runtime.Tensor;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// A whole evaluation against the accuracies that PyTorch found (fixtures/attack, `{model}_pgd.json`: PGD-20
/// with random starts, first 128 images, tolerance two images).
class GoldenEvaluationTest {

    private static final Path FOLDER =
            Path.of(System.getProperty("assay.fixtures", "absent")).resolve("attack");

    @BeforeAll
    static void fixturesAreThere() {
        boolean present = Files.isDirectory(FOLDER);
        if (!present) {
            System.out.println("GOLDENS ABSENT: " + FOLDER + " is not there, so nothing was compared with PyTorch");
        }
        assumeTrue(present, "GOLDENS ABSENT: " + FOLDER);
    }

    @ParameterizedTest
    @CsvSource({"robust, 0.4140625, 0.3828125, 0.3125, 0.3515625", "standard, 0.6875, 0.3828125, 0.0234375, 0.1640625"})
    void accuraciesAreThoseOfTheReference(String model, double clean, double linf2, double linf8, double l2)
            throws IOException {
        Tensor pixels = Npy.read(FOLDER.resolve("images_u8.npy"));
        try (Tensor labels = Npy.read(FOLDER.resolve("labels_i64.npy"));
                LabelledImages images = LabelledImages.of(pixels, labels.toLongs())) {
            RobustnessEvaluation evaluation =
                    Samples.evaluation(OnnxFile.read(FOLDER.resolve(model + ".onnx")), images);
            List<ThreatModel> threats = List.of(
                    ThreatModel.parse("linf:8/255"), ThreatModel.parse("linf:2/255"), ThreatModel.parse("l2:0.5"));
            EvaluationSettings settings =
                    new EvaluationSettings(threats, PgdSettings.ofSteps(20).withStepSize(0.25), 128, 0.95, 0);

            RobustnessReport report =
                    evaluation.evaluate(evaluation.cleanLogits(128, Progress.SILENT), settings, Progress.SILENT);

            assertThat(report.cleanAccuracy().value()).isEqualTo(clean);
            assertThat(report.results().get(0).accuracy().value()).isEqualTo(linf8, within(2.0 / 128));
            assertThat(report.results().get(1).accuracy().value()).isEqualTo(linf2, within(2.0 / 128));
            assertThat(report.results().get(2).accuracy().value()).isEqualTo(l2, within(2.0 / 128));
        }
    }
}
