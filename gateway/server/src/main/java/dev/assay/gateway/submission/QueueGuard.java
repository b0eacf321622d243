package dev.assay.gateway.submission;

import dev.assay.gateway.GatewayConfiguration;
import dev.assay.gateway.mesh.MeshConnection;
import dev.assay.job.v1.Job;
import jakarta.inject.Inject;
import jakarta.inject.Singleton;

/// Lets the front door feel how full the house is.
@Singleton
class QueueGuard {

    private final MeshConnection mesh;
    private final GatewayConfiguration configuration;

    @Inject
    QueueGuard(MeshConnection mesh, GatewayConfiguration configuration) {
        this.mesh = mesh;
        this.configuration = configuration;
    }

    /// @throws TooManyJobsException when as many jobs of the capability wait as may
    void requireRoom(String capability) {
        int waiting = mesh.active().count(capability, Job.State.QUEUED);
        if (waiting >= configuration.queueLimit()) {
            throw new TooManyJobsException(capability, waiting, configuration.queueLimit(), configuration.retryAfter());
        }
    }
}
