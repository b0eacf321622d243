package dev.assay.gateway.submission;

import dev.assay.computation.ProblemException;
import dev.assay.gateway.callback.Callbacks;
import dev.assay.worker.Terms;
import jakarta.ws.rs.core.HttpHeaders;
import java.util.Optional;

/// What the headers of a submission say of its job.
final class SubmissionHeaders {

    static final String IDEMPOTENCY_KEY = "Idempotency-Key";
    static final String PRIORITY = "Assay-Priority";

    private final HttpHeaders headers;

    SubmissionHeaders(HttpHeaders headers) {
        this.headers = headers;
    }

    Optional<String> idempotencyKey() {
        return text(IDEMPOTENCY_KEY);
    }

    Optional<String> contentType() {
        return text(HttpHeaders.CONTENT_TYPE);
    }

    /// The terms of a tenant's job.
    ///
    /// @throws ProblemException `malformed-field` naming the header
    Terms terms(String tenant) {
        try {
            return new Terms(
                    tenant,
                    Terms.priority(text(PRIORITY).orElse("")),
                    text(Callbacks.HEADER).orElse(""));
        } catch (ProblemException malformed) {
            throw new ProblemException(malformed.type(), PRIORITY, malformed.detail(), malformed.remedy(), malformed);
        }
    }

    private Optional<String> text(String name) {
        return Optional.ofNullable(headers.getHeaderString(name));
    }
}
