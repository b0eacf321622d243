package dev.assay.training.service;

import dev.assay.job.v1.Provenance;
import dev.assay.report.Block.Facts;
import dev.assay.report.Block.Facts.Fact;
import dev.assay.runtime.Device;
import dev.assay.statistics.Interval;
import dev.assay.statistics.Proportion;
import dev.assay.training.EpochRecord;
import dev.assay.training.TrainingOptions;
import dev.assay.training.TrainingRun;
import dev.assay.training.TwoPhaseRate;
import dev.assay.training.v1.Epoch;
import dev.assay.training.v1.TrainRequest;
import dev.assay.training.v1.TrainResult;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/// Between the contract's messages and the core's values.
final class TrainMessages {

    private TrainMessages() {}

    /// @param request with its defaults filled in
    static TrainingOptions options(TrainRequest request) {
        return TrainingOptions.defaults()
                .withEpochs(request.getEpochs())
                .withBatchSize(request.getBatchSize())
                .withRate(new TwoPhaseRate(
                        request.getLargeRate(), request.getSmallRate(), request.getMomentum(), request.getSwitchAt()))
                .withWeightDecay(request.getWeightDecay())
                .withSeed(Integer.toUnsignedLong(request.getSeed()))
                .withConfidence(request.getConfidence())
                .withDevice(Device.parse(request.getDevice()));
    }

    static TrainResult result(TrainingRun run, String modelDigest, double confidence, Provenance provenance) {
        TrainResult.Builder result = TrainResult.newBuilder()
                .setModel(modelDigest)
                .setParameters(run.parameters())
                .setTrainAccuracy(proportion(run.trainAccuracy(), confidence))
                .setImagesPerSecond(run.imagesPerSecond())
                .setThreads(run.threads())
                .setProvenance(provenance);
        run.testAccuracy().ifPresent(accuracy -> result.setTestAccuracy(proportion(accuracy, confidence)));
        run.epochs().forEach(epoch -> result.addEpochs(epoch(epoch)));
        return result.build();
    }

    /// What the report says of the result's origin.
    static Facts facts(TrainRequest request, TrainingRun run, Provenance provenance) {
        List<Fact> facts = new ArrayList<>();
        facts.add(new Fact("product", "Assay " + provenance.getProductVersion()));
        provenance.getInputsMap().forEach((field, digest) -> facts.add(new Fact(field, digest)));
        facts.add(new Fact("parameters", Long.toString(run.parameters())));
        facts.add(new Fact("epochs", Integer.toString(request.getEpochs())));
        facts.add(new Fact("batch size", Integer.toString(run.batchSize())));
        facts.add(new Fact(
                "rates",
                request.getLargeRate() + " without momentum, then " + request.getSmallRate() + " with momentum "
                        + request.getMomentum()));
        facts.add(new Fact("switch at", request.getSwitchAt() + " of the epochs"));
        facts.add(new Fact("weight decay", Double.toString(request.getWeightDecay())));
        facts.add(new Fact("seed", Integer.toUnsignedString(request.getSeed())));
        facts.add(new Fact("device", provenance.getDevice()));
        facts.add(new Fact("threads of a step", Integer.toString(run.threads())));
        facts.add(new Fact("runtime", provenance.getRuntime()));
        facts.add(new Fact("images per second", String.format(Locale.ROOT, "%.0f", run.imagesPerSecond())));
        facts.add(new Fact("wall time", String.format(Locale.ROOT, "%.2f s", run.wallSeconds())));
        facts.add(new Fact("attempt", Integer.toString(provenance.getAttempt())));
        return new Facts(facts);
    }

    private static Epoch epoch(EpochRecord epoch) {
        Epoch.Builder message = Epoch.newBuilder()
                .setNumber(epoch.number())
                .setPhase(epoch.phase().label())
                .setRate(epoch.rate())
                .setLoss(epoch.loss())
                .setTrainAccuracy(epoch.trainAccuracy())
                .setGradientNorm(epoch.gradientNorm());
        epoch.testAccuracy().ifPresent(message::setTestAccuracy);
        return message.build();
    }

    private static dev.assay.measure.v1.Proportion proportion(Proportion proportion, double confidence) {
        Interval interval = proportion.wilson(confidence);
        return dev.assay.measure.v1.Proportion.newBuilder()
                .setSuccesses(Math.toIntExact(proportion.successes()))
                .setTrials(Math.toIntExact(proportion.trials()))
                .setEstimate(proportion.value())
                .setLow(interval.low())
                .setHigh(interval.high())
                .setConfidence(confidence)
                .build();
    }
}
