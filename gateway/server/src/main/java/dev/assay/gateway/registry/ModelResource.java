package dev.assay.gateway.registry;

import dev.assay.artifact.v1.ModelRegistration;
import dev.assay.contract.Json;
import dev.assay.gateway.GatewayConfiguration;
import io.smallrye.common.annotation.RunOnVirtualThread;
import jakarta.inject.Inject;
import jakarta.ws.rs.Consumes;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.HeaderParam;
import jakarta.ws.rs.PUT;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.PathParam;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.core.HttpHeaders;
import jakarta.ws.rs.core.MediaType;
import java.io.IOException;
import java.io.InputStream;

/// Names of models. A model is opened before it gets a name: what is none is refused here.
@Path("/v1/models")
@Produces(MediaType.APPLICATION_JSON)
public class ModelResource {

    private final ArtifactNames names;
    private final GatewayConfiguration configuration;

    @Inject
    ModelResource(ArtifactNames names, GatewayConfiguration configuration) {
        this.names = names;
        this.configuration = configuration;
    }

    @GET
    @RunOnVirtualThread
    public String list() {
        return RegistrationReader.list("models", names.registrations().models());
    }

    @GET
    @Path("/{name}")
    @RunOnVirtualThread
    public String card(@PathParam("name") String name) {
        return Json.print(names.requireModel(name));
    }

    @PUT
    @Path("/{name}")
    @Consumes(MediaType.APPLICATION_JSON)
    @RunOnVirtualThread
    public String register(
            @PathParam("name") String name, InputStream body, @HeaderParam(HttpHeaders.CONTENT_LENGTH) Long announced)
            throws IOException {
        RegistrationReader.requireName(name);
        ModelRegistration registration = RegistrationReader.registration(
                ModelRegistration.class, ModelRegistration.newBuilder(), body, announced, configuration);
        names.requireArtifact("artifact", registration.getArtifact());
        ModelSignature signature = ModelSignature.of(names.store().verified(registration.getArtifact()), "artifact");
        return Json.print(names.registrations().register(name, registration, signature.inputs(), signature.outputs()));
    }
}
