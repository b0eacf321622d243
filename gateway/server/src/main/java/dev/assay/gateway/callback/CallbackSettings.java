package dev.assay.gateway.callback;

import io.smallrye.config.ConfigMapping;
import io.smallrye.config.WithDefault;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;

/// How the ends of jobs are told to those who asked for it. The names begin with `assay.callbacks.`.
@ConfigMapping(prefix = "assay.callbacks")
public interface CallbackSettings {

    /// Signs what is sent; several, separated by blanks, while one replaces another. Without one nobody is called.
    Optional<String> secret();

    /// A file that holds the secret.
    Optional<Path> secretFile();

    /// Calls that are made before a delivery is given up.
    @WithDefault("8")
    int attempts();

    /// Between the first call and the second; each pause after it is three times as long.
    @WithDefault("1s")
    Duration firstPause();

    /// No pause is longer, whatever the receiver wishes.
    @WithDefault("5m")
    Duration longestPause();

    /// For the connection, and for the answer.
    @WithDefault("10s")
    Duration timeout();
}
