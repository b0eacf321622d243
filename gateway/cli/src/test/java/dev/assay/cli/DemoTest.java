package dev.assay.cli;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.Any;
import com.google.protobuf.Message;
import dev.assay.attack.v1.EvaluateResult;
import dev.assay.attack.v1.RobustAccuracy;
import dev.assay.cli.Terminal.Outcome;
import dev.assay.job.v1.Problem;
import dev.assay.loading.v1.DataSetSummary;
import dev.assay.loading.v1.ImportResult;
import dev.assay.measure.v1.Proportion;
import dev.assay.pipeline.v1.RunRequest;
import dev.assay.pipeline.v1.RunResult;
import dev.assay.pipeline.v1.Step;
import dev.assay.pipeline.v1.StepOutcome;
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
        var report = gateway.holds("<html>".getBytes(UTF_8));
        var imported = ImportResult.newBuilder().setData(part).setTestData(part).build();
        var attacked = EvaluateResult.newBuilder()
                .setCleanAccuracy(Proportion.newBuilder().setEstimate(0.95))
                .addRobustAccuracy(RobustAccuracy.newBuilder()
                        .setThreat("linf:0.02")
                        .setNorm("linf")
                        .setEpsilon(0.02)
                        .setAccuracy(Proportion.newBuilder().setEstimate(0.9)))
                .build();
        gateway.answers(
                "pipeline run",
                RecordedGateway.succeeding(
                        RunResult.newBuilder()
                                .addSteps(step("import", imported))
                                .addSteps(step(
                                        "train",
                                        TrainResult.newBuilder()
                                                .setModel(DIGEST)
                                                .build()))
                                .addSteps(step("attack", attacked).putArtifacts("report.html", report))
                                .build(),
                        Map.of()));
    }

    private static StepOutcome.Builder step(String name, Message result) {
        return StepOutcome.newBuilder().setName(name).setResult(Any.pack(result));
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
                        "POST /v1/pipeline/run",
                        "PUT /v1/datasets/digits-train",
                        "PUT /v1/datasets/digits-test",
                        "PUT /v1/models/digits-cnn");
        RunRequest pipeline = gateway.submitted().getFirst().getRequest().unpack(RunRequest.class);
        assertThat(pipeline.getStepsList()).extracting(Step::getName).containsExactly("import", "train", "attack");
        assertThat(pipeline.getSteps(0).getRequest().getFieldsOrThrow("source").getStringValue())
                .startsWith("sha256:");
    }

    @Test
    void aStepThatFailsEndsTheDemoWithItsReason() {
        gateway.answers(
                "pipeline run",
                RecordedGateway.failing(
                        Problem.newBuilder().setDetail("no room").setStatus(507).build()));

        Outcome outcome = Terminal.at(gateway).run("demo", "--out", folder.toString());

        assertThat(outcome.code()).isEqualTo(1);
        assertThat(outcome.out()).isEmpty();
        assertThat(outcome.err()).endsWith("assay: no room\n");
        assertThat(gateway.log()).noneMatch(line -> line.startsWith("PUT"));
    }
}
