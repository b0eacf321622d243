package dev.assay.gateway.security;

import dev.assay.contract.AccessKey;
import dev.assay.contract.Scope;
import dev.assay.contract.Tenant;
import java.util.EnumSet;
import java.util.Set;

/// Who makes a request.
///
/// @param name of the key
/// @param label how logs name the caller, such as `alice@acme`
/// @param tenant whose work the caller sees; empty: that of the tenant without a name
public record Caller(String name, String label, String tenant, Set<Scope> scopes) {

    /// Whoever calls where no key is asked for.
    static final Caller ANYBODY = new Caller("anybody", "anybody", Tenant.NAMELESS, EnumSet.allOf(Scope.class));

    public Caller {
        scopes = Set.copyOf(scopes);
    }

    static Caller of(AccessKey key) {
        return new Caller(key.name(), key.label(), key.tenant(), key.scopes());
    }
}
