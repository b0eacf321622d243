package dev.assay.gateway.mesh;

import dev.assay.worker.ArtifactStore;
import dev.assay.worker.FileArtifactStore;
import dev.assay.worker.KafkaConnection;
import jakarta.enterprise.context.Dependent;
import jakarta.enterprise.inject.Produces;
import jakarta.inject.Singleton;
import java.nio.file.Path;
import org.eclipse.microprofile.config.Config;
import org.eclipse.microprofile.config.inject.ConfigProperty;

/// Where the gateway's parts of the mesh are, by configuration.
@Dependent
class MeshParts {

    @Produces
    @Singleton
    KafkaConnection kafka(
            @ConfigProperty(name = "assay.kafka.bootstrap-servers") String servers, Config configuration) {
        return KafkaConnection.to(servers, name -> configuration.getOptionalValue(name, String.class));
    }

    @Produces
    @Singleton
    ArtifactStore artifacts(@ConfigProperty(name = "assay.artifacts.folder") Path folder) {
        return new FileArtifactStore(folder);
    }
}
