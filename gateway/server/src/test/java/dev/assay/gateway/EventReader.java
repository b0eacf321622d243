package dev.assay.gateway;

import dev.assay.contract.Json;
import dev.assay.job.v1.JobEvent;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.stream.Stream;

/// Reads a stream of server-sent events as a browser does.
final class EventReader implements AutoCloseable {

    record Received(String id, String name, JobEvent event) {}

    private final HttpResponse<Stream<String>> response;
    private final Iterator<String> lines;
    private int comments;

    EventReader(Door door, String path, String... headers) {
        try {
            response = door.client()
                    .send(
                            door.request(path, headers)
                                    .header("Accept", "text/event-stream")
                                    .build(),
                            BodyHandlers.ofLines());
        } catch (IOException failure) {
            throw new UncheckedIOException(failure);
        } catch (InterruptedException stopped) {
            throw new AssertionError(stopped);
        }
        lines = response.body().iterator();
    }

    /// Everything up to the end of the stream.
    List<Received> all() {
        List<Received> received = new ArrayList<>();
        String id = "";
        String name = "";
        StringBuilder data = new StringBuilder();
        while (lines.hasNext()) {
            String line = lines.next();
            if (line.isEmpty() && !data.isEmpty()) {
                JobEvent.Builder event = JobEvent.newBuilder();
                Json.parse(data.toString(), event);
                received.add(new Received(id, name, event.build()));
                data.setLength(0);
            } else if (line.startsWith(":")) {
                comments++;
            } else if (line.startsWith("id:")) {
                id = line.substring(3).strip();
            } else if (line.startsWith("event:")) {
                name = line.substring(6).strip();
            } else if (line.startsWith("data:")) {
                data.append(line.substring(5).strip());
            }
        }
        return received;
    }

    /// Waits for a line that begins like this.
    boolean sees(String beginning) {
        while (lines.hasNext()) {
            if (lines.next().startsWith(beginning)) {
                return true;
            }
        }
        return false;
    }

    int comments() {
        return comments;
    }

    String contentType() {
        return response.headers().firstValue("Content-Type").orElse("");
    }

    @Override
    public void close() {
        response.body().close();
    }
}
