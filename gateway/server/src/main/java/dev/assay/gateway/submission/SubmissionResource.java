package dev.assay.gateway.submission;

import static java.util.Optional.ofNullable;

import com.google.protobuf.Message;
import dev.assay.contract.Json;
import dev.assay.contract.Operation;
import dev.assay.contract.Operations;
import dev.assay.contract.References;
import dev.assay.gateway.GatewayConfiguration;
import dev.assay.gateway.artifact.FreeSpace;
import dev.assay.gateway.callback.Callbacks;
import dev.assay.gateway.http.LimitedBody;
import dev.assay.gateway.mesh.MeshConnection;
import dev.assay.gateway.pipeline.PipelinePlan;
import dev.assay.gateway.registry.ArtifactNames;
import dev.assay.gateway.security.CurrentCaller;
import dev.assay.job.v1.Job;
import dev.assay.pipeline.v1.RunRequest;
import dev.assay.worker.JobSubmitter;
import dev.assay.worker.Terms;
import io.smallrye.common.annotation.RunOnVirtualThread;
import jakarta.inject.Inject;
import jakarta.ws.rs.Consumes;
import jakarta.ws.rs.HeaderParam;
import jakarta.ws.rs.POST;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.PathParam;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.core.Context;
import jakarta.ws.rs.core.HttpHeaders;
import jakarta.ws.rs.core.MediaType;
import jakarta.ws.rs.core.Response;
import java.io.IOException;
import java.io.InputStream;
import java.net.URI;

/// Takes requests to any capability and makes jobs of them.
@Path("/v1/{capability}/{operation}")
public class SubmissionResource {

    private final CurrentCaller caller;
    private final Callbacks callbacks;
    private final MeshConnection mesh;
    private final ArtifactNames names;
    private final QueueGuard guard;
    private final FreeSpace space;
    private final GatewayConfiguration configuration;

    @Inject
    SubmissionResource(
            CurrentCaller caller,
            Callbacks callbacks,
            MeshConnection mesh,
            ArtifactNames names,
            QueueGuard guard,
            FreeSpace space,
            GatewayConfiguration configuration) {
        this.caller = caller;
        this.callbacks = callbacks;
        this.mesh = mesh;
        this.names = names;
        this.guard = guard;
        this.space = space;
        this.configuration = configuration;
    }

    @POST
    @Consumes({MediaType.APPLICATION_JSON, RequestReader.PROTOBUF, RequestReader.OLD_PROTOBUF})
    @Produces(MediaType.APPLICATION_JSON)
    @RunOnVirtualThread
    public Response submit(
            @PathParam("capability") String capability,
            @PathParam("operation") String name,
            @Context HttpHeaders headers,
            @HeaderParam(HttpHeaders.CONTENT_LENGTH) Long announced,
            InputStream body)
            throws IOException {
        Operation operation = Operations.named(capability, name);
        LimitedBody limited = LimitedBody.of(
                body,
                "",
                "assay.gateway.request-limit",
                configuration.requestLimit().asLongValue(),
                ofNullable(announced).orElse(-1L));
        SubmissionHeaders said = new SubmissionHeaders(headers);
        Terms terms = said.terms(caller.tenant());
        if (!terms.callback().isEmpty()) {
            callbacks.require(terms.callback());
        }
        Message request = RequestReader.request(operation, said.contentType(), limited);
        References.in(request).forEach(names::require);
        if (request instanceof RunRequest pipeline) {
            PipelinePlan.of(pipeline).knownRequests().forEach(guard::requireDevice);
        }
        guard.requireDevice(request);
        guard.requireRoom(terms.tenant(), capability);
        space.requireRoomFor(0);
        JobSubmitter submitter = mesh.submitter();
        Job job = said.idempotencyKey()
                .map(key -> submitter.submit(request, key, terms))
                .orElseGet(() -> submitter.submit(request, terms));
        return Response.accepted(Json.print(job))
                .location(URI.create("/v1/jobs/" + job.getId()))
                .build();
    }
}
