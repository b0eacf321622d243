package dev.assay.cli;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import com.google.gson.JsonParser;
import dev.assay.attack.v1.EvaluateResult;
import dev.assay.cli.InterruptNotice.Choice;
import dev.assay.cli.Terminal.Outcome;
import dev.assay.cli.mesh.Gateway;
import dev.assay.cli.progress.ProgressLines;
import dev.assay.job.v1.Job;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Jobs, artifacts, models and data sets on the command line, and what Ctrl-C does.
class VerbsTest {

    @TempDir
    private Path folder;

    private RecordedGateway gateway;
    private Terminal terminal;

    @BeforeEach
    void start() throws IOException {
        gateway = new RecordedGateway();
        terminal = Terminal.at(gateway);
        gateway.answers(
                "attack evaluate",
                RecordedGateway.succeeding(
                        EvaluateResult.newBuilder().setSamples(360).build(),
                        Map.of("report.html", "<html>".getBytes(UTF_8))));
    }

    @AfterEach
    void stop() {
        gateway.close();
    }

    @Test
    void jobsAreListedShownFollowedAndCancelled() {
        String id = submitted();

        assertThat(terminal.run("jobs", "list").out()).startsWith("id").contains(id + "  attack evaluate  queued");
        assertThat(terminal.run("jobs", "show", id).out())
                .contains("state             queued", "  model         digits-cnn")
                .contains("again\n  ./assay attack evaluate --model=digits-cnn --data=digits-test --threat=linf:8/255");
        assertThat(terminal.run("jobs", "follow", id).out()).startsWith("samples");
        assertThat(terminal.run("jobs", "result", id).out()).startsWith("samples");
        assertThat(terminal.run("jobs", "events", id).out()).contains("succeeded");
        assertThat(terminal.run("jobs", "cancel", id).out()).isEqualTo("job " + id + " is being cancelled\n");
        assertThat(terminal.run("jobs", "retry", id).out()).isEqualTo("job " + id + " waits again\n");
        assertThat(terminal.run("jobs", "follow", id).code()).isZero();
    }

    @Test
    void topShowsQueuesWorkersAndJobs() {
        String id = submitted();

        Outcome once = terminal.run("top", "--once");

        assertThat(once.out())
                .contains("attack            12        1      2  3 min 5 s")
                .contains("attack.cuda        0        0      0  -")
                .contains("attack-1  attack         1   2  10.0.0.7")
                .contains(id + "  attack evaluate");
        assertThat(terminal.run("top").out()).as("no terminal: once").contains("attack-1");
        assertThat(JsonParser.parseString(terminal.run("top", "--json").out())
                        .getAsJsonObject()
                        .keySet())
                .containsExactly("queues", "workers");
    }

    @Test
    void aWorkerIsToldToStop() {
        assertThat(terminal.run("workers", "drain", "attack-1").out()).isEqualTo("attack-1 is stopping\n");
        assertThat(gateway.log()).containsExactly("POST /v1/workers/attack-1/drain");
    }

    @Test
    void jsonOfEveryQuestionIsJsonAndNothingElse() {
        String id = submitted();

        for (String[] question : List.of(
                new String[] {"jobs", "list", "--json"},
                new String[] {"jobs", "show", id, "--json"},
                new String[] {"jobs", "events", id, "--json"},
                new String[] {"jobs", "cancel", id, "--json"},
                new String[] {"models", "list", "--json"},
                new String[] {"datasets", "list", "--json"})) {
            Outcome outcome = terminal.run(question);
            assertThat(JsonParser.parseString(outcome.out()).isJsonObject()).isTrue();
            assertThat(outcome.err()).isEmpty();
        }
    }

    @Test
    void aReportIsDownloadedAndItsPathPrinted() {
        Path file = folder.resolve("r.html");

        assertThat(terminal.run("jobs", "report", submitted(), "--out", file.toString())
                        .out())
                .isEqualTo(file + "\n");
        assertThat(file).hasContent("<html>");
    }

    @Test
    void theResultOfAnUnfinishedJobIsExitCodeOneWithTheCure() {
        String id = submitted();

        Outcome outcome = terminal.run("jobs", "result", id);

        assertThat(outcome.code()).isEqualTo(1);
        assertThat(outcome.err())
                .isEqualTo("assay: job " + id + ": has no result yet (wait for it with: ./assay jobs follow " + id
                        + ")\n");
    }

