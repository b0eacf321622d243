package dev.assay.gateway;

import io.quarkus.runtime.configuration.MemorySize;
import io.smallrye.config.ConfigMapping;
import io.smallrye.config.WithDefault;
import java.time.Duration;
import java.util.List;

/// What can be set of the gateway. The names begin with `assay.gateway.`.
@ConfigMapping(prefix = "assay.gateway")
public interface GatewayConfiguration {

    /// Tells this gateway from others in events.
    @WithDefault("gateway")
    String name();

    /// Largest body of POST /v1/artifacts.
    @WithDefault("8G")
    MemorySize artifactLimit();

    /// Largest body of every other request.
    @WithDefault("1M")
    MemorySize requestLimit();

    /// Jobs of one capability that may wait; more are refused with 429.
    @WithDefault("10000")
    int queueLimit();

    /// Of those, the jobs that one tenant with a name may have.
    @WithDefault("5000")
    int tenantQueueLimit();

    /// What a refused client is told to wait before it tries again.
    @WithDefault("5s")
    Duration retryAfter();

    /// What the workers of this mesh have: `cuda` among them when some say so in `assay.worker.devices`; jobs that
    /// insist on it are refused otherwise, since nobody would take them.
    @WithDefault("cpu")
    List<String> devices();

    /// Pipelines that this gateway drives at the same time.
    @WithDefault("8")
    int pipelines();

    /// Ends of jobs that this gateway tells at the same time, 1 to 64; a receiver that does not answer takes up one of
    /// them until its delivery is given up.
    @WithDefault("16")
    int callbacks();

    /// Pause after which an event stream without events says that it is alive.
    @WithDefault("15s")
    Duration heartbeat();
}
