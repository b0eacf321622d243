package dev.assay.gateway.job;

import static java.util.Optional.ofNullable;

import com.google.gson.JsonArray;
import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import com.google.protobuf.Message;
import dev.assay.artifact.v1.Artifact;
import dev.assay.computation.ProblemException;
import dev.assay.contract.Json;
import dev.assay.contract.Operation;
import dev.assay.contract.Operations;
import dev.assay.gateway.GatewayConfiguration;
import dev.assay.gateway.event.EventStream;
import dev.assay.gateway.http.BrowserSafety;
import dev.assay.gateway.http.StoredFile;
import dev.assay.gateway.mesh.MeshConnection;
import dev.assay.gateway.problem.ProblemResponse;
import dev.assay.gateway.security.CurrentCaller;
import dev.assay.job.v1.Job;
import dev.assay.worker.ArtifactStore;
import dev.assay.worker.JobLife;
import dev.assay.worker.JobStates;
import io.smallrye.common.annotation.Blocking;
import io.smallrye.common.annotation.RunOnVirtualThread;
import io.smallrye.mutiny.Multi;
import jakarta.inject.Inject;
import jakarta.ws.rs.DefaultValue;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.HeaderParam;
import jakarta.ws.rs.POST;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.PathParam;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.QueryParam;
import jakarta.ws.rs.core.Context;
import jakarta.ws.rs.core.MediaType;
import jakarta.ws.rs.core.Response;
import jakarta.ws.rs.sse.OutboundSseEvent;
import jakarta.ws.rs.sse.Sse;
import java.util.Optional;

/// Jobs: list, look, follow, read what they made, cancel.
@Path("/v1/jobs")
public class JobResource {

    private final CurrentCaller caller;
    private final OwnJobs jobs;
    private final MeshConnection mesh;
    private final ArtifactStore store;
    private final GatewayConfiguration configuration;

    @Inject
    JobResource(
            CurrentCaller caller,
            OwnJobs jobs,
            MeshConnection mesh,
            ArtifactStore store,
            GatewayConfiguration configuration) {
        this.caller = caller;
        this.jobs = jobs;
        this.mesh = mesh;
        this.store = store;
        this.configuration = configuration;
    }

    @GET
    @Produces(MediaType.APPLICATION_JSON)
    @RunOnVirtualThread
    public String list(
            @QueryParam("capability") String capability,
            @QueryParam("operation") String operation,
            @QueryParam("state") String state,
            @QueryParam("limit") String limit,
            @QueryParam("cursor") String cursor) {
        JobQuery query = JobQuery.of(
                caller.tenant(),
                ofNullable(capability),
                ofNullable(operation),
                ofNullable(state),
                ofNullable(limit),
                ofNullable(cursor));
        JobStates.Page page = query.run(mesh.states());
        JsonArray shown = new JsonArray();
        page.jobs().forEach(job -> shown.add(JsonParser.parseString(Json.printCompact(job))));
        JsonObject body = new JsonObject();
        body.add("jobs", shown);
        if (!page.next().isEmpty()) {
            body.addProperty("nextCursor", page.next());
        }
        return body.toString();
    }

    @GET
    @Path("/{id}")
    @Produces(MediaType.APPLICATION_JSON)
    @RunOnVirtualThread
    public String job(@PathParam("id") String id) {
        return Json.print(jobs.require(id));
    }

    @GET
    @Path("/{id}/events")
    @Produces(MediaType.APPLICATION_JSON)
    @RunOnVirtualThread
    public String eventsSoFar(@PathParam("id") String id, @HeaderParam("Last-Event-ID") String lastEventId) {
        jobs.requireKnown(id);
        JsonArray list = new JsonArray();
        mesh.events()
                .history(id, position(lastEventId))
                .forEach(entry -> list.add(JsonParser.parseString(Json.printCompact(entry.event()))));
        JsonObject body = new JsonObject();
        body.add("events", list);
        return body.toString();
    }

    @GET
    @Path("/{id}/events")
    @Produces(MediaType.SERVER_SENT_EVENTS)
    @Blocking
    public Multi<OutboundSseEvent> follow(
            @PathParam("id") String id, @HeaderParam("Last-Event-ID") String lastEventId, @Context Sse sse) {
        jobs.requireKnown(id);
        return new EventStream(mesh.events(), id, () -> mesh.states().find(id), configuration.heartbeat(), sse)
                .after(position(lastEventId));
    }

