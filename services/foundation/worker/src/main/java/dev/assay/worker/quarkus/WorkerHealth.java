package dev.assay.worker.quarkus;

import dev.assay.computation.ProblemException;
import jakarta.inject.Inject;
import jakarta.inject.Singleton;
import org.eclipse.microprofile.health.HealthCheck;
import org.eclipse.microprofile.health.HealthCheckResponse;
import org.eclipse.microprofile.health.Readiness;

/// Ready when jobs are being taken. Redis being away is told and is no reason to be down: it costs time, not
/// answers.
@Readiness
@Singleton
class WorkerHealth implements HealthCheck {

    private final WorkerShell shell;

    @Inject
    WorkerHealth(WorkerShell shell) {
        this.shell = shell;
    }

    @Override
    public HealthCheckResponse call() {
        var response = HealthCheckResponse.named("worker").withData("cache reachable", shell.isCacheReachable());
        try {
            shell.requireReady();
            return response.up().build();
        } catch (ProblemException problem) {
            return response.down().withData("problem", problem.oneLine()).build();
        }
    }
}
