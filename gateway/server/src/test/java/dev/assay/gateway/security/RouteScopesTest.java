package dev.assay.gateway.security;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.gson.JsonParser;
import dev.assay.contract.Scope;
import dev.assay.gateway.openapi.OpenApiDocument;
import java.util.HashSet;
import java.util.Set;
import org.junit.jupiter.api.Test;

class RouteScopesTest {

    @Test
    void everyRouteOfTheDoorHasALineInTheTable() {
        var paths = JsonParser.parseString(OpenApiDocument.generate("1"))
                .getAsJsonObject()
                .getAsJsonObject("paths");

        assertThat(paths.keySet())
                .hasSizeGreaterThan(12)
                .allSatisfy(path -> paths.getAsJsonObject(path).keySet().forEach(method -> {
                    String asked = path.replaceAll("\\{[a-z]+}", "x");
                    assertThat(RouteScopes.isListed(method.toUpperCase(), asked))
                            .as(method + " " + path)
                            .isTrue();
                }));
    }

    @Test
    void everyLineOfTheTableOpensARouteThatThereIs() {
        Set<String> routes = new HashSet<>(Set.of(
                // for the platform and for readers, not in the description
                "GET /q/health",
                "GET /q/metrics",
                "GET /docs/api/",
                // short for POST /v1/pipeline/run
                "POST /v1/pipelines"));
        var paths = JsonParser.parseString(OpenApiDocument.generate("1"))
                .getAsJsonObject()
                .getAsJsonObject("paths");
        paths.keySet()
                .forEach(path -> paths.getAsJsonObject(path)
                        .keySet()
                        .forEach(
                                method -> routes.add(method.toUpperCase() + " " + path.replaceAll("\\{[a-z]+}", "x"))));

        assertThat(RouteScopes.requests()).allSatisfy(line -> assertThat(routes).anyMatch(line.asMatchPredicate()));
    }

    @Test
    void noRouteUnderV1IsOpen() {
        for (String method : new String[] {"GET", "HEAD", "POST", "PUT", "DELETE", "PATCH", "OPTIONS"}) {
            for (String path : new String[] {"/v1/jobs", "/v1/jobs/x/events", "/v1/artifacts/x", "/v1/models/x"}) {
                assertThat(RouteScopes.of(method, path)).as(method + path).isPresent();
            }
        }
    }

    @Test
    void whatTheTableDoesNotKnowIsClosed() {
        assertThat(RouteScopes.of("GET", "/v2/secrets")).contains(Scope.READ);
        assertThat(RouteScopes.of("DELETE", "/v1/jobs/x")).contains(Scope.ADMIN);
        assertThat(RouteScopes.of("POST", "/openapi")).contains(Scope.ADMIN);
        assertThat(RouteScopes.of("POST", "/v1/jobs/x/cancel;y")).contains(Scope.ADMIN);
    }
}
