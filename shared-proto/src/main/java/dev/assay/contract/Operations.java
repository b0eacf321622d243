package dev.assay.contract;

import static java.util.stream.Collectors.toMap;

import com.google.protobuf.ByteString;
import com.google.protobuf.Descriptors.Descriptor;
import com.google.protobuf.Descriptors.FieldDescriptor;
import com.google.protobuf.Descriptors.FileDescriptor;
import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.Message;
import dev.assay.attack.v1.AttackRequest;
import dev.assay.attack.v1.AttackResult;
import dev.assay.callback.v1.CallbackRequest;
import dev.assay.callback.v1.CallbackResult;
import dev.assay.computation.ProblemException;
import dev.assay.contract.v1.ContractProto;
import dev.assay.loading.v1.LoadingRequest;
import dev.assay.loading.v1.LoadingResult;
import dev.assay.pipeline.v1.PipelineRequest;
import dev.assay.pipeline.v1.PipelineResult;
import dev.assay.training.v1.TrainingRequest;
import dev.assay.training.v1.TrainingResult;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;

/// Every operation of every capability, read from the contracts. The list of capabilities below is the only place
/// where
/// a new one is named.
public final class Operations {

    private record Capability(Message request, Message result) {}

    private static final List<Capability> CAPABILITIES = List.of(
            new Capability(LoadingRequest.getDefaultInstance(), LoadingResult.getDefaultInstance()),
            new Capability(TrainingRequest.getDefaultInstance(), TrainingResult.getDefaultInstance()),
            new Capability(AttackRequest.getDefaultInstance(), AttackResult.getDefaultInstance()),
            new Capability(PipelineRequest.getDefaultInstance(), PipelineResult.getDefaultInstance()),
            new Capability(CallbackRequest.getDefaultInstance(), CallbackResult.getDefaultInstance()));

    private static final List<Operation> EVERY =
            CAPABILITIES.stream().flatMap(c -> operationsOf(c).stream()).toList();

    private static final List<Operation> ALL =
            EVERY.stream().filter(o -> !isInternal(o)).toList();

    private static final Map<Descriptor, Operation> BY_REQUEST =
            EVERY.stream().collect(toMap(Operation::request, Function.identity()));

    private Operations() {}

    /// The operations that anyone may ask for.
    public static List<Operation> all() {
        return ALL;
    }

    /// The capabilities that anyone may ask for something.
    public static List<String> capabilities() {
        return capabilities(ALL);
    }

    /// Also those whose jobs only the mesh itself submits.
    public static List<String> everyCapability() {
        return capabilities(EVERY);
    }

    private static List<String> capabilities(List<Operation> operations) {
        return operations.stream().map(Operation::capability).distinct().toList();
    }

    /// The operations of a capability, whoever may ask for them.
    public static List<Operation> of(String capability) {
        return EVERY.stream().filter(o -> o.capability().equals(capability)).toList();
    }

    public static Optional<Operation> find(String capability, String name) {
        return of(capability).stream().filter(o -> o.name().equals(name)).findFirst();
    }

    /// The operation of this name that anyone may ask for, for people who may have misspelled it.
    ///
    /// @throws ProblemException `unknown-capability` or `unknown-operation`, listing the known ones
    public static Operation named(String capability, String name) {
        if (!capabilities().contains(capability)) {
            throw new ProblemException(
                    "unknown-capability",
                    "capability",
                    "there is no capability '" + capability + "'",
                    suggestion(capability, "capabilities", capabilities()));
        }
        return find(capability, name).orElseThrow(() -> {
            List<String> names = of(capability).stream().map(Operation::name).toList();
            return new ProblemException(
                    "unknown-operation",
                    "operation",
                    capability + " has no operation '" + name + "'",
                    suggestion(name, "operations of " + capability, names));
        });
    }

    private static String suggestion(String name, String what, List<String> known) {
        String list = "the " + what + " are " + String.join(", ", known);
        return NearestName.of(name, known)
                .map(nearest -> "did you mean " + nearest + "? " + list)
                .orElse(list);
    }

    public static Optional<Operation> ofRequest(Descriptor request) {
        return Optional.ofNullable(BY_REQUEST.get(request));
    }

    /// The operation that a request envelope holds; empty when it holds none.
    public static Optional<Operation> ofEnvelope(Message envelope) {
        return EVERY.stream()
                .filter(o -> o.envelope().getDescriptorForType().equals(envelope.getDescriptorForType()))
                .filter(o -> envelope.hasField(o.requestField()))
                .findFirst();
    }

    /// Reads the payload of `assay.jobs.<capability>`.
    ///
    /// @throws IllegalArgumentException if there is no such capability
    public static Message parseEnvelope(String capability, ByteString bytes) throws InvalidProtocolBufferException {
        return of(capability).stream()
                .findFirst()
                .orElseThrow(() -> new IllegalArgumentException(
                        "no capability '" + capability + "'; there are " + everyCapability()))
                .parseEnvelope(bytes);
    }

    /// The request inside an envelope.
    ///
    /// @throws IllegalArgumentException if the envelope is empty
    public static Message requestOf(Message envelope) {
        Operation operation = ofEnvelope(envelope)
                .orElseThrow(() -> new IllegalArgumentException(
                        envelope.getDescriptorForType().getFullName() + " names no operation"));
        return (Message) envelope.getField(operation.requestField());
    }

    /// The files that hold the contracts of all capabilities.
    public static List<FileDescriptor> files() {
        return CAPABILITIES.stream()
                .map(c -> c.request().getDescriptorForType().getFile())
                .toList();
    }

    private static boolean isInternal(Operation operation) {
        return operation.envelope().getDescriptorForType().getOptions().getExtension(ContractProto.internal);
    }

    private static List<Operation> operationsOf(Capability capability) {
        Descriptor request = capability.request().getDescriptorForType();
        Descriptor result = capability.result().getDescriptorForType();
        String name = request.getOptions().getExtension(ContractProto.capabilityRequest);
        if (name.isEmpty() || !name.equals(result.getOptions().getExtension(ContractProto.capabilityResult))) {
            throw new IllegalStateException(request.getFullName() + " and " + result.getFullName()
                    + " must carry the same capability in capability_request and capability_result");
        }
        List<Operation> operations = new ArrayList<>();
        for (FieldDescriptor field : request.getFields()) {
            FieldDescriptor answer = result.findFieldByName(field.getName());
            if (answer == null) {
                throw new IllegalStateException(result.getFullName() + " has no field '" + field.getName() + "'");
            }
            operations.add(new Operation(
                    name, kebab(field.getName()), field, answer, capability.request(), capability.result()));
        }
        return operations;
    }

    private static String kebab(String fieldName) {
        return fieldName.replace('_', '-');
    }
}
