package dev.assay.gateway.problem;

import dev.assay.contract.Problems;
import io.vertx.ext.web.Router;
import io.vertx.ext.web.RoutingContext;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.event.Observes;

/// Problems for requests that never reach a resource, such as unknown paths under /q.
@ApplicationScoped
class UnroutedProblems {

    void register(@Observes Router router) {
        for (int status : new int[] {400, 404, 405, 406, 413, 415, 500}) {
            router.errorHandler(status, context -> answer(context, status));
        }
    }

    private static void answer(RoutingContext context, int status) {
        if (context.response().ended() || context.response().headWritten()) {
            return;
        }
        var problem = HttpProblems.of(
                status, context.request().method().name(), context.request().path());
        context.response()
                .setStatusCode(status)
                .putHeader("Content-Type", ProblemResponse.MEDIA_TYPE)
                .end(ProblemResponse.json(Problems.of(problem)));
    }
}
