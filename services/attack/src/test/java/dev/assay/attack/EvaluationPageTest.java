package dev.assay.attack;

import static org.assertj.core.api.Assertions.assertThat;

import dev.assay.computation.Progress;
import dev.assay.data.LabelledImages;
import dev.assay.onnx.Graph;
import dev.assay.perturbation.PgdSettings;
import dev.assay.perturbation.ThreatModel;
import dev.assay.report.Block.Facts;
import java.util.List;
import java.util.Locale;
import org.junit.jupiter.api.Test;

class EvaluationPageTest {

    @Test
    void thePageShowsTheReportsNumbersPicturesAndProvenance() {
        Graph model = Samples.model(7);
        try (LabelledImages images = Samples.imagesFor(model, 7, 30)) {
            RobustnessEvaluation evaluation = Samples.evaluation(model, images);
            EvaluationSettings settings = new EvaluationSettings(
                    List.of(ThreatModel.parse("linf:8/255"), ThreatModel.parse("l2:0.4")),
                    PgdSettings.ofSteps(5),
                    30,
                    0.9,
                    6);
            RobustnessReport report =
                    evaluation.evaluate(evaluation.cleanLogits(30, Progress.SILENT), settings, Progress.SILENT);

            String html = new EvaluationPage(
                            "small<model>",
                            "noise",
                            List.of("ape", "bee", "cat"),
                            Classifier.fitting(model, images),
                            settings,
                            report)
                    .report(Facts.of("device", "cpu"), "{\"samples\": 30}")
                    .html();

            assertThat(html)
                    .contains("small&lt;model&gt;")
                    .contains("24 of 30 images right: 80.0 %")
                    .contains("linf:8/255", "l2:0.4")
                    .contains("Robust accuracy against epsilon, L∞", "Robust accuracy against epsilon, L2")
                    .contains("ape", "taken for")
                    .contains("90.0 % confidence")
                    .contains("<code>cpu</code>")
                    .contains("{\"samples\": 30}");
            for (ThreatResult result : report.results()) {
                assertThat(html)
                        .contains(String.format(
                                Locale.ROOT, "%.1f %%", 100 * result.accuracy().value()))
                        .contains(String.format(
                                Locale.ROOT,
                                "%.1f %% to %.1f %%",
                                100 * result.interval().low(),
                                100 * result.interval().high()));
            }
            // Six images, three pictures each, for two norms.
            assertThat(html.split("data:image/png", -1)).hasSize(1 + 6 * 3 * 2);
        }
    }
}
