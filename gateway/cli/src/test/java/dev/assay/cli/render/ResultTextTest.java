package dev.assay.cli.render;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.Any;
import com.google.protobuf.Timestamp;
import dev.assay.artifact.v1.Artifact;
import dev.assay.attack.v1.EvaluateResult;
import dev.assay.attack.v1.RobustAccuracy;
import dev.assay.job.v1.Job;
import dev.assay.job.v1.Problem;
import dev.assay.job.v1.Provenance;
import dev.assay.loading.v1.DataSetSummary;
import dev.assay.loading.v1.ImportRequest;
import dev.assay.loading.v1.ImportResult;
import dev.assay.measure.v1.Proportion;
import dev.assay.training.v1.Epoch;
import dev.assay.training.v1.TrainResult;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class ResultTextTest {

    static final EvaluateResult EVALUATED = EvaluateResult.newBuilder()
            .setCleanAccuracy(proportion(343, 360, 0.9527, 0.9257, 0.9703))
            .addRobustAccuracy(robust("linf:0.02", "linf", 0.02, proportion(324, 360, 0.9, 0.8648, 0.9269)))
            .addRobustAccuracy(robust("linf:0.3", "linf", 0.3, proportion(0, 360, 0, 0, 0.0106)))
            .addRobustAccuracy(robust("l2:0.5", "l2", 0.5, proportion(180, 360, 0.5, 0.4486, 0.5514)))
            .setSamples(360)
            .setImageStepsPerSecond(123456.789)
            .setProvenance(Provenance.newBuilder()
                    .setProductVersion("0.1.0")
                    .putInputs("model", "sha256:aa")
                    .setDevice("cpu")
                    .setWallSeconds(1.25)
                    .setAttempt(1))
            .build();

    @Test
    void aResultIsItsValuesThenATablePerListThenItsProvenance() {
        assertThat(String.join("\n", ResultText.lines(EVALUATED))).isEqualTo("""
                clean accuracy          0.953 [0.926, 0.970]  343 of 360
                samples                 360
                image steps per second  123457

                robust accuracy
                  threat     norm  epsilon  accuracy              largest perturbation
                  linf:0.02  linf     0.02  0.900 [0.865, 0.927]                  0.02
                  linf:0.3   linf      0.3  0.000 [0.000, 0.011]                   0.3
                  l2:0.5     l2        0.5  0.500 [0.449, 0.551]                   0.5

                provenance
                  product version  0.1.0
                  seed             0
                  device           cpu
                  wall seconds     1.25
                  device seconds   0
                  attempt          1
                  inputs
                    key    value
                    model  sha256:aa""");
    }

    @Test
    void anAbsentOptionalValueIsADashInATableAndNothingElsewhere() {
        TrainResult result = TrainResult.newBuilder()
                .addEpochs(
                        Epoch.newBuilder().setNumber(1).setPhase("large-step").setLoss(2.302585))
                .addEpochs(Epoch.newBuilder()
                        .setNumber(2)
                        .setPhase("small-step")
                        .setLoss(1e-7)
                        .setTestAccuracy(0.5))
                .build();

        assertThat(String.join("\n", ResultText.lines(result))).isEqualTo("""
                parameters         0
                images per second  0
                threads            0

                epochs
                  number  phase       rate     loss  train accuracy  test accuracy  gradient norm
                       1  large-step     0  2.30259               0              -              0
                       2  small-step     0     1e-7               0            0.5              0""");
    }

    @Test
    void nestedMessagesAreSectionsAndLongListsAreCutWithTheirLength() {
        ImportResult result = ImportResult.newBuilder()
                .setData(DataSetSummary.newBuilder()
                        .setArtifact("sha256:bb")
                        .setSamples(3)
                        .addImageShape(1)
                        .addImageShape(8)
                        .addImageShape(8)
                        .addAllClassCounts(IntStream.range(0, 25).boxed().toList()))
                .addSkipped("bad.png")
                .build();

        assertThat(String.join("\n", ResultText.lines(result))).isEqualTo("""
                skipped  bad.png

                data
                  artifact      sha256:bb
                  samples       3
                  image shape   1, 8, 8
                  class counts  0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, … (25 in all)""");
    }

    @Test
    void aJobShowsItsRequestProblemTimesAndFiles() {
        Job job = Job.newBuilder()
                .setId("01k")
                .setState(Job.State.FAILED)
                .setCreatedAt(Timestamp.newBuilder().setSeconds(1767225600))
                .setRequest(
                        Any.pack(ImportRequest.newBuilder().setSource("digits").build()))
                .setProblem(Problem.newBuilder().setDetail("no images").setStatus(422))
                .putArtifacts(
                        "report.html",
                        Artifact.newBuilder()
                                .setDigest("sha256:cc")
                                .setSize(1234567)
                                .setMediaType("text/html")
                                .build())
                .build();

        assertThat(ResultText.lines(job))
                .contains("state             failed", "created at        2026-01-01T00:00:00Z")
                .containsSubsequence("request", "  source  digits")
                .containsSubsequence("problem", "  status  422", "  detail  no images")
                .containsSubsequence(
                        "artifacts", "  key          value", "  report.html  sha256:cc  1.2 MB  text/html");
    }

    @Test
    void theSecurityCurveHasATableAndABarPerEpsilon() {
        assertThat(String.join("\n", SecurityCurve.lines(EVALUATED))).isEqualTo("""
                attack     epsilon  accuracy [95 % interval]
                none             0  0.953 [0.926, 0.970]
                linf:0.02     0.02  0.900 [0.865, 0.927]
                linf:0.3       0.3  0.000 [0.000, 0.011]
                l2:0.5         0.5  0.500 [0.449, 0.551]

                security curve, linf: share of images still classified right, by epsilon
                  0     ██████████████████████████████████████    95.3 %
                  0.02  ████████████████████████████████████      90.0 %
                  0.3                                              0.0 %

                security curve, l2: share of images still classified right, by epsilon
                  0    ██████████████████████████████████████    95.3 %
                  0.5  ████████████████████                      50.0 %""");
    }

    private static RobustAccuracy robust(String threat, String norm, double epsilon, Proportion accuracy) {
        return RobustAccuracy.newBuilder()
                .setThreat(threat)
                .setNorm(norm)
                .setEpsilon(epsilon)
                .setAccuracy(accuracy)
                .setLargestPerturbation(epsilon)
                .build();
    }

    private static Proportion proportion(int successes, int trials, double estimate, double low, double high) {
        return Proportion.newBuilder()
                .setSuccesses(successes)
                .setTrials(trials)
                .setEstimate(estimate)
                .setLow(low)
                .setHigh(high)
                .setConfidence(0.95)
                .build();
    }
}
