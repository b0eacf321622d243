package dev.assay.worker;

import io.lettuce.core.RedisURI;
import io.lettuce.core.SslOptions;
import java.net.URI;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;

/// Where Redis is, and what it takes to be let in.
///
/// @param uri with the password; `rediss://` speaks TLS
/// @param tls whose certificates are trusted
public record RedisConnection(RedisURI uri, SslOptions tls) {

    /// @param address such as `redis://127.0.0.1:6379`, `rediss://user@redis.example.org:6380`
    /// @param passwordFile holds the password
    /// @param trustFile certificates in PEM form; those of the platform when there is none
    /// @throws dev.assay.computation.ProblemException `file-unreadable`
    public static RedisConnection to(String address, Optional<Path> passwordFile, Optional<Path> trustFile) {
        RedisURI uri = RedisURI.create(address);
        passwordFile.ifPresent(file -> {
            String password = SecretSettings.resolved(Map.of("assay.redis.password.file", file.toString()))
                    .get("assay.redis.password");
            Optional.ofNullable(URI.create(address).getUserInfo())
                    .ifPresentOrElse(
                            user -> uri.setAuthentication(user, (CharSequence) password),
                            () -> uri.setAuthentication((CharSequence) password));
        });
        SslOptions.Builder tls = SslOptions.builder();
        trustFile.ifPresent(file -> tls.trustManager(file.toFile()));
        return new RedisConnection(uri, tls.build());
    }

    /// Without the password.
    @Override
    public String toString() {
        return "RedisConnection[" + uri.getHost() + ":" + uri.getPort() + "]";
    }
}
