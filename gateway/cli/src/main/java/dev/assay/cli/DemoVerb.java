package dev.assay.cli;

import com.google.protobuf.Message;
import dev.assay.artifact.v1.DataSetRegistration;
import dev.assay.artifact.v1.ModelRegistration;
import dev.assay.attack.v1.EvaluateRequest;
import dev.assay.attack.v1.EvaluateResult;
import dev.assay.cli.mesh.Answers;
import dev.assay.cli.mesh.Upload;
import dev.assay.cli.progress.Moment;
import dev.assay.cli.progress.ProgressView;
import dev.assay.cli.render.NumberText;
import dev.assay.cli.render.SecurityCurve;
import dev.assay.contract.JobId;
import dev.assay.contract.Operation;
import dev.assay.contract.Operations;
import dev.assay.job.v1.Job;
import dev.assay.loading.v1.DataSetSummary;
import dev.assay.loading.v1.ImportRequest;
import dev.assay.loading.v1.ImportResult;
import dev.assay.training.v1.TrainRequest;
import dev.assay.training.v1.TrainResult;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
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
    /// The grey value that means white.
    private static final double MAXIMUM_VALUE = 16;
    private static final double TEST_FRACTION = 0.2;
    private static final List<String> THREATS = List.of(
            "linf:0.02", "linf:0.05", "linf:0.1", "linf:0.15", "linf:0.2", "linf:0.3", "l2:0.25", "l2:0.5", "l2:1");

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
        ImportResult imported = importDigits();
        register(TRAIN, imported.getData());
        register(TEST, imported.getTestData());
        TrainResult trained = train();
        ModelRegistration model = ModelRegistration.newBuilder()
                .setArtifact(trained.getModel())
                .addAllClassNames(imported.getData().getClassNamesList())
                .setDescription("A small convolutional network trained on " + TRAIN + " by the demo")
                .build();
        session.gateway().register(MODEL, model);
        Job attack = attack();
        EvaluateResult result = result(attack, EvaluateResult.newBuilder()).build();
        Path report = folder.resolve("report.html");
        session.gateway().downloadReport(attack.getId(), report);
        progress.note("all steps took " + seconds(start));
        progress.close();
        session.console().print(SecurityCurve.lines(result));
        session.console().print("");
        session.console().print("report: " + report.toAbsolutePath().normalize().toUri());
    }

    private ImportResult importDigits() {
        Instant start = Instant.now();
        ImportRequest request = ImportRequest.newBuilder()
                .setSource(upload())
                .setMaximumValue(MAXIMUM_VALUE)
                .setTestFraction(TEST_FRACTION)
                .build();
        ImportResult result = result(done(operation("loading", "import"), request), ImportResult.newBuilder())
                .build();
        progress.note("loading import: " + result.getData().getSamples() + " training and "
                + result.getTestData().getSamples() + " test images in " + seconds(start));
        return result;
    }

    private String upload() {
        try (InputStream digits = DemoVerb.class.getResourceAsStream("digits.npz")) {
            if (digits == null) {
                throw new IllegalStateException("digits.npz is missing from the jar");
            }
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

    private TrainResult train() {
        Instant start = Instant.now();
        TrainRequest request = TrainRequest.newBuilder()
                .setData(TRAIN)
                .setTestData(TEST)
                .setArchitecture("cnn-small")
                .build();
        TrainResult result = result(done(operation("training", "train"), request), TrainResult.newBuilder())
                .build();
        progress.note("training train: " + result.getEpochsCount() + " epochs, test accuracy "
                + NumberText.shortly(result.getTestAccuracy().getEstimate()) + ", in " + seconds(start));
        return result;
    }

    private Job attack() {
        Instant start = Instant.now();
        EvaluateRequest request = EvaluateRequest.newBuilder()
                .setModel(MODEL)
                .setData(TEST)
                .addAllThreat(THREATS)
                .build();
        Job job = done(operation("attack", "evaluate"), request);
        progress.note("attack evaluate: " + THREATS.size() + " threats in " + seconds(start));
        return job;
    }

    private Job done(Operation operation, Message request) {
        JobRun run = new JobRun(session.gateway(), progress);
        return JobRun.requireSucceeded(run.follow(run.submit(operation, request, JobId.next())));
    }

    private <B extends Message.Builder> B result(Job job, B empty) {
        return Answers.read(session.gateway().result(job.getId()), empty);
    }

    private static Operation operation(String capability, String name) {
        return Operations.find(capability, name).orElseThrow();
    }

    private static String seconds(Instant start) {
        return NumberText.shortly(Duration.between(start, Instant.now()).toMillis() / 1000.0) + " s";
    }
}
