package dev.assay.gateway.security;

import io.smallrye.config.ConfigMapping;
import io.smallrye.config.WithDefault;
import java.nio.file.Path;
import java.util.Optional;

/// Who may use the gateway. The names begin with `assay.security.`.
@ConfigMapping(prefix = "assay.security")
public interface SecuritySettings {

    enum Mode {
        /// NONE while the gateway listens on loopback only, else KEYS.
        AUTO,
        /// Every request needs a key.
        KEYS,
        /// Whoever reaches the gateway may do everything.
        NONE
    }

    @WithDefault("auto")
    Mode mode();

    /// Hashes of the keys, one entry a line; read again when it changes.
    Optional<Path> keysFile();

    /// Whether metrics need no key: for a network that lets only those read them who should.
    @WithDefault("false")
    boolean openMetrics();

    /// Requests that a key may make, in the long run.
    @WithDefault("100")
    double requestsPerSecond();

    /// Requests that a key may make at once after a pause.
    @WithDefault("200")
    int burst();
}
