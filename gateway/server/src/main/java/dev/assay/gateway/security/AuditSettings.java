package dev.assay.gateway.security;

import io.smallrye.config.ConfigMapping;
import java.util.Optional;

/// The audit. The names begin with `assay.audit.`.
@ConfigMapping(prefix = "assay.audit")
public interface AuditSettings {

    /// Whether there is an audit; unset: where keys are asked for.
    Optional<Boolean> enabled();
}
