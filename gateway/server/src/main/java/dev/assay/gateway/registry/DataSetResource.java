package dev.assay.gateway.registry;

import dev.assay.artifact.v1.DataSet;
import dev.assay.artifact.v1.DataSetRegistration;
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

/// Names of data sets. A data set is opened before it gets a name: what is none is refused here.
@Path("/v1/datasets")
@Produces(MediaType.APPLICATION_JSON)
public class DataSetResource {

    private final ArtifactNames names;
    private final GatewayConfiguration configuration;

    @Inject
    DataSetResource(ArtifactNames names, GatewayConfiguration configuration) {
        this.names = names;
        this.configuration = configuration;
    }

    @GET
    @RunOnVirtualThread
    public String list() {
        return RegistrationReader.list("datasets", names.registrations().dataSets());
    }

    @GET
    @Path("/{name}")
    @RunOnVirtualThread
    public String card(@PathParam("name") String name) {
        return Json.print(names.requireDataSet(name));
    }

    @PUT
    @Path("/{name}")
    @Consumes(MediaType.APPLICATION_JSON)
    @RunOnVirtualThread
    public String register(
            @PathParam("name") String name, InputStream body, @HeaderParam(HttpHeaders.CONTENT_LENGTH) Long announced)
            throws IOException {
        RegistrationReader.requireName(name);
        DataSetRegistration registration = RegistrationReader.registration(
                DataSetRegistration.class, DataSetRegistration.newBuilder(), body, announced, configuration);
        names.requireArtifact("artifact", registration.getArtifact());
        DataSet described = DataSetDescription.of(registration, names.store().verified(registration.getArtifact()));
        return Json.print(names.registrations().register(name, described));
    }
}
