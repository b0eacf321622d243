package dev.assay.gateway.problem;

import dev.assay.computation.ProblemException;

/// The problems of HTTP itself: requests that no resource has seen.
final class HttpProblems {

    private HttpProblems() {}

    /// @param status 400 or more
    static ProblemException of(int status, String method, String path) {
        String request = method + " " + path;
        return switch (status) {
            case 404 ->
                new ProblemException(
                        "not-found", path, "there is nothing at " + path, "see /openapi for what there is");
            case 405 ->
                new ProblemException(
                        "method-not-allowed",
                        path,
                        request + " is not offered",
                        "see /openapi for the methods of a path");
            case 406 ->
                new ProblemException(
                        "not-acceptable",
                        "Accept",
                        request + " cannot answer in the media type asked for",
                        "accept application/json, or what /openapi says of this path");
            case 413 ->
                new ProblemException("too-large", path, "the body of " + request + " is too large", "send less");
            case 415 ->
                new ProblemException(
                        "unsupported-media-type",
                        "Content-Type",
                        request + " does not take this media type",
                        "send application/json, or what /openapi says of this path");
            case 500 ->
                new ProblemException(
                        "internal-error", path, request + " failed", "try again; if it stays, see the gateway's log");
            default ->
                new ProblemException(
                        "malformed-request",
                        path,
                        request + " is not a request that can be understood (" + status + ")",
                        "see /openapi for how to ask");
        };
    }
}
