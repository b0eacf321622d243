package dev.assay.training.service;

import dev.assay.computation.ProblemException;
import dev.assay.contract.Json;
import dev.assay.data.LabelledImages;
import dev.assay.job.v1.Provenance;
import dev.assay.onnx.Graph;
import dev.assay.onnx.OnnxFile;
import dev.assay.runtime.RuntimeVersion;
import dev.assay.training.Architecture;
import dev.assay.training.Trainer;
import dev.assay.training.TrainingData;
import dev.assay.training.TrainingOptions;
import dev.assay.training.TrainingReport;
import dev.assay.training.TrainingRun;
import dev.assay.training.v1.TrainRequest;
import dev.assay.training.v1.TrainResult;
import dev.assay.worker.Job;
import dev.assay.worker.JobHandler;
import dev.assay.worker.JobInput;
import jakarta.enterprise.context.ApplicationScoped;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;

/// The operation `train`: artifacts in, `model.onnx` and `report.html` out.
@ApplicationScoped
class TrainHandler implements JobHandler<TrainRequest, TrainResult> {

    private static final String DEFAULT_ARCHITECTURE = Architecture.CNN_SMALL.label();

    @Override
    public TrainResult run(Job<TrainRequest> job) throws IOException {
        TrainRequest request = job.request();
        TrainingOptions options = TrainMessages.options(request);
        JobInput train = job.dataSet(request.getData());
        try (LabelledImages images = LabelledImages.open(train.path())) {
            if (!request.hasTestData()) {
                return train(job, options, train, TrainingData.of(images));
            }
            try (LabelledImages test =
                    LabelledImages.open(job.dataSet(request.getTestData()).path())) {
                return train(job, options, train, TrainingData.of(images, test));
            }
        }
    }

    /// The uploaded model; what is wrong with it is told of the request's field, not of a file named by its hash.
    private static Graph model(Job<TrainRequest> job) throws IOException {
        try {
            return OnnxFile.read(job.model(job.request().getModel()).path());
        } catch (ProblemException problem) {
            throw new ProblemException(problem.type(), "model", problem.detail(), problem.remedy(), problem);
        }
    }

    private static TrainResult train(Job<TrainRequest> job, TrainingOptions options, JobInput train, TrainingData data)
            throws IOException {
        TrainRequest request = job.request();
        Graph untrained = request.hasModel()
                ? model(job)
                : Trainer.untrained(Architecture.named(architecture(request)), data, options.seed());
        TrainingRun run = Trainer.train(untrained, data, options, new TrainCheckpoints(job), job.progress());

        List<String> classNames = train.classNames().size() == run.classes() ? train.classNames() : List.of();
        Provenance provenance = job.provenance()
                .setSeed(request.getSeed())
                .setDevice(options.device().toString())
                .setRuntime(RuntimeVersion.current())
                .setDeviceSeconds(run.deviceSeconds())
                .build();
        Path file = job.scratch().resolve("model.onnx");
        OnnxFile.write(
                run.withMetadata(ModelCard.properties(classNames, provenance)).model(), file);
        String digest = job.attach("model.onnx", "application/x-onnx", file).getDigest();

        TrainResult result = TrainMessages.result(run, digest, options.confidence(), provenance);
        String name = request.hasModel() ? request.getModel() : architecture(request);
        byte[] report = TrainingReport.of(
                        name,
                        run,
                        options.confidence(),
                        TrainMessages.facts(request, run, provenance),
                        Json.print(result))
                .htmlBytes();
        job.attach("report.html", "text/html", report);
        return result;
    }

    private static String architecture(TrainRequest request) {
        return request.hasArchitecture() ? request.getArchitecture() : DEFAULT_ARCHITECTURE;
    }
}
