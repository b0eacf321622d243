package dev.assay.local;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import java.io.IOException;
import java.io.StringWriter;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;

/// Says how the mesh is. Exit code 0 when every service is ready and answers now, else 1.
record StatusCommand(HomeFolder home) {

    /// One line of the answer.
    private record Line(ServiceStatus status, Optional<ProcessHandle> process, String health, OptionalLong resident) {

        static Line of(ServiceStatus status) {
            Optional<ProcessHandle> process = status.process().flatMap(ProcessIdentity::find);
            boolean answers = process.isPresent() && status.protocol().answers(status.port());
            return new Line(
                    status,
                    process,
                    answers ? "healthy" : "unhealthy",
                    process.map(p -> ProcessFigures.residentBytes(p.pid())).orElse(OptionalLong.empty()));
        }

        boolean healthy() {
            return health.equals("healthy") && status.state() == ServiceState.READY;
        }

        /// The supervisor's word, unless the process it speaks of is gone and nobody is there to say so.
        String state() {
            boolean claimsProcess = status.state() == ServiceState.READY || status.state() == ServiceState.STARTING;
            return claimsProcess && process.isEmpty() ? "gone" : status.state().toString();
        }
    }

    int run(StatusFormat format) throws IOException {
        Optional<MeshState> state = MeshState.read(home.state());
        List<Line> lines = state.map(MeshState::services).orElse(List.of()).parallelStream()
                .map(Line::of)
                .toList();
        Optional<ProcessHandle> supervisor = state.map(MeshState::supervisor).flatMap(ProcessIdentity::find);
        System.out.print(
                switch (format) {
                    case TABLE -> table(supervisor, lines);
                    case JSON -> json(supervisor, lines);
                });
        return supervisor.isPresent() && !lines.isEmpty() && lines.stream().allMatch(Line::healthy) ? 0 : 1;
    }

    private String table(Optional<ProcessHandle> supervisor, List<Line> lines) {
        if (lines.isEmpty()) {
            return "No mesh is up in %s (./assay up)%n".formatted(home.root());
        }
        var text = new StringBuilder();
        String row = "%-11s %-11s %8s %6s %9s %9s  %s%n";
        text.append(row.formatted("SERVICE", "STATE", "PID", "PORT", "UPTIME", "MEMORY", "HEALTH"));
        long total = 0;
        if (supervisor.isPresent()) {
            OptionalLong resident =
                    ProcessFigures.residentBytes(supervisor.get().pid());
            total += resident.orElse(0);
            text.append(row.formatted(
                    "supervisor", "ready", supervisor.get().pid(), "", uptime(supervisor.get()), mib(resident), ""));
        }
        for (Line line : lines) {
            ServiceStatus status = line.status();
            total += line.resident().orElse(0);
            text.append(row.formatted(
                    status.name(),
                    line.state(),
                    line.process().map(p -> Long.toString(p.pid())).orElse("-"),
                    status.port(),
                    line.process().map(StatusCommand::uptime).orElse("-"),
                    mib(line.resident()),
                    line.health() + (status.detail().isEmpty() ? "" : ", " + status.detail())));
        }
        if (total > 0) {
            text.append("%d MiB resident in all, data in %s%n".formatted(total >> 20, home.root()));
        }
        if (supervisor.isEmpty()) {
            text.append("The supervisor is gone; ./assay down ends what it left.\n");
        }
        return text.toString();
    }

    private String json(Optional<ProcessHandle> supervisor, List<Line> lines) throws IOException {
        var text = new StringWriter();
        try (JsonGenerator json = new JsonFactory().createGenerator(text)) {
            json.useDefaultPrettyPrinter();
            json.writeStartObject();
            json.writeStringField("home", home.root().toString());
            if (supervisor.isPresent()) {
                json.writeNumberField("supervisorPid", supervisor.get().pid());
            }
            json.writeBooleanField("up", supervisor.isPresent());
            json.writeArrayFieldStart("services");
            for (Line line : lines) {
                writeService(json, line);
            }
            json.writeEndArray();
            json.writeEndObject();
        }
        return text + "\n";
    }

    private static void writeService(JsonGenerator json, Line line) throws IOException {
        ServiceStatus status = line.status();
        json.writeStartObject();
        json.writeStringField("name", status.name());
        json.writeStringField("state", line.state());
        json.writeBooleanField("healthy", line.healthy());
        json.writeNumberField("port", status.port());
        json.writeNumberField("restarts", status.restarts());
        if (line.process().isPresent()) {
            ProcessHandle process = line.process().get();
            json.writeNumberField("pid", process.pid());
            json.writeNumberField("uptimeSeconds", uptimeOf(process).toSeconds());
        }
        if (line.resident().isPresent()) {
            json.writeNumberField("residentBytes", line.resident().getAsLong());
        }
        if (!status.detail().isEmpty()) {
            json.writeStringField("detail", status.detail());
        }
        json.writeEndObject();
    }

    private static Duration uptimeOf(ProcessHandle process) {
        return Duration.between(process.info().startInstant().orElse(Instant.now()), Instant.now());
    }

    private static String uptime(ProcessHandle process) {
        Duration up = uptimeOf(process);
        if (up.toHours() > 0) {
            return "%dh%02dm".formatted(up.toHours(), up.toMinutesPart());
        }
        return up.toMinutes() > 0 ? "%dm%02ds".formatted(up.toMinutes(), up.toSecondsPart()) : up.toSeconds() + "s";
    }

    private static String mib(OptionalLong bytes) {
        return bytes.isPresent() ? (bytes.getAsLong() >> 20) + " MiB" : "-";
    }
}
