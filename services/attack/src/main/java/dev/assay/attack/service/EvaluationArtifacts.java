package dev.assay.attack.service;

import dev.assay.attack.Classifier;
import dev.assay.attack.Example;
import dev.assay.attack.Outcome;
import dev.assay.attack.RobustnessReport;
import dev.assay.attack.ThreatResult;
import dev.assay.onnx.ElementType;
import dev.assay.perturbation.ClassifierGraph;
import dev.assay.runtime.Npy;
import dev.assay.runtime.Npz;
import dev.assay.runtime.Tensor;
import dev.assay.worker.Job;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.FloatBuffer;
import java.nio.LongBuffer;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;

/// The files of an evaluation for whoever computes on: what became of every sample, and the first samples' images.
final class EvaluationArtifacts {

    private final Job<?> job;

    EvaluationArtifacts(Job<?> job) {
        this.job = job;
    }

    void attach(RobustnessReport report, Classifier classifier) throws IOException {
        attachOutcomes(report);
        if (!report.examples().isEmpty()) {
            attachExamples(report, classifier.graph());
        }
    }

    /// `outcomes.npy`: uint8 [threats, samples].
    private void attachOutcomes(RobustnessReport report) throws IOException {
        List<ThreatResult> results = report.results();
        try (Tensor outcomes = Tensor.allocate(ElementType.UINT8, results.size(), report.samples())) {
            ByteBuffer codes = outcomes.bytes();
            for (ThreatResult result : results) {
                for (Outcome outcome : result.outcomes()) {
                    codes.put(outcome.code());
                }
            }
            Path file = job.scratch().resolve("outcomes.npy");
            Npy.write(outcomes, file);
            job.attach("outcomes.npy", "application/x-npy", file);
        }
    }

    /// `adversarial.npz`: `clean` [P,C,H,W], `adversarial` [threats,P,C,H,W], `labels` [P], `clean_predictions`
    /// [P], `predictions` [threats,P].
    private void attachExamples(RobustnessReport report, ClassifierGraph images) throws IOException {
        List<Example> examples = report.examples();
        int threats = report.results().size();
        int count = examples.size();
        try (Tensor clean =
                        Tensor.allocate(ElementType.FLOAT, count, images.channels(), images.height(), images.width());
                Tensor adversarial = Tensor.allocate(
                        ElementType.FLOAT, threats, count, images.channels(), images.height(), images.width());
                Tensor labels = Tensor.allocate(ElementType.INT64, count);
                Tensor cleanPredictions = Tensor.allocate(ElementType.INT64, count);
                Tensor predictions = Tensor.allocate(ElementType.INT64, threats, count)) {
            FloatBuffer cleanPixels = clean.floats();
            LongBuffer labelValues = labels.longs();
            LongBuffer cleanPredictionValues = cleanPredictions.longs();
            for (Example example : examples) {
                cleanPixels.put(example.clean());
                labelValues.put(example.label());
                cleanPredictionValues.put(example.predicted());
            }
            FloatBuffer pixels = adversarial.floats();
            LongBuffer predictionValues = predictions.longs();
            for (int threat = 0; threat < threats; threat++) {
                for (Example example : examples) {
                    pixels.put(example.perturbed().get(threat).image());
                    predictionValues.put(example.perturbed().get(threat).predicted());
                }
            }
            Path file = job.scratch().resolve("adversarial.npz");
            Npz.write(
                    file,
                    Map.of(
                            "clean", clean,
                            "adversarial", adversarial,
                            "labels", labels,
                            "clean_predictions", cleanPredictions,
                            "predictions", predictions));
            job.attach("adversarial.npz", "application/x-npz", file);
        }
    }
}
