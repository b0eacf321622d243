package dev.assay.worker;

import java.nio.file.Path;
import java.util.List;
import java.util.Objects;

/// An artifact that a job reads.
///
/// @param reference as the request has it: `sha256:…` or a registered name
/// @param digest `sha256:` and 64 hex digits
/// @param path the verified file; read-only, never change it
/// @param size bytes
/// @param classNames names of the classes that the registration gives, in the order of the labels or logits;
///     empty when it gives none
public record JobInput(String reference, String digest, Path path, long size, List<String> classNames) {

    public JobInput {
        Objects.requireNonNull(reference, "reference");
        Objects.requireNonNull(path, "path");
        Digests.requireValid(digest);
        classNames = List.copyOf(classNames);
    }
}