    @Test
    void anUnknownJobIsExitCodeTwo() {
        Outcome outcome = terminal.run("jobs", "follow", "none");

        assertThat(outcome.code()).isEqualTo(2);
        assertThat(outcome.err()).isEqualTo("assay: none: there is no job none (GET /v1/jobs lists them)\n");
    }

    @Test
    void artifactsGoInAndOut() throws IOException {
        Path file = Files.writeString(folder.resolve("a.bin"), "bytes");
        Path copy = folder.resolve("b.bin");

        String digest = terminal.run("artifacts", "put", file.toString()).out().strip();
        terminal.run("artifacts", "get", digest, copy.toString());

        assertThat(digest).matches("sha256:[0-9a-f]{64}");
        assertThat(copy).hasContent("bytes");
    }

    @Test
    void artifactsAreCollectedOnlyWhenThatIsSaid() {
        Outcome listed = terminal.run("artifacts", "collect", "--older-than", "12h");
        Outcome removed = terminal.run("artifacts", "collect", "--delete");

        assertThat(listed.out()).contains("sha256:ab", "8 bytes", "add --delete");
        assertThat(listed.err()).contains("01kb");
        assertThat(removed.out()).contains("were removed");
        assertThat(gateway.log())
                .contains(
                        "POST /v1/artifacts/collect?olderThan=PT12H&dryRun=true",
                        "POST /v1/artifacts/collect?olderThan=P7D&dryRun=false");
        assertThat(terminal.run("artifacts", "collect", "--older-than", "soon").err())
                .contains("7d");
    }

    @Test
    void modelsAndDataSetsGetNamesFromFilesWithFlagsFromTheContract() throws IOException {
        Path file = Files.writeString(folder.resolve("m.onnx"), "model");

        terminal.run(
                "models", "put", "mine", file.toString(), "--class-names", "cat, sleeping", "--class-names", "dog");
        terminal.run("datasets", "put", "images", file.toString(), "--description", "ten cats");

        assertThat(terminal.run("models", "get", "mine").out()).contains("class names  cat, sleeping, dog");
        assertThat(terminal.run("datasets", "list").out())
                .contains("images        1  sha256:")
                .contains("ten cats");
    }

    @Test
    void anInterruptedUserIsToldHowTheJobGoesOn() {
        String id = submitted();
        ByteArrayOutputStream err = new ByteArrayOutputStream();

        InterruptNotice.act(id, Choice.LEAVE, new Gateway(URI.create(gateway.address())), lines(err));

        assertThat(err.toString(UTF_8))
                .isEqualTo("assay: job " + id + " goes on; follow it with: ./assay jobs follow " + id
                        + ", cancel it with: ./assay jobs cancel " + id + "\n");
        assertThat(gateway.job(id).orElseThrow().getState()).isEqualTo(Job.State.QUEUED);
    }

    /// The real process and a real signal, as a shell sends it.
    @Test
    void ctrlCWithCancelOnInterruptCancelsTheJobOnItsWayOut() throws Exception {
        gateway.answers("attack evaluate", RecordedGateway.endless());
        Path err = folder.resolve("err.txt");
        Process process = new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-cp",
                        System.getProperty("java.class.path"),
                        Main.class.getName(),
                        "attack",
                        "evaluate",
                        "--model=m",
                        "--data=d",
                        "--threat=l2:1",
                        "--cancel-on-interrupt",
                        "--gateway=" + gateway.address())
                .redirectError(err.toFile())
                .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                .start();
        while (gateway.log().stream().noneMatch(line -> line.endsWith("/events"))) {
            assertThat(process.isAlive()).as(Files.readString(err)).isTrue();
            Thread.sleep(50);
        }

        new ProcessBuilder("kill", "-INT", Long.toString(process.pid())).start().waitFor();

        assertThat(process.waitFor(30, TimeUnit.SECONDS)).isTrue();
        assertThat(process.exitValue()).isEqualTo(130);
        assertThat(err).content().contains("is being cancelled");
        assertThat(gateway.submitted().getFirst().getState()).isEqualTo(Job.State.CANCELLED);
    }

    private String submitted() {
        return terminal.run(
                        "attack",
                        "evaluate",
                        "--model=digits-cnn",
                        "--data=digits-test",
                        "--threat=linf:8/255",
                        "--detach")
                .out()
                .strip();
    }

    private static ProgressLines lines(ByteArrayOutputStream err) {
        return new ProgressLines(new PrintStream(err, true, UTF_8));
    }
}
