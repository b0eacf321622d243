package dev.assay.gateway.http;

import jakarta.ws.rs.core.EntityTag;
import jakarta.ws.rs.core.HttpHeaders;
import jakarta.ws.rs.core.Response;
import java.nio.file.Path;
import java.util.Optional;
import org.jboss.resteasy.reactive.PathPart;

/// A file of the artifact store as an HTTP answer: sent by the kernel, in parts when a part is asked for, and
/// cached by
/// whoever likes, because it never changes.
public final class StoredFile {

    private static final String FOREVER = "private, max-age=31536000, immutable";

    private StoredFile() {}

    /// @param digest names the bytes
    /// @param policy what a browser may do with them
    /// @param range value of the Range header
    public static Response answer(Path file, String digest, String mediaType, String policy, Optional<String> range) {
        long size = file.toFile().length();
        Optional<ByteRange> part = range.flatMap(header -> ByteRange.of(header, size));
        Response.ResponseBuilder response = part.map(bytes -> Response.status(Response.Status.PARTIAL_CONTENT)
                        .header("Content-Range", bytes.contentRange(size))
                        .entity(new PathPart(file, bytes.first(), bytes.length())))
                .orElseGet(() -> Response.ok(file));
        return headers(response, digest)
                .type(mediaType)
                .header(BrowserSafety.POLICY, policy)
                .build();
    }

    /// The headers without the bytes.
    public static Response head(long size, String digest) {
        return headers(Response.ok(), digest)
                .type("application/octet-stream")
                .header(HttpHeaders.CONTENT_LENGTH, size)
                .build();
    }

    private static Response.ResponseBuilder headers(Response.ResponseBuilder response, String digest) {
        return response.tag(new EntityTag(digest))
                .header("Accept-Ranges", "bytes")
                .header(HttpHeaders.CACHE_CONTROL, FOREVER);
    }
}
