package dev.assay.gateway.callback;

import io.smallrye.config.ConfigMapping;
import java.util.List;
import java.util.Optional;

/// Whom the mesh may call by itself. The names begin with `assay.outbound.`.
@ConfigMapping(prefix = "assay.outbound")
public interface OutboundSettings {

    /// Names and addresses, separated by commas; none: nobody.
    Optional<List<String>> allowedHosts();
}
