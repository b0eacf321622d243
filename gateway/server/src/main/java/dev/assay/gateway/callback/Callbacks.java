package dev.assay.gateway.callback;

import dev.assay.computation.ProblemException;
import dev.assay.worker.OutboundHosts;
import dev.assay.worker.SecretSettings;
import jakarta.inject.Inject;
import jakarta.inject.Singleton;
import java.net.InetAddress;
import java.net.URI;
import java.util.List;
import java.util.Optional;

/// Whether an address may be told of the end of a job, and with which signature.
@Singleton
public class Callbacks {

    /// The header of a submission that names the address.
    public static final String HEADER = "Assay-Callback";

    private static final int LONGEST_ADDRESS = 2_000;

    private final OutboundHosts hosts;
    private final Optional<SigningKeys> keys;

    /// @throws ProblemException for settings that cannot be used: the gateway does not start
    @Inject
    Callbacks(CallbackSettings settings, OutboundSettings outbound) {
        this(
                OutboundHosts.of(outbound.allowedHosts().orElse(List.of())),
                SecretSettings.value("assay.callbacks.secret", settings.secret(), settings.secretFile())
                        .map(SigningKeys::of));
    }

    Callbacks(OutboundHosts hosts, Optional<SigningKeys> keys) {
        this.hosts = hosts;
        this.keys = keys;
    }

    /// Whether anybody can be called.
    public boolean isOn() {
        return keys.isPresent();
    }

    /// Refuses an address that could never be called.
    ///
    /// @param address as it stands in the header
    /// @throws ProblemException naming the header: `malformed-field`, `host-not-allowed`, `host-unknown`,
    ///     `callbacks-off`
    public void require(String address) {
        try {
            keys();
            addresses(address);
        } catch (ProblemException problem) {
            throw new ProblemException(problem.type(), HEADER, problem.detail(), problem.remedy(), problem);
        }
    }

    /// Where an address may be called at this moment.
    ///
    /// @throws ProblemException `malformed-field`, `host-not-allowed`, `host-unknown`
    List<InetAddress> addresses(String address) {
        return hosts.allowed(uri(address));
    }

    /// @throws ProblemException `callbacks-off`
    SigningKeys keys() {
        return keys.orElseThrow(() -> new ProblemException(
                "callbacks-off",
                HEADER,
                "this mesh tells nobody of the end of a job: it has no secret to sign with",
                "let the operator set assay.callbacks.secret-file, or follow the job's events instead"));
    }

    /// @throws ProblemException `malformed-field`
    static URI uri(String address) {
        try {
            if (address.length() > LONGEST_ADDRESS) {
                throw malformed("it has " + address.length() + " characters", null);
            }
            URI uri = URI.create(address);
            if (uri.getPort() == 0 || uri.getPort() > 65_535) {
                throw malformed("there is no port " + uri.getPort(), null);
            }
            return uri;
        } catch (IllegalArgumentException noUri) {
            throw malformed(noUri.getMessage(), noUri);
        }
    }

    private static ProblemException malformed(String why, Throwable cause) {
        return new ProblemException(
                "malformed-field",
                HEADER,
                "the address to call cannot be read: " + why,
                "write one like https://hooks.example.org/assay, at most " + LONGEST_ADDRESS + " characters",
                cause);
    }
}
