package dev.assay.cli.mesh;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;

/// What a job is submitted with besides its request.
///
/// @param idempotencyKey the same key again gives the same job
/// @param priority `interactive` or `batch`
/// @param callback the address that is told of the job's end
public record JobTerms(String idempotencyKey, Optional<String> priority, Optional<String> callback) {

    /// The gateway's usual terms.
    public static JobTerms of(String idempotencyKey) {
        return new JobTerms(idempotencyKey, Optional.empty(), Optional.empty());
    }

    /// As headers of the request.
    Map<String, String> headers() {
        Map<String, String> headers = new LinkedHashMap<>();
        headers.put("Idempotency-Key", idempotencyKey);
        priority.ifPresent(value -> headers.put("Assay-Priority", value));
        callback.ifPresent(value -> headers.put("Assay-Callback", value));
        return headers;
    }
}
