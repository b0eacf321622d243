package dev.assay.local;

import dev.assay.computation.ProblemException;
import java.io.IOException;
import java.util.Iterator;

/// Which service listens where on 127.0.0.1.
record PortPlan(int gateway, int broker, int redis, int loading, int training, int attack) {

    static final int DEFAULT_BASE = 7700;
    private static final int LAST_OFFSET = 13;

    /// The gateway at the base, the broker at +2, Redis at +3, the workers' health from +11.
    ///
    /// @throws ProblemException `invalid-port-base`
    static PortPlan from(int base) {
        if (base < 1024 || base > 65_535 - LAST_OFFSET) {
            throw new ProblemException(
                    "invalid-port-base",
                    "--port-base",
                    "is " + base,
                    "choose a number from 1024 to " + (65_535 - LAST_OFFSET) + "; " + DEFAULT_BASE + " is the default");
        }
        return new PortPlan(base, base + 2, base + 3, base + 11, base + 12, base + LAST_OFFSET);
    }

    /// Ports that are free now, for a mesh that nobody else looks for.
    static PortPlan free() throws IOException {
        Iterator<Integer> port = Ports.free(6).iterator();
        return new PortPlan(port.next(), port.next(), port.next(), port.next(), port.next(), port.next());
    }

    String gatewayUrl() {
        return "http://127.0.0.1:" + gateway;
    }
}
