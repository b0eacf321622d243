package dev.assay.cli.mesh;

import dev.assay.computation.ProblemException;
import java.net.ConnectException;
import java.net.URI;
import java.net.http.HttpConnectTimeoutException;

/// No gateway answers at an address.
public final class UnreachableException extends ProblemException {

    private static final long serialVersionUID = 1;

    UnreachableException(URI gateway, Throwable cause) {
        super(
                "gateway-unreachable",
                "",
                "no gateway answers at " + gateway,
                "start the mesh with: ./assay up, or name another one with --gateway",
                cause);
    }

    /// Whether something answered at first, so that the gateway may have done what it was asked to.
    public boolean isBrokenOff() {
        return !(getCause() instanceof ConnectException) && !(getCause() instanceof HttpConnectTimeoutException);
    }
}
