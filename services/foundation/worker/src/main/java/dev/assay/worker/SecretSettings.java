package dev.assay.worker;

import dev.assay.computation.ProblemException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/// Settings of which some are secrets that stand in files, as container platforms mount them: `name.file` gives the
/// path of the file that holds the value of `name`.
public final class SecretSettings {

    static final String FILE = ".file";
    private static final long LARGEST = 1 << 20;

    private SecretSettings() {}

    /// One secret, which may stand in a file.
    ///
    /// @param name such as `assay.callbacks.secret`
    /// @param file holds the value
    /// @throws ProblemException `file-unreadable`; `ambiguous-setting` when both are given
    public static Optional<String> value(String name, Optional<String> value, Optional<Path> file) {
        Map<String, String> settings = new TreeMap<>();
        value.ifPresent(text -> settings.put(name, text));
        file.ifPresent(path -> settings.put(name + FILE, path.toString()));
        return Optional.ofNullable(resolved(settings).get(name));
    }

    /// Every setting with its value. What a file holds is taken without the line break at its end.
    ///
    /// @throws ProblemException `file-unreadable`; `ambiguous-setting` when a value is given in both ways
    static Map<String, String> resolved(Map<String, String> settings) {
        Map<String, String> resolved = new TreeMap<>();
        settings.forEach((name, value) -> {
            String target = name.endsWith(FILE) ? name.substring(0, name.length() - FILE.length()) : name;
            String before = resolved.put(target, name.endsWith(FILE) ? read(name, Path.of(value)) : value);
            if (before != null) {
                throw new ProblemException(
                        "ambiguous-setting",
                        target,
                        target + " and " + target + FILE + " are both set",
                        "set one of them");
            }
        });
        return resolved;
    }

    private static String read(String name, Path file) {
        try {
            if (Files.size(file) > LARGEST) {
                throw new IOException("it is larger than " + LARGEST + " bytes");
            }
            return Files.readString(file).stripTrailing();
        } catch (IOException unreadable) {
            throw new ProblemException(
                    "file-unreadable",
                    name,
                    "the file " + file + " cannot be read: " + unreadable,
                    "check the path and its permissions",
                    unreadable);
        }
    }
}
