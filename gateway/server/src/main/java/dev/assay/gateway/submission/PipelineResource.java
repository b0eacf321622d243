package dev.assay.gateway.submission;

import io.smallrye.common.annotation.RunOnVirtualThread;
import jakarta.inject.Inject;
import jakarta.ws.rs.Consumes;
import jakarta.ws.rs.HeaderParam;
import jakarta.ws.rs.POST;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.core.Context;
import jakarta.ws.rs.core.HttpHeaders;
import jakarta.ws.rs.core.MediaType;
import jakarta.ws.rs.core.Response;
import java.io.IOException;
import java.io.InputStream;

/// The short address of `/v1/pipeline/run`.
@Path("/v1/pipelines")
public class PipelineResource {

    private final SubmissionResource submissions;

    @Inject
    PipelineResource(SubmissionResource submissions) {
        this.submissions = submissions;
    }

    @POST
    @Consumes({MediaType.APPLICATION_JSON, RequestReader.PROTOBUF, RequestReader.OLD_PROTOBUF})
    @Produces(MediaType.APPLICATION_JSON)
    @RunOnVirtualThread
    public Response submit(
            @Context HttpHeaders headers, @HeaderParam(HttpHeaders.CONTENT_LENGTH) Long announced, InputStream body)
            throws IOException {
        return submissions.submit("pipeline", "run", headers, announced, body);
    }
}
