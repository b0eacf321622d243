package dev.assay.attack.service;

import dev.assay.attack.Classifier;
import dev.assay.attack.CleanLogits;
import dev.assay.attack.EvaluationPage;
import dev.assay.attack.EvaluationSettings;
import dev.assay.attack.RobustnessEvaluation;
import dev.assay.attack.RobustnessReport;
import dev.assay.attack.v1.EvaluateRequest;
import dev.assay.attack.v1.EvaluateResult;
import dev.assay.computation.ProblemException;
import dev.assay.contract.Json;
import dev.assay.data.LabelledImages;
import dev.assay.onnx.Graph;
import dev.assay.onnx.OnnxFile;
import dev.assay.perturbation.PgdSettings;
import dev.assay.perturbation.SearchOptions;
import dev.assay.perturbation.ThreatModel;
import dev.assay.runtime.Device;
import dev.assay.runtime.Programs;
import dev.assay.worker.FeatureKey;
import dev.assay.worker.Job;
import dev.assay.worker.JobHandler;
import dev.assay.worker.JobInput;
import jakarta.inject.Inject;
import jakarta.inject.Singleton;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;

/// `attack evaluate`: clean accuracy, and robust accuracy for each threat.
@Singleton
class EvaluateHandler implements JobHandler<EvaluateRequest, EvaluateResult> {

    /// Raise it when the same model would answer the same images differently.
    private static final int LOGITS_VERSION = 1;

    private final Programs programs;

    @Inject
    EvaluateHandler(Programs programs) {
        this.programs = programs;
    }

    @Override
    public EvaluateResult run(Job<EvaluateRequest> job) throws IOException {
        EvaluateRequest request = job.request();
        List<ThreatModel> threats = threats(request);
        Device device = Device.parse(request.getDevice());
        JobInput model = job.model(request.getModel());
        JobInput data = job.dataSet(request.getData());
        Graph graph = reading("model", () -> OnnxFile.read(model.path()));
        try (LabelledImages images = reading("data", () -> LabelledImages.open(data.path()))) {
            Classifier classifier = Classifier.fitting(graph, images, programs);
            EvaluationSettings settings = settings(request, threats, images.count());
            RobustnessEvaluation evaluation =
                    new RobustnessEvaluation(classifier, images, SearchOptions.on(device), programs);
            CleanLogits clean = cleanLogits(job, model, data, device, evaluation, settings.samples());
            RobustnessReport report =
                    evaluation.evaluate(clean, settings, new EvaluateCheckpoints(job), job.progress());

            EvaluateResult result =
                    EvaluationResults.message(report, EvaluationResults.provenance(job, device, report));
            new EvaluationArtifacts(job).attach(report, classifier);
            List<String> classNames = model.classNames().isEmpty() ? data.classNames() : model.classNames();
            EvaluationPage page =
                    new EvaluationPage(model.reference(), data.reference(), classNames, classifier, settings, report);
            job.attach(
                    "report.html",
                    "text/html",
                    page.report(EvaluationResults.facts(result.getProvenance()), Json.print(result))
                            .htmlBytes());
            return result;
        }
    }

    private static List<ThreatModel> threats(EvaluateRequest request) {
        List<ThreatModel> threats = new ArrayList<>();
        for (int i = 0; i < request.getThreatCount(); i++) {
            try {
                threats.add(ThreatModel.parse(request.getThreat(i)));
            } catch (ProblemException problem) {
                throw new ProblemException(
                        problem.type(), "threat[" + i + "]", problem.detail(), problem.remedy(), problem);
            }
        }
        return threats;
    }

    @FunctionalInterface
    private interface Source<T> {
        T read() throws IOException;
    }

    /// An artifact's file is named by its hash; who asked knows it by the request's field.
    private static <T> T reading(String field, Source<T> source) throws IOException {
        try {
            return source.read();
        } catch (ProblemException problem) {
            throw new ProblemException(problem.type(), field, problem.detail(), problem.remedy(), problem);
        }
    }

    private static EvaluationSettings settings(EvaluateRequest request, List<ThreatModel> threats, int available) {
        int steps = request.getSteps();
        PgdSettings pgd = new PgdSettings(
                steps,
                request.hasRelativeStepSize()
                        ? request.getRelativeStepSize()
                        : PgdSettings.defaultRelativeStepSize(steps),
                request.getRestarts(),
                request.getRandomStart() ? PgdSettings.Start.RANDOM_POINT : PgdSettings.Start.CLEAN_IMAGE,
                Integer.toUnsignedLong(request.getSeed()));
        long wanted = request.hasSamples() ? Integer.toUnsignedLong(request.getSamples()) : available;
        int samples = (int) Math.min(wanted, available);
        return new EvaluationSettings(threats, pgd, samples, request.getConfidence(), request.getPictures());
    }

    /// From the cache if the same model has been shown the same images before.
    private static CleanLogits cleanLogits(
            Job<EvaluateRequest> job,
            JobInput model,
            JobInput data,
            Device device,
            RobustnessEvaluation evaluation,
            int samples) {
        FeatureKey key = FeatureKey.of("clean-logits", LOGITS_VERSION)
                .with("model", model.digest())
                .with("data", data.digest())
                .with("device", device.toString())
                .with("samples", samples);
        return CleanLogits.fromBytes(job.cache()
                .getOrCompute(
                        key,
                        () -> evaluation.cleanLogits(samples, job.progress()).toBytes()));
    }
}
