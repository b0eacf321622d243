package dev.assay.gateway.job;

import dev.assay.computation.ProblemException;
import dev.assay.gateway.mesh.MeshConnection;
import dev.assay.gateway.security.CurrentCaller;
import dev.assay.job.v1.Job;
import jakarta.inject.Inject;
import jakarta.inject.Singleton;
import java.time.Duration;

/// The jobs of the caller's tenant. One of another tenant is answered for as one that does not exist.
@Singleton
class OwnJobs {

    private static final Duration FRESHNESS_PATIENCE = Duration.ofSeconds(2);
    private static final Duration PATIENCE = Duration.ofSeconds(10);

    private final CurrentCaller caller;
    private final MeshConnection mesh;

    @Inject
    OwnJobs(CurrentCaller caller, MeshConnection mesh) {
        this.caller = caller;
        this.mesh = mesh;
    }

    /// The job as it is now; while the broker is away, as it was last seen.
    ///
    /// @throws ProblemException `job-not-found`; `mesh-unavailable` for a job that is not known while the broker is
    ///     away
    Job require(String id) {
        if (mesh.states().find(id).filter(job -> !isOwn(job)).isPresent()) {
            mesh.states().awaitCaughtUp(PATIENCE); // as for one that does not exist
            throw notFound(id);
        }
        return mesh.states()
                .findFreshest(id, FRESHNESS_PATIENCE)
                .filter(this::isOwn)
                .orElseThrow(() -> notFound(id));
    }

    /// For those who ask for events, which tell the rest: how the job stands now need not be learnt first.
    ///
    /// @throws ProblemException as {@link #require}
    void requireKnown(String id) {
        if (mesh.states().find(id).filter(this::isOwn).isEmpty()) {
            require(id);
        }
    }

    private boolean isOwn(Job job) {
        return job.getTenant().equals(caller.tenant());
    }

    private static ProblemException notFound(String id) {
        return new ProblemException(
                "job-not-found", id, "there is no job " + id, "GET /v1/jobs lists the jobs there are");
    }
}
