package dev.assay.cli.mesh;

import dev.assay.computation.ProblemException;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;

/// Where the gateway is. The first of: `--gateway`, the system property `assay.gateway.url`, the environment
/// variables
/// `ASSAY_GATEWAY` and `ASSAY_GATEWAY_URL`, the local mesh that `./assay up` started, `http://127.0.0.1:7700`.
public final class GatewayAddress {

    public static final String DEFAULT = "http://127.0.0.1:7700";

    private GatewayAddress() {}

    /// @param flag what `--gateway` said, if it was given
    /// @throws ProblemException `malformed-address`
    public static URI find(Optional<String> flag, Map<String, String> environment) {
        String text = flag.or(() -> Optional.ofNullable(System.getProperty("assay.gateway.url")))
                .or(() -> Optional.ofNullable(environment.get("ASSAY_GATEWAY")))
                .or(() -> Optional.ofNullable(environment.get("ASSAY_GATEWAY_URL")))
                .filter(address -> !address.isBlank())
                .or(() -> localMesh(environment))
                .orElse(DEFAULT);
        return parse(text);
    }

    /// The running mesh of this checkout or of `ASSAY_HOME`, as its supervisor wrote it down.
    private static Optional<String> localMesh(Map<String, String> environment) {
        Path home = Optional.ofNullable(environment.get("ASSAY_HOME"))
                .map(Path::of)
                .orElseGet(() -> Path.of(System.getProperty("assay.checkout", ""), ".assay"));
        Path file = home.resolve("run").resolve("gateway.url");
        try {
            return Optional.of(Files.readString(file).strip());
        } catch (NoSuchFileException notUp) {
            return Optional.empty();
        } catch (IOException unreadable) {
            throw new ProblemException(
                    "mesh-state",
                    file.toString(),
                    "cannot be read: " + unreadable.getMessage(),
                    "name the gateway with --gateway, or start the mesh again with ./assay up",
                    unreadable);
        }
    }

    private static URI parse(String text) {
        try {
            URI address = URI.create(text.endsWith("/") ? text.substring(0, text.length() - 1) : text);
            if (("http".equals(address.getScheme()) || "https".equals(address.getScheme()))
                    && address.getHost() != null) {
                return address;
            }
        } catch (IllegalArgumentException noAddress) {
            throw malformed(text, noAddress);
        }
        throw malformed(text, null);
    }

    private static ProblemException malformed(String text, Exception cause) {
        return new ProblemException(
                "malformed-address",
                "--gateway",
                "'" + text + "' is no HTTP address",
                "give one such as " + DEFAULT,
                cause);
    }
}
