package dev.assay.cli.mesh;

import dev.assay.computation.ProblemException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;

/// The key for a gateway that asks for one. From the environment only: a flag would show it to every user of the
/// machine in the list of processes.
public final class GatewayKey {

    private GatewayKey() {}

    /// `ASSAY_KEY`, else what stands in the file `ASSAY_KEY_FILE`.
    ///
    /// @throws ProblemException `file-unreadable`, `malformed-key` when it cannot be sent
    public static Optional<String> find(Map<String, String> environment) {
        return Optional.ofNullable(environment.get("ASSAY_KEY"))
                .or(() -> Optional.ofNullable(environment.get("ASSAY_KEY_FILE")).map(GatewayKey::read))
                .map(String::strip)
                .filter(key -> !key.isEmpty())
                .map(GatewayKey::requireSendable);
    }

    private static String read(String file) {
        try {
            return Files.readString(Path.of(file));
        } catch (IOException unreadable) {
            throw new ProblemException(
                    "file-unreadable",
                    file,
                    "the file of the key cannot be read: " + unreadable,
                    "correct ASSAY_KEY_FILE",
                    unreadable);
        }
    }

    private static String requireSendable(String key) {
        if (!key.matches("[\\x21-\\x7e]+")) {
            throw new ProblemException(
                    "malformed-key",
                    "",
                    "the key in ASSAY_KEY or ASSAY_KEY_FILE is more than one word of ASCII",
                    "give the key alone, as ./assay keys new printed it");
        }
        return key;
    }
}
