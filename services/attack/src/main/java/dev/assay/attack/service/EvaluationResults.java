package dev.assay.attack.service;

import ai.onnxruntime.OrtEnvironment;
import dev.assay.attack.RobustnessReport;
import dev.assay.attack.ThreatResult;
import dev.assay.attack.v1.EvaluateRequest;
import dev.assay.attack.v1.EvaluateResult;
import dev.assay.attack.v1.RobustAccuracy;
import dev.assay.job.v1.Provenance;
import dev.assay.measure.v1.Proportion;
import dev.assay.report.Block.Facts;
import dev.assay.runtime.Device;
import dev.assay.statistics.Interval;
import dev.assay.worker.Job;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/// An evaluation's report in the words of the contract.
final class EvaluationResults {

    private EvaluationResults() {}

    static EvaluateResult message(RobustnessReport report, Provenance provenance) {
        EvaluateResult.Builder result = EvaluateResult.newBuilder()
                .setCleanAccuracy(proportion(report.cleanAccuracy(), report.cleanInterval()))
                .setSamples(report.samples())
                .setImageStepsPerSecond(report.effort().imageStepsPerSecond())
                .setProvenance(provenance);
        for (ThreatResult threat : report.results()) {
            result.addRobustAccuracy(RobustAccuracy.newBuilder()
                    .setThreat(threat.threat().text())
                    .setNorm(threat.threat().norm().text())
                    .setEpsilon(threat.threat().epsilon().doubleValue())
                    .setAccuracy(proportion(threat.accuracy(), threat.interval()))
                    .setLargestPerturbation(threat.largestPerturbation()));
        }
        return result.build();
    }

    static Provenance provenance(Job<EvaluateRequest> job, Device device, RobustnessReport report) {
        return job.provenance()
                .setSeed(job.request().getSeed())
                .setDevice(device.toString())
                .setRuntime("ONNX Runtime " + OrtEnvironment.getEnvironment().getVersion())
                .setDeviceSeconds(report.effort().device().toNanos() * 1e-9)
                .build();
    }

    static Facts facts(Provenance provenance) {
        List<Facts.Fact> facts = new ArrayList<>();
        facts.add(new Facts.Fact("product version", provenance.getProductVersion()));
        provenance.getInputsMap().forEach((field, digest) -> facts.add(new Facts.Fact(field, digest)));
        facts.add(new Facts.Fact("seed", Integer.toUnsignedString(provenance.getSeed())));
        facts.add(new Facts.Fact("device", provenance.getDevice()));
        facts.add(new Facts.Fact("runtime", provenance.getRuntime()));
        facts.add(new Facts.Fact("wall time", seconds(provenance.getWallSeconds())));
        facts.add(new Facts.Fact("device time", seconds(provenance.getDeviceSeconds())));
        facts.add(new Facts.Fact("attempt", Integer.toString(provenance.getAttempt())));
        return new Facts(facts);
    }

    private static Proportion proportion(dev.assay.statistics.Proportion share, Interval interval) {
        return Proportion.newBuilder()
                .setSuccesses((int) share.successes())
                .setTrials((int) share.trials())
                .setEstimate(share.value())
                .setLow(interval.low())
                .setHigh(interval.high())
                .setConfidence(interval.confidence())
                .build();
    }

    private static String seconds(double value) {
        return String.format(Locale.ROOT, "%.3f s", value);
    }
}
