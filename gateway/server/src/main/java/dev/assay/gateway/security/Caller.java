package dev.assay.gateway.security;

import dev.assay.contract.AccessKey;
import dev.assay.contract.Scope;
import java.util.Set;

/// Who makes a request.
///
/// @param name of its key
record Caller(String name, Set<Scope> scopes) {

    Caller {
        scopes = Set.copyOf(scopes);
    }

    static Caller of(AccessKey key) {
        return new Caller(key.name(), key.scopes());
    }
}
