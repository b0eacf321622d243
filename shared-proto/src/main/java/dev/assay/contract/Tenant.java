package dev.assay.contract;

import dev.assay.computation.ProblemException;
import java.util.regex.Pattern;

/// The names of tenants. A tenant is somebody whose work nobody else sees; where nobody tells tenants apart, all is the
/// work of the one without a name.
public final class Tenant {

    /// The tenant without a name.
    public static final String NAMELESS = "";

    /// What a name must be, for messages.
    public static final String FORM = "1 to 63 lower-case letters, digits and '-', a letter or digit first";

    private static final Pattern NAME = Pattern.compile("[a-z0-9][a-z0-9-]{0,62}");

    private Tenant() {}

    /// @return the name
    /// @throws ProblemException `malformed-field` naming `tenant`
    public static String requireName(String name) {
        if (!isName(name)) {
            throw new ProblemException(
                    "malformed-field", "tenant", "'" + name + "' cannot be the name of a tenant", "use " + FORM);
        }
        return name;
    }

    /// Whether this can be the name of a tenant; the empty one of the tenant without a name can.
    public static boolean isName(String name) {
        return name.equals(NAMELESS) || NAME.matcher(name).matches();
    }
}
