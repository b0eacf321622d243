package dev.assay.gateway.mesh;

import dev.assay.computation.ProblemException;
import dev.assay.worker.ArtifactStore;
import jakarta.enterprise.inject.Produces;
import jakarta.inject.Inject;
import jakarta.inject.Singleton;
import java.time.Duration;
import org.eclipse.microprofile.health.HealthCheck;
import org.eclipse.microprofile.health.HealthCheckResponse;
import org.eclipse.microprofile.health.Readiness;

/// Whether the gateway can do its work: reach the broker, know every job, store bytes.
@Singleton
class MeshHealth {

    private static final Duration PATIENCE = Duration.ofSeconds(2);

    private final MeshConnection mesh;
    private final ArtifactStore store;

    @Inject
    MeshHealth(MeshConnection mesh, ArtifactStore store) {
        this.mesh = mesh;
        this.store = store;
    }

    @Produces
    @Readiness
    HealthCheck broker() {
        return () -> check("broker", mesh::requireReady);
    }

    @Produces
    @Readiness
    HealthCheck jobs() {
        return () -> check("job states", () -> mesh.states().awaitCaughtUp(PATIENCE));
    }

    @Produces
    @Readiness
    HealthCheck artifacts() {
        return () -> check("artifact folder", store::requireWritable);
    }

    private static HealthCheckResponse check(String name, Runnable requirement) {
        try {
            requirement.run();
            return HealthCheckResponse.up(name);
        } catch (ProblemException problem) {
            return HealthCheckResponse.named(name)
                    .down()
                    .withData("problem", problem.oneLine())
                    .build();
        }
    }
}
