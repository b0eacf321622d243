package dev.assay.gateway.submission;

import com.google.protobuf.Message;
import dev.assay.computation.ProblemException;
import dev.assay.contract.Tenant;
import dev.assay.gateway.GatewayConfiguration;
import dev.assay.gateway.mesh.MeshConnection;
import dev.assay.job.v1.Job;
import dev.assay.worker.WorkQueue;
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

    /// @throws ProblemException `device-unavailable` when no worker of this mesh takes such jobs: nobody should wait
    /// for
    ///     ever
    void requireDevice(Message request) {
        String device = WorkQueue.deviceOf(request);
        if (!device.isEmpty() && !configuration.devices().contains(device)) {
            throw new ProblemException(
                    "device-unavailable",
                    "device",
                    "no worker of this mesh takes jobs that insist on " + device,
                    "ask for auto or cpu; or start workers with assay.worker.devices=" + device
                            + " and tell the gateway: assay.gateway.devices=cpu," + device);
        }
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