    @GET
    @Path("/{id}/result")
    @Produces(MediaType.APPLICATION_JSON)
    @RunOnVirtualThread
    public Response result(@PathParam("id") String id) {
        Job job = jobs.require(id);
        return switch (job.getState()) {
            case SUCCEEDED -> Response.ok(Json.print(unpacked(job))).build();
            case FAILED -> ProblemResponse.builder(job.getProblem()).build();
            case CANCELLED ->
                throw new ProblemException(
                        "job-cancelled",
                        id,
                        "job " + id + " was cancelled and has no result",
                        "submit it again; what it finished is listed in its artifacts");
            case QUEUED, RUNNING, STATE_UNSPECIFIED, UNRECOGNIZED ->
                throw new ProblemException(
                        "job-not-finished",
                        id,
                        "job " + id + " is " + job.getState(),
                        "follow /v1/jobs/" + id + "/events and ask again when it has succeeded");
        };
    }

    @GET
    @Path("/{id}/report")
    @RunOnVirtualThread
    public Response report(@PathParam("id") String id) {
        return file(jobs.require(id), "report.html", Optional.empty());
    }

    @GET
    @Path("/{id}/artifacts/{name}")
    @RunOnVirtualThread
    public Response artifact(
            @PathParam("id") String id, @PathParam("name") String name, @HeaderParam("Range") String range) {
        return file(jobs.require(id), name, ofNullable(range));
    }

    @POST
    @Path("/{id}/cancel")
    @Produces(MediaType.APPLICATION_JSON)
    @RunOnVirtualThread
    public Response cancel(
            @PathParam("id") String id, @QueryParam("reason") @DefaultValue("asked for over HTTP") String reason) {
        Job job = jobs.require(id);
        if (JobLife.isFinal(job.getState())) {
            throw new ProblemException(
                    "job-already-final",
                    id,
                    "job " + id + " is " + job.getState() + " already",
                    "only a job that waits or runs can be cancelled");
        }
        return Response.accepted(Json.print(mesh.control().cancel(id, reason))).build();
    }

    @POST
    @Path("/{id}/retry")
    @Produces(MediaType.APPLICATION_JSON)
    @RunOnVirtualThread
    public Response retry(
            @PathParam("id") String id, @QueryParam("reason") @DefaultValue("asked for over HTTP") String reason) {
        Job job = jobs.require(id);
        return Response.accepted(Json.print(mesh.control().retry(job.getId(), reason)))
                .build();
    }

    private Response file(Job job, String name, Optional<String> range) {
        Artifact artifact = job.getArtifactsMap().get(name);
        if (artifact == null) {
            throw new ProblemException(
                    "not-found",
                    name,
                    "job " + job.getId() + ", which is " + job.getState() + ", has no file '" + name + "'",
                    job.getArtifactsCount() == 0
                            ? "files are there when a job is final"
                            : "its files are "
                                    + String.join(", ", job.getArtifactsMap().keySet()));
        }
        String policy = artifact.getMediaType().startsWith("text/html") ? BrowserSafety.REPORT : BrowserSafety.BYTES;
        return StoredFile.answer(
                store.of(job.getTenant()).verified(artifact.getDigest()),
                artifact.getDigest(),
                artifact.getMediaType(),
                policy,
                range);
    }

    private static Message unpacked(Job job) {
        Operation operation = Operations.find(job.getCapability(), job.getOperation())
                .orElseThrow(() -> new ProblemException(
                        "unknown-operation",
                        job.getId(),
                        "the result was made by " + job.getCapability() + " " + job.getOperation()
                                + ", which this version does not know",
                        "read it with the version that made it"));
        return operation.resultFrom(job.getResult());
    }

    /// Offset of the last event that the client has seen; -1 when it has seen none.
    private static long position(String lastEventId) {
        if (lastEventId == null || lastEventId.isBlank()) {
            return -1;
        }
        if (!lastEventId.matches("\\d{1,18}")) {
            throw new ProblemException(
                    "malformed-field",
                    "Last-Event-ID",
                    "'" + lastEventId + "' is not the id of an event",
                    "send the id of the last event received, or nothing to begin at the start");
        }
        return Long.parseLong(lastEventId);
    }
}
