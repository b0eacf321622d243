package dev.assay.cli;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import com.google.gson.JsonParser;
import dev.assay.attack.v1.EvaluateRequest;
import dev.assay.attack.v1.EvaluateResult;
import dev.assay.cli.Terminal.Outcome;
import dev.assay.contract.Json;
import dev.assay.job.v1.Job;
import dev.assay.job.v1.JobEvent;
import dev.assay.job.v1.Priority;
import dev.assay.job.v1.Problem;
import dev.assay.job.v1.Progress;
import dev.assay.job.v1.Queued;
import dev.assay.job.v1.Started;
import dev.assay.loading.v1.ImportRequest;
import dev.assay.loading.v1.ImportResult;
import dev.assay.pipeline.v1.RunRequest;
import dev.assay.pipeline.v1.RunResult;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// An operation asked for on the command line, against a gateway that keeps to the contract.
class OperationCommandTest {

    private static final EvaluateResult RESULT =
            EvaluateResult.newBuilder().setSamples(360).build();
    private static final String[] ATTACK = {
        "attack", "evaluate", "--model", "digits-cnn", "--data", "digits-test", "--threat", "linf:8/255"
    };

    @TempDir
    private Path folder;

    private RecordedGateway gateway;

    @BeforeEach
    void start() throws IOException {
        gateway = new RecordedGateway();
        gateway.answers("attack evaluate", RecordedGateway.succeeding(RESULT, Map.of(), progress(3)));
    }

    @AfterEach
    void stop() {
        gateway.close();
    }

    @Test
    void theResultIsATableOnStandardOutputAndProgressIsOnStandardError() {
        Outcome outcome = Terminal.at(gateway).run(ATTACK);

        assertThat(outcome.code()).isZero();
        assertThat(outcome.out()).isEqualTo("""
                samples                 360
                image steps per second  0
                """);
        assertThat(outcome.err())
                .contains("attack evaluate: linf:8/255 3/3  broken 0.5")
                .doesNotContain("\u001b");
    }

    @Test
    void withJsonStandardOutputIsTheResultAndNothingElse() {
        Outcome outcome = Terminal.at(gateway).run(with("--json"));

        assertThat(outcome.out().strip()).isEqualTo(Json.print(RESULT));
        assertThat(JsonParser.parseString(outcome.out()).isJsonObject()).isTrue();
    }

    @Test
    void onATerminalTheBarIsWipedAndTheResultIsUntouched() {
        Outcome outcome = Terminal.at(gateway).withColumns(80).run(with("--json"));

        assertThat(outcome.out().strip()).isEqualTo(Json.print(RESULT));
        assertThat(outcome.err()).contains("━").endsWith("\r\u001b[2K");
    }

    @Test
    void flagsBecomeTheRequestAndChangeASpec() throws Exception {
        Path spec = Files.writeString(folder.resolve("request.json"), """
                {"model": "digits-cnn", "data": "digits-test", "threat": ["l2:1"], "steps": 5}""");

        Outcome outcome = Terminal.at(gateway)
                .run("attack", "evaluate", "--spec", spec.toString(), "--steps", "7", "--random-start=false");

        assertThat(outcome.err()).doesNotContain("assay:");
        EvaluateRequest sent = gateway.submitted().getFirst().getRequest().unpack(EvaluateRequest.class);
        assertThat(sent.getThreatList()).containsExactly("l2:1");
        assertThat(sent.getSteps()).isEqualTo(7);
        assertThat(sent.getRandomStart()).isFalse();
    }

    @Test
    void aJobIsAsUrgentAsItsSenderSays() {
        Terminal.at(gateway).run(with("--priority", "batch"));
        Terminal.at(gateway).run(with());

        assertThat(gateway.submitted())
                .extracting(Job::getPriority)
                .containsExactly(Priority.BATCH, Priority.INTERACTIVE);
    }

    @Test
    void aSwitchWithoutAValueIsTrueAndASpecMayComeFromStandardInput() throws Exception {
        Outcome outcome = Terminal.at(gateway)
                .runReading(
                        "{\"model\": \"m\", \"data\": \"d\", \"randomStart\": false}",
                        "attack",
                        "evaluate",
                        "--spec",
                        "-",
                        "--random-start",
                        "--threat",
                        "l2:1");

        assertThat(outcome.code()).isZero();
        assertThat(gateway.submitted()
                        .getFirst()
                        .getRequest()
                        .unpack(EvaluateRequest.class)
                        .getRandomStart())
                .isTrue();
    }

