package dev.assay.gateway.submission;

import dev.assay.contract.Tenant;
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

    /// @param tenant that wants to add one; the one without a name has no limit of its own
    /// @throws TooManyJobsException when as many jobs of the capability wait as may, in all or of this tenant
    void requireRoom(String tenant, String capability) {
        int own = mesh.active().count(tenant, capability, Job.State.QUEUED);
        if (!tenant.equals(Tenant.NAMELESS) && own >= configuration.tenantQueueLimit()) {
            throw TooManyJobsException.ofTenant(
                    capability, configuration.tenantQueueLimit(), configuration.retryAfter());
        }
        if (mesh.active().count(capability, Job.State.QUEUED) >= configuration.queueLimit()) {
            throw TooManyJobsException.ofAll(capability, configuration.queueLimit(), configuration.retryAfter());
        }
    }
}
