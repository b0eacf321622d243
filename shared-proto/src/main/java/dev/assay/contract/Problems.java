package dev.assay.contract;

import dev.assay.computation.ProblemException;
import dev.assay.job.v1.Problem;
import java.util.Map;

/// Problems as they leave the mesh: RFC 9457 with a stable type.
public final class Problems {

    public static final String PREFIX = "urn:assay:problem:";

    private static final int UNPROCESSABLE = 422;

    /// Slugs whose HTTP status is not 422, which says: understood, and not acceptable as it is.
    private static final Map<String, Integer> STATUS = Map.ofEntries(
            Map.entry("malformed-json", 400),
            Map.entry("malformed-field", 400),
            Map.entry("unknown-field", 400),
            Map.entry("malformed-protobuf", 400),
            Map.entry("malformed-request", 400),
            Map.entry("unauthenticated", 401),
            Map.entry("forbidden", 403),
            Map.entry("unknown-capability", 404),
            Map.entry("unknown-operation", 404),
            Map.entry("not-found", 404),
            Map.entry("job-not-found", 404),
            Map.entry("worker-not-found", 404),
            Map.entry("not-acceptable", 406),
            Map.entry("method-not-allowed", 405),
            Map.entry("idempotency-conflict", 409),
            Map.entry("job-not-finished", 409),
            Map.entry("job-already-final", 409),
            Map.entry("job-cancelled", 409),
            Map.entry("too-large", 413),
            Map.entry("unsupported-media-type", 415),
            Map.entry("range-not-satisfiable", 416),
            Map.entry("too-many-jobs", 429),
            Map.entry("too-many-requests", 429),
            Map.entry("internal-error", 500),
            Map.entry("job-given-up", 500),
            Map.entry("out-of-memory", 500),
            Map.entry("storage-unavailable", 500),
            Map.entry("issuer-unavailable", 503),
            Map.entry("mesh-unavailable", 503),
            Map.entry("storage-full", 507));

    private Problems() {}

    public static Problem of(ProblemException exception) {
        Problem.Builder problem = Problem.newBuilder()
                .setType(PREFIX + exception.type())
                .setTitle(title(exception.type()))
                .setStatus(status(exception.type()))
                .setDetail(exception.detail())
                .setRemedy(exception.remedy());
        exception.subject().ifPresent(problem::setSubject);
        if (exception instanceof InvalidRequestException invalid) {
            problem.addAllViolations(invalid.violations());
        }
        return problem.build();
    }

    /// A failure nobody foresaw. The user learns where to look, never the stack trace; the caller logs that.
    ///
    /// @param where what names the entry in the log, such as `job 01k…`
    public static Problem unexpected(String where) {
        return of(new ProblemException(
                "internal-error",
                "",
                "something went wrong that is not your request's fault (" + where + ")",
                "try again; if it stays, report it with the log entry of " + where));
    }

    public static int status(String type) {
        return STATUS.getOrDefault(type, UNPROCESSABLE);
    }

    /// `unsupported-operator` becomes `Unsupported operator`.
    private static String title(String type) {
        String words = type.replace('-', ' ');
        return Character.toUpperCase(words.charAt(0)) + words.substring(1);
    }
}
