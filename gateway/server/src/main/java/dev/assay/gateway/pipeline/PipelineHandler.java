package dev.assay.gateway.pipeline;

import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import com.google.gson.JsonPrimitive;
import com.google.protobuf.Message;
import dev.assay.artifact.v1.Artifact;
import dev.assay.computation.CancelledException;
import dev.assay.computation.ProblemException;
import dev.assay.computation.Progress;
import dev.assay.contract.Json;
import dev.assay.contract.Operations;
import dev.assay.contract.Validation;
import dev.assay.job.v1.Job.State;
import dev.assay.pipeline.v1.RunRequest;
import dev.assay.pipeline.v1.RunResult;
import dev.assay.pipeline.v1.StepOutcome;
import dev.assay.worker.Children;
import dev.assay.worker.Children.Child;
import dev.assay.worker.Job;
import dev.assay.worker.JobHandler;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/// Runs a pipeline: submits each step when what it needs is there. All that it knows lies in its children, which it
/// finds again when it is started a second time, so it needs no checkpoint.
public final class PipelineHandler implements JobHandler<RunRequest, RunResult> {

    private static final String GO_ON =
            "put the pipeline back with POST /v1/jobs/{id}/retry: steps that have succeeded do not run again";

    @Override
    public RunResult run(Job<RunRequest> job) throws InterruptedException {
        PipelinePlan plan = PipelinePlan.of(job.request());
        int total = plan.steps().size();
        Children children = job.children();
        children.onProgress(child -> tell(job.progress(), child));
        Set<String> begun = new HashSet<>();
        Map<String, dev.assay.job.v1.Job> succeeded = new LinkedHashMap<>();
        while (succeeded.size() < total) {
            for (var step : plan.ready(begun, succeeded.keySet())) {
                if (children.unfinished() < job.request().getInFlight()) {
                    children.submit(step.name(), PipelinePlan.inStep(step.name(), () -> request(step, succeeded)));
                    begun.add(step.name());
                }
            }
            Child child = children.next();
            succeeded.put(child.key(), requireSucceeded(child));
            job.progress().report("steps", succeeded.size(), total);
        }
        var result = RunResult.newBuilder().setProvenance(job.provenance());
        plan.steps().forEach(step -> result.addSteps(outcome(step.name(), succeeded.get(step.name()))));
        return result.build();
    }

    /// What a step does is what its pipeline does.
    private static void tell(Progress progress, Child child) {
        var told = child.job().getProgress();
        try {
            progress.report(
                    child.key() + ": " + told.getPhase(), told.getDone(), told.getTotal(), told.getMetricsMap());
        } catch (CancelledException stopping) {
            // the pipeline's own thread learns it by itself
        }
    }

    private static Message request(PipelinePlan.PlannedStep step, Map<String, dev.assay.job.v1.Job> succeeded) {
        JsonElement bound = Binding.bound(step.request(), binding -> value(binding, succeeded.get(binding.step())));
        Message.Builder request = step.operation().newRequest();
        Json.parse(bound.toString(), request);
        return Validation.accept(request.build());
    }

    private static dev.assay.job.v1.Job requireSucceeded(Child child) {
        dev.assay.job.v1.Job job = child.job();
        if (job.getState() == State.SUCCEEDED) {
            return job;
        }
        String step = "step '" + child.key() + "' (job " + job.getId() + ") ";
        if (job.getState() == State.CANCELLED) {
            throw new ProblemException("step-cancelled", "steps." + child.key(), step + "was cancelled", GO_ON);
        }
        var problem = job.getProblem();
        throw new ProblemException(
                "step-failed",
                "steps." + child.key(),
                step + "failed: " + problem.getDetail() + " [" + problem.getType() + "]",
                problem.getRemedy() + "; then " + GO_ON);
    }

    private static JsonElement value(Binding binding, dev.assay.job.v1.Job job) {
        return switch (binding.output()) {
            case Binding.File(String name) ->
                Optional.ofNullable(job.getArtifactsMap().get(name))
                        .map(Artifact::getDigest)
                        .<JsonElement>map(JsonPrimitive::new)
                        .orElseThrow(() -> missing(
                                binding,
                                "its files are "
                                        + String.join(
                                                ", ", job.getArtifactsMap().keySet())));
            case Binding.Value(var path) -> {
                JsonElement at = result(job);
                for (String name : path) {
                    at = member(at, name).orElseThrow(() -> missing(binding, "its result is " + result(job)));
                }
                yield at;
            }
        };
    }

    private static Optional<JsonElement> member(JsonElement owner, String name) {
        if (owner.isJsonArray() && name.matches("\\d{1,9}")) {
            int position = Integer.parseInt(name);
            return position < owner.getAsJsonArray().size()
                    ? Optional.of(owner.getAsJsonArray().get(position))
                    : Optional.empty();
        }
        return owner.isJsonObject()
                ? Optional.ofNullable(owner.getAsJsonObject().get(name))
                : Optional.empty();
    }

    private static JsonObject result(dev.assay.job.v1.Job job) {
        Message result =
                Operations.named(job.getCapability(), job.getOperation()).resultFrom(job.getResult());
        return JsonParser.parseString(Json.printCompact(result)).getAsJsonObject();
    }

    private static ProblemException missing(Binding binding, String there) {
        return new ProblemException(
                "unknown-output",
                binding.text(),
                "step '" + binding.step() + "' has no such output: " + binding.text(),
                there);
    }

    private static StepOutcome outcome(String name, dev.assay.job.v1.Job job) {
        return StepOutcome.newBuilder()
                .setName(name)
                .setJob(job.getId())
                .setResult(job.getResult())
                .putAllArtifacts(job.getArtifactsMap())
                .build();
    }
}
