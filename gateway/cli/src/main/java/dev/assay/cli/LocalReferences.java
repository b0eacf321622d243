package dev.assay.cli;

import com.google.protobuf.Message;
import dev.assay.artifact.v1.Artifact;
import dev.assay.cli.mesh.Upload;
import dev.assay.cli.progress.ProgressView;
import dev.assay.cli.render.NumberText;
import dev.assay.computation.ProblemException;
import dev.assay.contract.References;
import dev.assay.contract.References.Reference;
import dev.assay.contract.Validation;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;

/// The files and folders that a request names in place of artifacts.
final class LocalReferences {

    /// Has the form of a digest; stands for a file whose digest is not known yet.
    private static final String ANY_DIGEST = "sha256:" + "0".repeat(64);

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
    <M extends Message> M uploaded(M request) {
        boolean isLocal = References.in(request).stream().anyMatch(LocalReferences::isFile);
        if (!isLocal) {
            return request;
        }
        Validation.accept(References.resolved(request, r -> isFile(r) ? ANY_DIGEST : r.value()));
        Map<String, String> sent = new HashMap<>();
        return References.resolved(request, r -> isFile(r) ? sent.computeIfAbsent(r.value(), this::send) : r.value());
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
