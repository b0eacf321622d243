package dev.assay.cli.mesh;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.util.Optional;
import java.util.StringJoiner;

/// Reads a `text/event-stream` as the HTML standard describes it (§9.2): comments are skipped, an id stays valid
/// until
/// the next one, an unfinished event at the end of the stream is dropped.
final class EventStream implements AutoCloseable {

    private final InputStream stream;
    private final BufferedReader lines;
    private String lastId = "";

    EventStream(InputStream stream) {
        this.stream = stream;
        this.lines = new BufferedReader(new InputStreamReader(stream, StandardCharsets.UTF_8));
    }

    /// The next event that has data; empty at the end of the stream.
    Optional<ServerEvent> next() throws IOException {
        String type = "message";
        StringJoiner data = new StringJoiner("\n");
        boolean hasData = false;
        for (String line = lines.readLine(); line != null; line = lines.readLine()) {
            if (line.isEmpty()) {
                if (hasData) {
                    return Optional.of(new ServerEvent(lastId, type, data.toString()));
                }
                type = "message";
                continue;
            }
            int colon = line.indexOf(':');
            String field = colon < 0 ? line : line.substring(0, colon);
            String value = colon < 0 ? "" : line.substring(line.startsWith(": ", colon) ? colon + 2 : colon + 1);
            switch (field) {
                case "id" -> lastId = value;
                case "event" -> type = value;
                case "data" -> {
                    data.add(value);
                    hasData = true;
                }
                default -> {} // a comment, `retry`, or a field of a later standard: to be ignored
            }
        }
        return Optional.empty();
    }

    /// May be called while another thread waits in [#next]. A reader's lock is held by whoever waits for a line,
    /// so the
    /// stream itself is closed, which ends the wait.
    @Override
    public void close() throws IOException {
        stream.close();
    }
}
