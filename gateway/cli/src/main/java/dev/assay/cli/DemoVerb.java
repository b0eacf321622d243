package dev.assay.cli;

import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.Message;
import com.google.protobuf.Value;
import dev.assay.artifact.v1.DataSetRegistration;
import dev.assay.artifact.v1.ModelRegistration;
import dev.assay.attack.v1.EvaluateResult;
import dev.assay.cli.mesh.Answers;
import dev.assay.cli.mesh.JobTerms;
import dev.assay.cli.mesh.Upload;
import dev.assay.cli.progress.Moment;
import dev.assay.cli.progress.ProgressView;
import dev.assay.cli.render.NumberText;
import dev.assay.cli.render.SecurityCurve;
import dev.assay.contract.JobId;
import dev.assay.contract.Json;
import dev.assay.contract.Operation;
import dev.assay.contract.Operations;
import dev.assay.job.v1.Job;
import dev.assay.job.v1.Provenance;
import dev.assay.loading.v1.DataSetSummary;
import dev.assay.loading.v1.ImportResult;
import dev.assay.pipeline.v1.RunRequest;
import dev.assay.pipeline.v1.RunResult;
import dev.assay.pipeline.v1.StepOutcome;
import dev.assay.training.v1.TrainResult;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import java.util.function.Function;
import java.util.stream.Collectors;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParseResult;

/// `assay demo`: handwritten digits become a data set, a small network learns them, and its robustness is
/// measured. It
/// asks the gateway what any other client could ask.
final class DemoVerb {

    private static final String TRAIN = "digits-train";
    private static final String TEST = "digits-test";
    private static final String MODEL = "digits-cnn";
    private static final String ATTRIBUTION =
            "Optical Recognition of Handwritten Digits, E. Alpaydin and C. Kaynak (1998),"
                    + " UCI Machine Learning Repository, CC BY 4.0, as distributed with scikit-learn";
    private static final String REPORT = "report.html";

    private final Session session;
    private final ProgressView progress;
    private final Path folder;

    private DemoVerb(Session session, ProgressView progress, Path folder) {
        this.session = session;
        this.progress = progress;
        this.folder = folder;
    }

    static CommandSpec command() {
        CommandSpec spec =
                Commands.of("Train a classifier of handwritten digits and measure how robust it is.", DemoVerb::run);
        spec.addOption(Commands.option(Commands.OUT, "<folder>", "Where report.html goes. Default: assay-demo."));
        return spec;
    }

    private static int run(ParseResult arguments, Session session) {
        Path folder = Path.of(Commands.text(arguments, Commands.OUT).orElse("assay-demo"));
        try (ProgressView progress = session.console().progress()) {
            new DemoVerb(session, progress, folder).run();
        }
        return ExitCode.OK;
    }

    private void run() {
        Instant start = Instant.now();
        Operation pipeline = Operations.named("pipeline", "run");
        JobRun run = new JobRun(session.gateway(), progress);
        Job job = JobRun.requireSucceeded(run.follow(run.submit(pipeline, request(), JobTerms.of(JobId.next()))));
        Map<String, StepOutcome> steps =
                Answers.read(session.gateway().result(job.getId()), RunResult.newBuilder()).getStepsList().stream()
                        .collect(Collectors.toMap(StepOutcome::getName, Function.identity()));
        ImportResult imported = result(steps.get("import"), ImportResult.class);
        TrainResult trained = result(steps.get("train"), TrainResult.class);
        EvaluateResult attacked = result(steps.get("attack"), EvaluateResult.class);
        register(imported, trained);
        Path report = folder.resolve(REPORT);
        session.gateway()
                .downloadArtifact(
                        steps.get("attack").getArtifactsOrThrow(REPORT).getDigest(), report);
        tell(imported, trained, attacked);
        progress.note("all steps took "
                + seconds(Duration.between(start, Instant.now()).toMillis() / 1000.0));
        progress.close();
        session.console().print(SecurityCurve.lines(attacked));
        session.console().print("");
        session.console().print("report: " + report.toAbsolutePath().normalize().toUri());
    }

    /// The pipeline of `demo.json` with the digits in it.
    private RunRequest request() {
        RunRequest.Builder request = RunRequest.newBuilder();
        try (InputStream pipeline = resource("demo.json")) {
            Json.parse(new String(pipeline.readAllBytes(), StandardCharsets.UTF_8), request);
        } catch (IOException failure) {
            throw new UncheckedIOException(failure);
        }
        Value digits = Value.newBuilder().setStringValue(upload()).build();
        request.getStepsBuilder(0).getRequestBuilder().putFields("source", digits);
        return request.build();
    }

    private void register(ImportResult imported, TrainResult trained) {
        register(TRAIN, imported.getData());
        register(TEST, imported.getTestData());
        ModelRegistration model = ModelRegistration.newBuilder()
                .setArtifact(trained.getModel())
                .addAllClassNames(imported.getData().getClassNamesList())
                .setDescription("A small convolutional network trained on " + TRAIN + " by the demo")
                .build();
        session.gateway().register(MODEL, model);
    }

    private void tell(ImportResult imported, TrainResult trained, EvaluateResult attacked) {
        progress.note("loading import: " + imported.getData().getSamples() + " training and "
                + imported.getTestData().getSamples() + " test images in " + seconds(imported.getProvenance()));
        progress.note("training train: " + trained.getEpochsCount() + " epochs, test accuracy "
                + NumberText.shortly(trained.getTestAccuracy().getEstimate()) + ", in "
                + seconds(trained.getProvenance()));
        progress.note("attack evaluate: " + attacked.getRobustAccuracyCount() + " threats in "
                + seconds(attacked.getProvenance()));
    }

    private String upload() {
        try (InputStream digits = resource("digits.npz")) {
            Path file = Files.createTempFile("digits", ".npz");
            try {
                Files.copy(digits, file, StandardCopyOption.REPLACE_EXISTING);
                return new Upload(
                                session.gateway(),
                                (phase, done, total) -> progress.show(Moment.ofBytes("digits.npz", phase, done, total)))
                        .send(file)
                        .getDigest();
            } finally {
                Files.deleteIfExists(file);
            }
        } catch (IOException failure) {
            throw new UncheckedIOException(failure);
        }
    }

    private void register(String name, DataSetSummary part) {
        session.gateway()
                .register(
                        name,
                        DataSetRegistration.newBuilder()
                                .setArtifact(part.getArtifact())
                                .addAllClassNames(part.getClassNamesList())
                                .setDescription(ATTRIBUTION)
                                .build());
    }

    private static InputStream resource(String name) {
        InputStream resource = DemoVerb.class.getResourceAsStream(name);
        if (resource == null) {
            throw new IllegalStateException(name + " is missing from the jar");
        }
        return resource;
    }

    private static <R extends Message> R result(StepOutcome step, Class<R> type) {
        try {
            return step.getResult().unpack(type);
        } catch (InvalidProtocolBufferException malformed) {
            throw new IllegalStateException("step " + step.getName() + " has no " + type.getSimpleName(), malformed);
        }
    }

    private static String seconds(Provenance provenance) {
        return seconds(provenance.getWallSeconds());
    }

    private static String seconds(double seconds) {
        return NumberText.shortly(seconds) + " s";
    }
}
