package dev.assay.gateway.problem;

import dev.assay.computation.ProblemException;
import jakarta.ws.rs.container.ContainerRequestContext;
import jakarta.ws.rs.core.HttpHeaders;
import jakarta.ws.rs.core.MediaType;
import jakarta.ws.rs.core.Response;
import java.util.List;
import java.util.Optional;
import org.jboss.resteasy.reactive.server.ServerRequestFilter;

/// Refuses a media type that cannot be read before the choice of a resource trips over it.
final class ReadableHeaders {

    private static final List<String> MEDIA_TYPES = List.of(HttpHeaders.CONTENT_TYPE, HttpHeaders.ACCEPT);

    @ServerRequestFilter(preMatching = true)
    Optional<Response> check(ContainerRequestContext request) {
        for (String name : MEDIA_TYPES) {
            String value = request.getHeaderString(name);
            if (value != null && !value.isBlank() && !isReadable(value)) {
                return Optional.of(ProblemResponse.of(new ProblemException(
                        "malformed-request",
                        name,
                        "'" + value + "' is no media type",
                        "send one such as application/json")));
            }
        }
        return Optional.empty();
    }

    private static boolean isReadable(String value) {
        try {
            for (String one : value.split(",")) {
                MediaType.valueOf(one.strip());
            }
            return true;
        } catch (IllegalArgumentException malformed) {
            return false;
        }
    }
}
