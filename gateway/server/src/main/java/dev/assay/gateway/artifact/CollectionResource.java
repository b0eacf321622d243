package dev.assay.gateway.artifact;

import static java.util.Optional.ofNullable;

import com.google.gson.JsonArray;
import com.google.gson.JsonObject;
import dev.assay.computation.ProblemException;
import dev.assay.gateway.mesh.MeshConnection;
import dev.assay.gateway.security.CurrentCaller;
import dev.assay.worker.ArtifactCollector;
import dev.assay.worker.ArtifactCollector.Mode;
import dev.assay.worker.ArtifactCollector.Outcome;
import dev.assay.worker.ArtifactStore;
import io.smallrye.common.annotation.RunOnVirtualThread;
import jakarta.inject.Inject;
import jakarta.ws.rs.POST;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.QueryParam;
import jakarta.ws.rs.core.MediaType;
import java.time.Clock;
import java.time.Duration;
import java.time.format.DateTimeParseException;
import java.util.Optional;

/// Removes the caller's artifacts that nothing names any more, or tells which these are.
@Path("/v1/artifacts/collect")
public class CollectionResource {

    private static final Duration USUAL_AGE = Duration.ofDays(7);
    private static final int LONGEST_LIST = 1_000;

    private final CurrentCaller caller;
    private final ArtifactStore store;
    private final MeshConnection mesh;

    @Inject
    CollectionResource(CurrentCaller caller, ArtifactStore store, MeshConnection mesh) {
        this.caller = caller;
        this.store = store;
        this.mesh = mesh;
    }

    @POST
    @Produces(MediaType.APPLICATION_JSON)
    @RunOnVirtualThread
    public String collect(@QueryParam("olderThan") String olderThan, @QueryParam("dryRun") String dryRun) {
        Duration age = ofNullable(olderThan).map(CollectionResource::age).orElse(USUAL_AGE);
        Mode mode = mode(ofNullable(dryRun));
        var collector = new ArtifactCollector(store, mesh.states(), mesh.registry(), Clock.systemUTC());
        return json(collector.collect(caller.tenant(), age, mode)).toString();
    }

    private static JsonObject json(Outcome outcome) {
        JsonArray list = new JsonArray();
        outcome.artifacts().stream().limit(LONGEST_LIST).forEach(artifact -> {
            JsonObject one = new JsonObject();
            one.addProperty("digest", artifact.digest());
            one.addProperty("size", artifact.size());
            one.addProperty("lastUsed", artifact.lastUsed().toString());
            list.add(one);
        });
        JsonObject json = new JsonObject();
        json.addProperty("dryRun", outcome.mode() == Mode.DRY_RUN);
        json.addProperty("before", outcome.before().toString());
        json.addProperty("heldBackBy", outcome.heldBackBy());
        json.addProperty("named", outcome.named());
        json.addProperty("unnamed", outcome.artifacts().size());
        json.addProperty("bytes", outcome.bytes());
        json.addProperty("leftovers", outcome.unfinished());
        json.add("artifacts", list);
        return json;
    }

    private static Duration age(String text) {
        try {
            return Duration.parse(text);
        } catch (DateTimeParseException malformed) {
            throw new ProblemException(
                    "malformed-field",
                    "olderThan",
                    "'" + text + "' is no duration",
                    "write days as P7D, hours as PT12H",
                    malformed);
        }
    }

    private static Mode mode(Optional<String> dryRun) {
        return switch (dryRun.orElse("true")) {
            case "true" -> Mode.DRY_RUN;
            case "false" -> Mode.DELETE;
            default ->
                throw new ProblemException(
                        "malformed-field",
                        "dryRun",
                        "dryRun is '" + dryRun.orElse("") + "'",
                        "write true to be told what would go, false to have it removed");
        };
    }
}
