package dev.assay.gateway.security;

import dev.assay.computation.ProblemException;
import dev.assay.contract.AccessKey;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.FileTime;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.jboss.logging.Logger;

/// The keys of a file, read again when it changes. A change that cannot be read leaves the keys as they were and is
/// logged. Thread-safe.
final class KeyFile {

    private static final Logger LOG = Logger.getLogger(KeyFile.class);
    private static final long LARGEST = 1 << 20;

    /// A look at the file's attributes costs microseconds, but not at every request.
    private static final Duration BETWEEN_LOOKS = Duration.ofMillis(500);

    private record Version(FileTime modified, long size) {}

    private final Path file;
    private volatile List<AccessKey> keys;
    private Version version;
    private long lookedAt;

    private KeyFile(Path file, Version version) {
        this.file = file;
        this.version = version;
        this.keys = read(file);
        this.lookedAt = System.nanoTime();
    }

    /// @throws ProblemException `malformed-key` when an entry cannot be read, or there is no entry at all
    static KeyFile open(Path file) {
        return new KeyFile(file, version(file));
    }

    /// The entry of a key. Every entry is compared, so that the time tells nothing about them.
    Optional<AccessKey> find(String key) {
        readAgainIfChanged();
        AccessKey found = null;
        for (AccessKey entry : keys) {
            if (entry.isOf(key)) {
                found = entry;
            }
        }
        return Optional.ofNullable(found);
    }

    private synchronized void readAgainIfChanged() {
        if (System.nanoTime() - lookedAt < BETWEEN_LOOKS.toNanos()) {
            return;
        }
        lookedAt = System.nanoTime();
        try {
            Version now = version(file);
            if (!now.equals(version)) {
                version = now;
                keys = read(file);
                LOG.infof("read %s again: %d keys", file, keys.size());
            }
        } catch (ProblemException problem) {
            LOG.errorf("the keys stay as they were: %s", problem.oneLine());
        }
    }

    private static Version version(Path file) {
        try {
            var attributes = Files.readAttributes(file, BasicFileAttributes.class);
            return new Version(attributes.lastModifiedTime(), attributes.size());
        } catch (IOException unreadable) {
            throw unreadable(file, unreadable);
        }
    }

    private static List<AccessKey> read(Path file) {
        List<AccessKey> keys = new ArrayList<>();
        Set<String> names = new HashSet<>();
        int number = 0;
        for (String line : lines(file)) {
            number++;
            if (line.isBlank() || line.strip().startsWith("#")) {
                continue;
            }
            AccessKey key = entry(file, number, line);
            if (!names.add(key.label())) {
                throw malformed(file, "line " + number + ": a second key is named " + key.label());
            }
            keys.add(key);
        }
        if (keys.isEmpty()) {
            throw malformed(file, "there is no key in it");
        }
        return List.copyOf(keys);
    }

    private static List<String> lines(Path file) {
        try {
            if (Files.size(file) > LARGEST) {
                throw malformed(file, "it is larger than " + LARGEST + " bytes");
            }
            return Files.readAllLines(file);
        } catch (IOException unreadable) {
            throw unreadable(file, unreadable);
        }
    }

    private static AccessKey entry(Path file, int number, String line) {
        try {
            return AccessKey.parse(line);
        } catch (ProblemException malformed) {
            throw malformed(file, "line " + number + ": " + malformed.detail());
        }
    }

    private static ProblemException malformed(Path file, String what) {
        return new ProblemException(
                "malformed-key", file.toString(), what, "one entry a line, as ./assay keys new --name NAME prints it");
    }

    private static ProblemException unreadable(Path file, IOException cause) {
        return new ProblemException(
                "file-unreadable",
                file.toString(),
                "the file of keys cannot be read: " + cause,
                "check assay.security.keys-file and its permissions",
                cause);
    }
}
