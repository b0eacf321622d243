package dev.assay.gateway.openapi;

import io.smallrye.common.annotation.RunOnVirtualThread;
import jakarta.inject.Inject;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.Produces;
import org.eclipse.microprofile.config.inject.ConfigProperty;

/// GET /openapi.
@Path("/openapi")
public class OpenApiResource {

    private final String version;
    private String document = "";

    @Inject
    OpenApiResource(@ConfigProperty(name = "quarkus.application.version") String version) {
        this.version = version;
    }

    /// Generated on first demand: starting does not wait for it.
    @GET
    @Produces("application/json")
    @RunOnVirtualThread
    public synchronized String document() {
        if (document.isEmpty()) {
            document = OpenApiDocument.generate(version);
        }
        return document;
    }
}