    @Test
    void theFilesThatAPipelinesStepsNameAreUploadedAndBindingsAreLeftAlone() throws Exception {
        Path data = Files.writeString(folder.resolve("images.npz"), "images");
        Path spec = Files.writeString(folder.resolve("pipeline.json"), """
                {"steps": [
                  {"name": "a", "capability": "loading", "operation": "import", "request": {"source": "%s"}},
                  {"name": "b", "capability": "training", "operation": "train",
                   "request": {"data": "${a.artifacts.data.beton}", "architecture": "cnn-small"}}]}""".formatted(data));
        gateway.answers("pipeline run", RecordedGateway.succeeding(RunResult.getDefaultInstance(), Map.of()));

        Outcome outcome = Terminal.at(gateway).run("pipeline", "run", "--spec", spec.toString());

        assertThat(outcome.code()).as(outcome.err()).isZero();
        RunRequest sent = gateway.submitted().getFirst().getRequest().unpack(RunRequest.class);
        assertThat(sent.getSteps(0).getRequest().getFieldsOrThrow("source").getStringValue())
                .isEqualTo(gateway.artifacts().keySet().iterator().next());
        assertThat(sent.getSteps(1).getRequest().getFieldsOrThrow("data").getStringValue())
                .isEqualTo("${a.artifacts.data.beton}");
    }

    @Test
    void aLocalFileIsUploadedOnceAndNamedByItsDigest() throws Exception {
        Path data = Files.writeString(folder.resolve("images.npz"), "images");
        gateway.answers("loading import", RecordedGateway.succeeding(ImportResult.getDefaultInstance(), Map.of()));

        Terminal.at(gateway).run("loading", "import", "--source", data.toString());
        Outcome second = Terminal.at(gateway).run("loading", "import", "--source", data.toString());

        assertThat(second.code()).isZero();
        assertThat(gateway.log().stream().filter(line -> line.equals("POST /v1/artifacts")))
                .hasSize(1);
        assertThat(gateway.artifacts().values()).containsExactly("images".getBytes(UTF_8));
        assertThat(gateway.submitted()
                        .getLast()
                        .getRequest()
                        .unpack(ImportRequest.class)
                        .getSource())
                .isEqualTo(gateway.artifacts().keySet().iterator().next());
    }

    @Test
    void aLocalFolderIsUploadedAsAnArchive() throws Exception {
        Files.createDirectories(folder.resolve("pictures/cat"));
        Files.writeString(folder.resolve("pictures/cat/1.png"), "cat");
        gateway.answers("loading import", RecordedGateway.succeeding(ImportResult.getDefaultInstance(), Map.of()));

        Outcome outcome = Terminal.at(gateway)
                .run("loading", "import", "--source", folder.resolve("pictures").toString());

        assertThat(outcome.code()).isZero();
        assertThat(gateway.artifacts().values().iterator().next()).startsWith('P', 'K', 3, 4);
    }

    @Test
    void aRequestThatItsContractRefusesIsRefusedBeforeAFileIsSent() throws Exception {
        Path data = Files.writeString(folder.resolve("images.npz"), "images");

        Outcome outcome = Terminal.at(gateway)
                .run("attack", "evaluate", "--model", "m", "--data", data.toString(), "--threat", "lnf:1");

        assertThat(outcome.code()).isEqualTo(2);
        assertThat(outcome.err())
                .isEqualTo("assay: threat[0]: must be a norm and an epsilon, such as linf:8/255 or l2:0.5\n");
        assertThat(gateway.log()).isEmpty();
    }

    @Test
    void whatTheGatewayRefusesIsOneLinePerFieldAndExitCodeTwo() {
        Outcome outcome = Terminal.at(gateway).run("attack", "evaluate", "--threat", "l2:1", "--steps", "0");

        assertThat(outcome.code()).isEqualTo(2);
        assertThat(outcome.out()).isEmpty();
        assertThat(outcome.err().lines()).hasSize(3).allMatch(line -> line.matches("assay: (model|data|steps): .*"));
    }

    @Test
    void aJobThatFailsTellsItsProblemAndExitCodeOne() {
        gateway.answers(
                "attack evaluate",
                RecordedGateway.failing(Problem.newBuilder()
                        .setType("urn:assay:problem:unsupported-operator")
                        .setStatus(422)
                        .setSubject("model")
                        .setDetail("Loop has no gradient")
                        .setRemedy("export the model without it")
                        .build()));

        Outcome outcome = Terminal.at(gateway).run(with("--json"));

        assertThat(outcome.code()).isEqualTo(1);
        assertThat(outcome.out()).isEmpty();
        assertThat(outcome.err().lines().toList().getLast())
                .isEqualTo("assay: model: Loop has no gradient (export the model without it)");
    }

