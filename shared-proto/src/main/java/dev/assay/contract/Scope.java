package dev.assay.contract;

import dev.assay.computation.ProblemException;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.Locale;
import java.util.Set;
import java.util.stream.Collectors;

/// What the owner of a key may do at the gateway. No scope includes another.
public enum Scope {
    /// Look at jobs, events, results, artifacts and names.
    READ,
    /// Upload, submit, cancel, put back.
    SUBMIT,
    /// Give names to models and data sets.
    REGISTER,
    /// Read metrics.
    ADMIN;

    /// As it is written in keys and problems, such as `read`.
    public String text() {
        return name().toLowerCase(Locale.ROOT);
    }

    /// @param list such as `read,submit`
    /// @throws ProblemException `malformed-key` for an empty list or a scope that is none
    public static Set<Scope> parse(String list) {
        Set<Scope> scopes = EnumSet.noneOf(Scope.class);
        for (String text : list.split(",", -1)) {
            scopes.add(Arrays.stream(values())
                    .filter(scope -> scope.text().equals(text))
                    .findFirst()
                    .orElseThrow(() -> new ProblemException(
                            "malformed-key",
                            "scopes",
                            "there is no scope '" + text + "'",
                            "list one or more of " + textOf(EnumSet.allOf(Scope.class)) + ", separated by commas")));
        }
        return scopes;
    }

    /// In the order above, such as `read,submit`.
    public static String textOf(Set<Scope> scopes) {
        return scopes.stream().sorted().map(Scope::text).collect(Collectors.joining(","));
    }
}
