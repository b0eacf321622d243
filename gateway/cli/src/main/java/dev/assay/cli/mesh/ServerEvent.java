package dev.assay.cli.mesh;

import java.util.Objects;
import java.util.Optional;

/// One event of a `text/event-stream`.
///
/// @param lastId what to send as `Last-Event-ID` to go on after this event; empty before the first id
/// @param type `message` when the stream names none
/// @param data the event's lines, joined by line feeds
record ServerEvent(String lastId, String type, String data) {

    ServerEvent {
        Objects.requireNonNull(lastId, "lastId");
        Objects.requireNonNull(type, "type");
        Objects.requireNonNull(data, "data");
    }

    Optional<String> id() {
        return lastId.isEmpty() ? Optional.empty() : Optional.of(lastId);
    }
}