    @Test
    void aStreamThatBreaksOffIsTakenUpAfterTheLastEventAndNothingIsToldTwice() {
        gateway.answers("attack evaluate", RecordedGateway.succeeding(RESULT, Map.of(), progress(4)));
        gateway.breaksStreamsAfter(3);

        Outcome outcome = Terminal.at(gateway).run(ATTACK);

        assertThat(outcome.code()).isZero();
        assertThat(gateway.log()).anyMatch(line -> line.endsWith("/events after 0-3"));
        assertThat(gateway.log()).anyMatch(line -> line.endsWith("/events after 0-6"));
        assertThat(outcome.err().lines().filter(line -> line.contains("4/4"))).hasSize(1);
    }

    @Test
    void whereStreamsDoNotPassTheJobIsAskedForInstead() {
        gateway.hasNoStreams();

        Outcome outcome = Terminal.at(gateway).run(ATTACK);

        assertThat(outcome.code()).isZero();
        assertThat(outcome.out()).startsWith("samples");
    }

    @Test
    void detachPrintsTheIdAndDoesNotWait() {
        Outcome outcome = Terminal.at(gateway).run(with("--detach"));

        assertThat(outcome.out().strip())
                .isEqualTo(gateway.submitted().getFirst().getId());
        assertThat(gateway.log()).noneMatch(line -> line.contains("/events"));
    }

    @Test
    void outDownloadsEveryNamedFile() {
        gateway.answers(
                "attack evaluate",
                RecordedGateway.succeeding(
                        RESULT, Map.of("report.html", "<html>".getBytes(UTF_8), "outcomes.npy", new byte[5000])));

        Terminal.at(gateway).run(with("--out", folder.resolve("answer").toString()));

        assertThat(folder.resolve("answer/report.html")).hasContent("<html>");
        assertThat(folder.resolve("answer/outcomes.npy")).hasBinaryContent(new byte[5000]);
        assertThat(folder.resolve("answer")).isDirectoryNotContaining("glob:**.part");
    }

    @Test
    void aFileNameThatLeavesTheFolderIsRefused() {
        gateway.answers(
                "attack evaluate", RecordedGateway.succeeding(RESULT, Map.of("../escaped", "x".getBytes(UTF_8))));

        Outcome outcome =
                Terminal.at(gateway).run(with("--out", folder.resolve("answer").toString()));

        assertThat(outcome.code()).isEqualTo(2);
        assertThat(outcome.err()).contains("../escaped: is no plain file name");
        assertThat(folder.resolve("escaped")).doesNotExist();
    }

    @Test
    void aBusyMeshIsAskedAgainWhenItSaysAndTheKeyStaysTheSame() {
        gateway.isBusy(1);

        Outcome outcome = Terminal.at(gateway).run(with("--idempotency-key", "mine"));

        assertThat(outcome.code()).isZero();
        assertThat(outcome.err()).contains("the mesh is busy; asking again in 1 s");
        assertThat(gateway.submitted()).extracting(Job::getIdempotencyKey).containsExactly("mine");
    }

    @Test
    void anAddressToCallTravelsWithTheJob() {
        assertThat(Terminal.at(gateway)
                        .run(with("--callback", "https://hooks.example.org/x"))
                        .code())
                .isZero();
        assertThat(gateway.submitted()).extracting(Job::getCallback).containsExactly("https://hooks.example.org/x");
    }

    @Test
    void aSecondAttemptSaysWhyThereIsOne() {
        JobEvent again = JobEvent.newBuilder()
                .setAttempt(2)
                .setStarted(Started.newBuilder().setWorker("w2").setResumedBecause("worker w1 was lost"))
                .build();
        gateway.answers("attack evaluate", RecordedGateway.succeeding(RESULT, Map.of(), again));

        assertThat(Terminal.at(gateway).run(ATTACK).err()).contains("attempt 2: worker w1 was lost");
    }

    private static String[] with(String... more) {
        return Stream.concat(Stream.of(ATTACK), Stream.of(more)).toArray(String[]::new);
    }

    private static JobEvent[] progress(int steps) {
        Stream<JobEvent> head = Stream.of(
                event().setQueued(Queued.getDefaultInstance()).build(),
                event().setStarted(Started.newBuilder().setWorker("w1")).build());
        Stream<JobEvent> told = IntStream.rangeClosed(1, steps)
                .mapToObj(done -> event().setProgress(Progress.newBuilder()
                                .setPhase("linf:8/255")
                                .setDone(done)
                                .setTotal(steps)
                                .putMetrics("broken", 0.5))
                        .build());
        return Stream.concat(head, told).toArray(JobEvent[]::new);
    }

    private static JobEvent.Builder event() {
        return JobEvent.newBuilder()
                .setCapability("attack")
                .setOperation("evaluate")
                .setAttempt(1);
    }
}
