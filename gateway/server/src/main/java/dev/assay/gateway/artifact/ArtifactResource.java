package dev.assay.gateway.artifact;

import static java.util.Optional.ofNullable;

import dev.assay.artifact.v1.Artifact;
import dev.assay.computation.ProblemException;
import dev.assay.contract.Json;
import dev.assay.gateway.GatewayConfiguration;
import dev.assay.gateway.http.BrowserSafety;
import dev.assay.gateway.http.ExpectedDigest;
import dev.assay.gateway.http.LimitedBody;
import dev.assay.gateway.http.StoredFile;
import dev.assay.gateway.security.CurrentCaller;
import dev.assay.worker.ArtifactStore;
import io.smallrye.common.annotation.RunOnVirtualThread;
import jakarta.inject.Inject;
import jakarta.ws.rs.Consumes;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.HEAD;
import jakarta.ws.rs.HeaderParam;
import jakarta.ws.rs.POST;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.PathParam;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.QueryParam;
import jakarta.ws.rs.core.HttpHeaders;
import jakarta.ws.rs.core.MediaType;
import jakarta.ws.rs.core.Response;
import java.io.InputStream;
import java.net.URI;
import java.util.Optional;
import java.util.regex.Pattern;

/// Bytes in and bytes out, by their SHA-256.
@Path("/v1/artifacts")
public class ArtifactResource {

    private static final String PATH = "/v1/artifacts";
    private static final Pattern DIGEST = Pattern.compile("sha256:[0-9a-f]{64}");
    private static final int LONGEST_MEDIA_TYPE = 200;

    /// What curl says of any body when nobody tells it better.
    private static final String FORM = "application/x-www-form-urlencoded";

    private final CurrentCaller caller;
    private final ArtifactStore store;
    private final FreeSpace space;
    private final long limit;

    @Inject
    ArtifactResource(CurrentCaller caller, ArtifactStore store, FreeSpace space, GatewayConfiguration configuration) {
        this.caller = caller;
        this.store = store;
        this.space = space;
        this.limit = configuration.artifactLimit().asLongValue();
    }

    @POST
    @Consumes(MediaType.WILDCARD)
    @Produces(MediaType.APPLICATION_JSON)
    @RunOnVirtualThread
    public Response store(
            InputStream body,
            @QueryParam("sha256") String query,
            @HeaderParam("X-Assay-Sha256") String header,
            @HeaderParam("Content-Digest") String contentDigest,
            @HeaderParam("Digest") String digest,
            @HeaderParam(HttpHeaders.CONTENT_TYPE) String contentType,
            @HeaderParam(HttpHeaders.CONTENT_LENGTH) Long announced) {
        Optional<String> expected =
                ExpectedDigest.of(ofNullable(query), ofNullable(header), ofNullable(contentDigest), ofNullable(digest));
        LimitedBody content = LimitedBody.of(
                body,
                PATH,
                "assay.gateway.artifact-limit",
                limit,
                ofNullable(announced).orElse(-1L));
        space.requireRoomFor(Math.max(0, ofNullable(announced).orElse(0L)));
        ArtifactStore own = own();
        boolean known = expected.flatMap(own::size).isPresent();
        String mediaType = mediaType(ofNullable(contentType));
        Artifact artifact = expected.isPresent()
                ? own.putExpecting(expected.get(), content, mediaType, limit)
                : own.put(content, mediaType, limit);
        return Response.status(known ? Response.Status.OK : Response.Status.CREATED)
                .location(URI.create(PATH + "/" + artifact.getDigest()))
                .entity(Json.print(artifact))
                .build();
    }

    @HEAD
    @Path("/{digest}")
    @RunOnVirtualThread
    public Response size(@PathParam("digest") String digest) {
        return StoredFile.head(requireKnown(digest), digest);
    }

    @GET
    @Path("/{digest}")
    @RunOnVirtualThread
    public Response read(@PathParam("digest") String digest, @HeaderParam("Range") String range) {
        requireKnown(digest);
        return StoredFile.answer(
                own().verified(digest),
                digest,
                MediaType.APPLICATION_OCTET_STREAM,
                BrowserSafety.BYTES,
                ofNullable(range));
    }

    private ArtifactStore own() {
        return store.of(caller.tenant());
    }

    private long requireKnown(String digest) {
        return Optional.of(digest)
                .filter(text -> DIGEST.matcher(text).matches())
                .flatMap(own()::size)
                .orElseThrow(() -> new ProblemException(
                        "not-found",
                        "digest",
                        "there is no artifact " + digest,
                        "store it first by POST " + PATH + "; digests look like sha256: and 64 hex digits"));
    }

    private static String mediaType(Optional<String> contentType) {
        return contentType
                .filter(type -> type.length() <= LONGEST_MEDIA_TYPE && !type.startsWith(FORM))
                .orElse(MediaType.APPLICATION_OCTET_STREAM);
    }
}
