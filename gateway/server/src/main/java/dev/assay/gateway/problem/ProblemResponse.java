package dev.assay.gateway.problem;

import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.util.JsonFormat;
import dev.assay.computation.ProblemException;
import dev.assay.contract.Problems;
import dev.assay.job.v1.Problem;
import jakarta.ws.rs.core.Response;

/// A problem as an HTTP answer, as RFC 9457 has it.
public final class ProblemResponse {

    public static final String MEDIA_TYPE = "application/problem+json";

    private ProblemResponse() {}

    public static Response of(ProblemException exception) {
        return builder(Problems.of(exception)).build();
    }

    public static Response.ResponseBuilder builder(Problem problem) {
        return Response.status(problem.getStatus()).type(MEDIA_TYPE).entity(json(problem));
    }

    /// Only what is set: an empty subject tells nobody anything.
    public static String json(Problem problem) {
        try {
            return JsonFormat.printer().print(problem);
        } catch (InvalidProtocolBufferException impossible) {
            throw new IllegalStateException("a problem holds no message of unknown type", impossible);
        }
    }
}
