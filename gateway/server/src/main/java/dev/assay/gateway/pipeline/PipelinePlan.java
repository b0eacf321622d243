package dev.assay.gateway.pipeline;

import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import com.google.protobuf.Message;
import dev.assay.computation.ProblemException;
import dev.assay.contract.Json;
import dev.assay.contract.NearestName;
import dev.assay.contract.Operation;
import dev.assay.contract.Operations;
import dev.assay.contract.Validation;
import dev.assay.pipeline.v1.RunRequest;
import dev.assay.pipeline.v1.Step;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Supplier;

/// The steps of a pipeline and what each of them waits for: a directed graph without cycles.
public final class PipelinePlan {

    /// One step.
    ///
    /// @param request as JSON, with its bindings
    /// @param needs the steps that must have succeeded before
    record PlannedStep(String name, Operation operation, JsonObject request, Set<String> needs) {
        PlannedStep {
            needs = Set.copyOf(needs);
        }
    }

    private final Map<String, PlannedStep> steps;

    private PipelinePlan(Map<String, PlannedStep> steps) {
        this.steps = steps;
    }

    /// Checks all that can be known before the first step runs: names, operations, fields, bindings, cycles, and
    /// the
    /// whole request of each step that binds nothing.
    ///
    /// @throws ProblemException naming the step and what would be right: `unknown-step`, `duplicate-step`,
    ///     `cyclic-pipeline`, `malformed-binding`, or what the step's own request breaks
    public static PipelinePlan of(RunRequest request) {
        Map<String, PlannedStep> steps = new LinkedHashMap<>();
        for (Step step : request.getStepsList()) {
            if (steps.putIfAbsent(step.getName(), inStep(step.getName(), () -> planned(step))) != null) {
                throw new ProblemException(
                        "duplicate-step",
                        step.getName(),
                        "two steps are called '" + step.getName() + "'",
                        "give each step a name of its own");
            }
        }
        steps.values().forEach(step -> requireKnown(step, steps.keySet()));
        requireAcyclic(steps);
        return new PipelinePlan(steps);
    }

    /// The steps' requests, as far as they are known before the first step runs: without what is bound.
    public List<Message> knownRequests() {
        return steps.values().stream()
                .map(step -> known(step.operation(), step.request()))
                .toList();
    }

    List<PlannedStep> steps() {
        return List.copyOf(steps.values());
    }

    /// The steps that could start now.
    ///
    /// @param begun steps that have been started, whether over or not
    /// @param succeeded steps that have succeeded
    List<PlannedStep> ready(Set<String> begun, Set<String> succeeded) {
        return steps.values().stream()
                .filter(step -> !begun.contains(step.name()) && succeeded.containsAll(step.needs()))
                .toList();
    }

    /// Says in which step a problem lies.
    static <T> T inStep(String name, Supplier<T> work) {
        try {
            return work.get();
        } catch (ProblemException problem) {
            throw new ProblemException(
                    problem.type(),
                    "steps." + name
                            + problem.subject().map(subject -> "." + subject).orElse(""),
                    "step '" + name + "': " + problem.detail(),
                    problem.remedy(),
                    problem);
        }
    }

    private static PlannedStep planned(Step step) {
        Operation operation = Operations.named(step.getCapability(), step.getOperation());
        JsonObject request =
                JsonParser.parseString(Json.printCompact(step.getRequest())).getAsJsonObject();
        List<Binding> bindings = Binding.in(request);
        Set<String> needs = new LinkedHashSet<>(step.getAfterList());
        bindings.forEach(binding -> needs.add(binding.step()));
        Message known = known(operation, request);
        if (bindings.isEmpty()) {
            Validation.accept(known);
        }
        return new PlannedStep(step.getName(), operation, request, needs);
    }

    private static Message known(Operation operation, JsonObject request) {
        var builder = operation.newRequest();
        Json.parse(unbound(request).toString(), builder);
        return builder.build();
    }

    /// Without the fields that only a later moment can fill.
    private static JsonObject unbound(JsonObject request) {
        JsonObject known = new JsonObject();
        request.entrySet().stream()
                .filter(entry -> Binding.in(entry.getValue()).isEmpty())
                .forEach(entry -> known.add(entry.getKey(), entry.getValue()));
        return known;
    }

    private static void requireKnown(PlannedStep step, Set<String> names) {
        for (String need : step.needs()) {
            if (!names.contains(need)) {
                throw new ProblemException(
                        "unknown-step",
                        "steps." + step.name(),
                        "step '" + step.name() + "' needs '" + need + "', which is no step of this pipeline",
                        NearestName.of(need, List.copyOf(names))
                                .map(nearest -> "did you mean " + nearest + "?")
                                .orElse("the steps are " + String.join(", ", names)));
            }
        }
    }

    private static void requireAcyclic(Map<String, PlannedStep> steps) {
        List<PlannedStep> left = new ArrayList<>(steps.values());
        Set<String> settled = new LinkedHashSet<>();
        while (left.removeIf(step -> settled.containsAll(step.needs()) && settled.add(step.name()))) {
            // each round settles the steps whose needs are settled
        }
        if (!left.isEmpty()) {
            List<String> names = left.stream().map(PlannedStep::name).toList();
            throw new ProblemException(
                    "cyclic-pipeline",
                    "steps",
                    "the steps " + String.join(", ", names) + " wait for each other",
                    "take out one of the bindings or `after` that close the circle");
        }
    }
}
