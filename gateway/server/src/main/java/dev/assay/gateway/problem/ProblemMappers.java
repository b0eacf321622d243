package dev.assay.gateway.problem;

import dev.assay.computation.ProblemException;
import dev.assay.contract.JobId;
import dev.assay.contract.Problems;
import dev.assay.gateway.GatewayConfiguration;
import dev.assay.gateway.submission.TooManyJobsException;
import jakarta.inject.Inject;
import jakarta.ws.rs.WebApplicationException;
import jakarta.ws.rs.core.Context;
import jakarta.ws.rs.core.HttpHeaders;
import jakarta.ws.rs.core.Request;
import jakarta.ws.rs.core.Response;
import jakarta.ws.rs.core.UriInfo;
import org.jboss.logging.Logger;
import org.jboss.resteasy.reactive.server.ServerExceptionMapper;

/// Turns whatever a resource throws into a problem. Nothing else reaches a client: no stack trace, no empty body.
final class ProblemMappers {

    private static final Logger LOG = Logger.getLogger(ProblemMappers.class);

    private final GatewayConfiguration configuration;

    @Inject
    ProblemMappers(GatewayConfiguration configuration) {
        this.configuration = configuration;
    }

    /// What passes by itself says when to try again.
    @ServerExceptionMapper
    Response problem(ProblemException exception) {
        Response.ResponseBuilder answer = ProblemResponse.builder(Problems.of(exception));
        if (exception.type().equals("mesh-unavailable")) {
            answer.header(HttpHeaders.RETRY_AFTER, configuration.retryAfter().toSeconds());
        }
        return answer.build();
    }

    @ServerExceptionMapper
    Response tooManyJobs(TooManyJobsException exception) {
        return ProblemResponse.builder(Problems.of(exception))
                .header(HttpHeaders.RETRY_AFTER, exception.retryAfter().toSeconds())
                .build();
    }

    @ServerExceptionMapper
    Response refusedBeforeAnyResource(
            WebApplicationException exception, @Context Request request, @Context UriInfo uri) {
        Response original = exception.getResponse();
        if (original.getStatus() < 400) {
            return original;
        }
        return ProblemResponse.of(HttpProblems.of(original.getStatus(), request.getMethod(), uri.getPath()));
    }

    @ServerExceptionMapper
    Response unexpected(Throwable failure, @Context Request request, @Context UriInfo uri) {
        String incident = JobId.next();
        LOG.errorf(failure, "incident %s: %s %s failed", incident, request.getMethod(), uri.getPath());
        return ProblemResponse.builder(Problems.unexpected("incident " + incident))
                .build();
    }
}
