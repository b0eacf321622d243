package dev.assay.gateway.security;

import io.smallrye.config.ConfigMapping;
import io.smallrye.config.WithDefault;
import java.net.URI;
import java.util.Optional;

/// Whose tokens are taken beside keys. The names begin with `assay.security.oidc.`.
@ConfigMapping(prefix = "assay.security.oidc")
public interface OidcSettings {

    /// As in the tokens' claim `iss`; unset: no tokens are taken.
    Optional<URI> issuer();

    /// What the tokens' claim `aud` must name; needed with an issuer.
    Optional<String> audience();

    /// Where the issuer's keys are; unset: where its discovery document says, which must be at the issuer's own host.
    Optional<URI> keys();

    /// The claim that holds the scopes, separated by spaces or as a list; scopes that are none here count nothing.
    @WithDefault("scope")
    String scopeClaim();

    /// What comes before the names of our scopes in that claim, such as `assay:` of `assay:read`.
    Optional<String> scopePrefix();

    /// The claim that holds the tenant; a token without it is of the tenant without a name.
    @WithDefault("assay_tenant")
    String tenantClaim();

    /// The claim that holds the caller's name for logs and the audit.
    @WithDefault("sub")
    String nameClaim();
}
