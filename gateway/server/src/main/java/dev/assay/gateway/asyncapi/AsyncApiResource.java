package dev.assay.gateway.asyncapi;

import io.smallrye.common.annotation.RunOnVirtualThread;
import jakarta.inject.Inject;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.Produces;
import org.eclipse.microprofile.config.inject.ConfigProperty;

/// GET /asyncapi.
@Path("/asyncapi")
public class AsyncApiResource {

    private final String version;
    private String document = "";

    @Inject
    AsyncApiResource(@ConfigProperty(name = "quarkus.application.version") String version) {
        this.version = version;
    }

    /// Generated on first demand: starting does not wait for it.
    @GET
    @Produces("application/json")
    @RunOnVirtualThread
    public synchronized String document() {
        if (document.isEmpty()) {
            document = AsyncApiDocument.generate(version);
        }
        return document;
    }
}
