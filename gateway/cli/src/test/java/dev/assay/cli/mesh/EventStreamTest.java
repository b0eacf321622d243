package dev.assay.cli.mesh;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class EventStreamTest {

    @Test
    void idsTypesAndDataAreRead() throws IOException {
        assertThat(read("id:0-1\nevent:queued\ndata:{}\n\nid: 0-2\nevent: started\ndata: {\"a\":1}\n\n"))
                .containsExactly(
                        new ServerEvent("0-1", "queued", "{}"), new ServerEvent("0-2", "started", "{\"a\":1}"));
    }

    @Test
    void dataOverSeveralLinesIsJoined() throws IOException {
        assertThat(read("data:a\ndata\ndata: b\n\n")).containsExactly(new ServerEvent("", "message", "a\n\nb"));
    }

    @Test
    void commentsAndEventsWithoutDataAreSkippedAndAnIdStays() throws IOException {
        assertThat(read(":alive\n\nid:7\n\nevent:x\n\ndata:d\n\n"))
                .containsExactly(new ServerEvent("7", "message", "d"));
    }

    @Test
    void allKindsOfLineEndsAreRead() throws IOException {
        assertThat(read("data:a\r\n\r\ndata:b\r\rdata:c\n\n"))
                .extracting(ServerEvent::data)
                .containsExactly("a", "b", "c");
    }

    @Test
    void anUnfinishedEventAtTheEndIsDropped() throws IOException {
        assertThat(read("data:a\n\ndata:b\n")).extracting(ServerEvent::data).containsExactly("a");
    }

    private static List<ServerEvent> read(String text) throws IOException {
        List<ServerEvent> events = new ArrayList<>();
        try (EventStream stream = new EventStream(new ByteArrayInputStream(text.getBytes(StandardCharsets.UTF_8)))) {
            for (Optional<ServerEvent> event = stream.next(); event.isPresent(); event = stream.next()) {
                events.add(event.get());
            }
        }
        return events;
    }
}
