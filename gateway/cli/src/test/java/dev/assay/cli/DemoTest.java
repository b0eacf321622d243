package dev.assay.cli;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.assay.attack.v1.EvaluateRequest;
import dev.assay.attack.v1.EvaluateResult;
import dev.assay.attack.v1.RobustAccuracy;
import dev.assay.cli.Terminal.Outcome;
import dev.assay.job.v1.Problem;
import dev.assay.loading.v1.DataSetSummary;
import dev.assay.loading.v1.ImportRequest;
import dev.assay.loading.v1.ImportResult;
import dev.assay.measure.v1.Proportion;
import dev.assay.training.v1.TrainResult;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// The demo's conversation with the gateway. That the answers are right is checked where real workers run.
class DemoTest {

    private static final String DIGEST = "sha256:" + "a".repeat(64);

    @TempDir
    private Path folder;

    private RecordedGateway gateway;

    @BeforeEach
    void start() throws IOException {
        gateway = new RecordedGateway();
        DataSetSummary part =
                DataSetSummary.newBuilder().setArtifact(DIGEST).setSamples(360).build();
        gateway.answers(
                "loading import",
                RecordedGateway.succeeding(
                        ImportResult.newBuilder()
                                .setData(part)
                                .setTestData(part)
                                .build(),
                        Map.of()));
        gateway.answers(
                "training train",
                RecordedGateway.succeeding(
                        TrainResult.newBuilder().setModel(DIGEST).build(), Map.of()));
        gateway.answers(
                "attack evaluate",
                RecordedGateway.succeeding(
                        EvaluateResult.newBuilder()
                                .setCleanAccuracy(Proportion.newBuilder().setEstimate(0.95))
                                .addRobustAccuracy(RobustAccuracy.newBuilder()
                                        .setThreat("linf:0.02")
                                        .setNorm("linf")
                                        .setEpsilon(0.02)
                                        .setAccuracy(Proportion.newBuilder().setEstimate(0.9)))
                                .build(),
                        Map.of("report.html", "<html>".getBytes(UTF_8))));
    }

    @AfterEach
    void stop() {
        gateway.close();
    }

    @Test
    void digitsAreImportedLearnedAndAttackedAndTheReportComesLast() throws Exception {
        Outcome outcome = Terminal.at(gateway).run("demo", "--out", folder.toString());

        assertThat(outcome.code()).as(outcome.err()).isZero();
        assertThat(outcome.out())
                .contains("linf:0.02", "security curve, linf")
                .endsWith("report: " + folder.resolve("report.html").toUri() + "\n");
        assertThat(folder.resolve("report.html")).hasContent("<html>");
        assertThat(outcome.err()).contains("loading import: 360 training and 360 test images in ", "all steps took ");
        assertThat(gateway.log())
                .containsSubsequence(
                        "POST /v1/artifacts",
                        "POST /v1/loading/import",
                        "PUT /v1/datasets/digits-train",
                        "PUT /v1/datasets/digits-test",
                        "POST /v1/training/train",
                        "PUT /v1/models/digits-cnn",
                        "POST /v1/attack/evaluate");
        ImportRequest imported = gateway.submitted().get(0).getRequest().unpack(ImportRequest.class);
        assertThat(imported.getMaximumValue()).isEqualTo(16);
        assertThat(imported.getTestFraction()).isEqualTo(0.2);
        assertThat(gateway.submitted()
                        .get(2)
                        .getRequest()
                        .unpack(EvaluateRequest.class)
                        .getThreatList())
                .contains("linf:0.02", "linf:0.3")
                .anyMatch(threat -> threat.startsWith("l2:"));
    }

    @Test
    void aStepThatFailsEndsTheDemoWithItsReason() {
        gateway.answers(
                "training train",
                RecordedGateway.failing(
                        Problem.newBuilder().setDetail("no room").setStatus(507).build()));

        Outcome outcome = Terminal.at(gateway).run("demo", "--out", folder.toString());

        assertThat(outcome.code()).isEqualTo(1);
        assertThat(outcome.out()).isEmpty();
        assertThat(outcome.err()).endsWith("assay: no room\n");
        assertThat(gateway.log()).noneMatch(line -> line.contains("attack"));
    }
}
