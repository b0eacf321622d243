package dev.assay.cli;

import com.google.protobuf.Message;
import com.google.protobuf.Value;
import dev.assay.artifact.v1.Artifact;
import dev.assay.cli.mesh.Upload;
import dev.assay.cli.progress.ProgressView;
import dev.assay.cli.render.NumberText;
import dev.assay.computation.ProblemException;
import dev.assay.contract.Operation;
import dev.assay.contract.Operations;
import dev.assay.contract.References;
import dev.assay.contract.References.Reference;
import dev.assay.contract.Validation;
import dev.assay.contract.v1.ReferenceKind;
import dev.assay.pipeline.v1.RunRequest;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import java.util.stream.Stream;

/// The files and folders that a request names in place of artifacts.
final class LocalReferences {

    /// Has the form of a digest; stands for a file whose digest is not known yet.
    private static final String ANY_DIGEST = "sha256:" + "0".repeat(64);

    /// Begins what stands for another step's output.
    private static final String BINDING = "${";

    private final Upload upload;
    private final ProgressView progress;

    LocalReferences(Upload upload, ProgressView progress) {
        this.upload = upload;
        this.progress = progress;
    }

    /// The request with every local file and folder uploaded and named by its digest. A request that its contract
    /// refuses is refused before anything is sent.
    ///
    /// @throws ProblemException `missing-file` for what looks like a path and is not there
    @SuppressWarnings("unchecked") // a pipeline comes back as a pipeline
    <M extends Message> M uploaded(M request) {
        if (request instanceof RunRequest pipeline) {
            return (M) uploadedSteps(pipeline);
        }
        boolean isLocal = References.in(request).stream().anyMatch(LocalReferences::isFile);
        if (!isLocal) {
            return request;
        }
        Validation.accept(References.resolved(request, r -> isFile(r) ? ANY_DIGEST : r.value()));
        Map<String, String> sent = new HashMap<>();
        return References.resolved(request, r -> isFile(r) ? sent.computeIfAbsent(r.value(), this::send) : r.value());
    }

    /// A pipeline names the files of its steps where the steps' own requests would.
    private RunRequest uploadedSteps(RunRequest pipeline) {
        Map<String, String> sent = new HashMap<>();
        RunRequest.Builder ready = pipeline.toBuilder();
        ready.getStepsBuilderList().forEach(step -> {
            Operation operation = Operations.named(step.getCapability(), step.getOperation());
            operation.request().getFields().stream()
                    .filter(field -> References.kindOf(field) != ReferenceKind.REFERENCE_KIND_UNSPECIFIED)
                    .flatMap(field -> Stream.of(field.getJsonName(), field.getName()))
                    .distinct()
                    .filter(step.getRequest()::containsFields)
                    .forEach(field -> {
                        String subject = "steps." + step.getName() + "." + field;
                        Value value = uploaded(subject, step.getRequest().getFieldsOrThrow(field), sent);
                        step.getRequestBuilder().putFields(field, value);
                    });
        });
        return ready.build();
    }

    private Value uploaded(String subject, Value value, Map<String, String> sent) {
        return switch (value.getKindCase()) {
            case STRING_VALUE -> {
                String text = value.getStringValue();
                boolean isLocal = !text.contains(BINDING) && isFile(subject, text);
                String name = isLocal ? sent.computeIfAbsent(text, this::send) : text;
                yield value.toBuilder().setStringValue(name).build();
            }
            case LIST_VALUE -> {
                Value.Builder list = Value.newBuilder();
                value.getListValue()
                        .getValuesList()
                        .forEach(element -> list.getListValueBuilder().addValues(uploaded(subject, element, sent)));
                yield list.build();
            }
            default -> value;
        };
    }

    /// The name of one file, folder or artifact: its digest.
    String digest(String value) {
        return isFile("the file", value) ? send(value) : value;
    }

    private String send(String path) {
        Artifact artifact = upload.send(Path.of(path));
        progress.note(path + ": " + artifact.getDigest() + " (" + NumberText.bytes(artifact.getSize()) + ")");
        return artifact.getDigest();
    }

    private static boolean isFile(Reference reference) {
        return !reference.isDigest() && isFile("--" + reference.field().replace('_', '-'), reference.value());
    }

    private static boolean isFile(String subject, String value) {
        if (value.isEmpty() || value.startsWith("sha256:")) {
            return false;
        }
        boolean exists = Files.exists(Path.of(value));
        if (!exists && looksLikePath(value)) {
            throw new ProblemException(
                    "missing-file",
                    subject,
                    "there is no file or folder '" + value + "'",
                    "name a file, a registered name, or sha256:… of an artifact");
        }
        return exists;
    }

    private static boolean looksLikePath(String value) {
        return value.contains("/") || value.startsWith(".") || value.startsWith("~");
    }
}
