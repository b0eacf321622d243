package dev.assay.local;

import dev.assay.computation.ProblemException;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/// Prints the last lines of the services' logs, and with `-f` what is added to them until Ctrl-C.
record LogsCommand(HomeFolder home, Options options) {

    private static final int DEFAULT_LINES = 40;
    private static final long POLL_MILLIS = 200;
    /// As much of a log's end as is read to find its last lines.
    private static final int TAIL_BYTES = 1 << 20;

    int run() throws IOException, InterruptedException {
        List<Path> logs = logs();
        if (logs.isEmpty()) {
            System.out.println("No logs in " + home.logs() + " yet (./assay up)");
            return 0;
        }
        Map<Path, Long> read = new HashMap<>();
        for (Path log : logs) {
            read.put(log, Files.size(log));
            for (String line : tail(log, options.lines().orElse(DEFAULT_LINES))) {
                print(logs, log, line);
            }
        }
        while (options.has(Options.FOLLOW)) {
            Thread.sleep(POLL_MILLIS);
            for (Path log : logs) {
                read.put(log, follow(logs, log, read.get(log)));
            }
        }
        return 0;
    }

    /// The last lines of a file; of a huge one, at most those within its last MiB.
    static List<String> tail(Path file, int lines) throws IOException {
        try (var log = new RandomAccessFile(file.toFile(), "r")) {
            int bytes = (int) Math.min(TAIL_BYTES, log.length());
            log.seek(log.length() - bytes);
            byte[] end = new byte[bytes];
            log.readFully(end);
            List<String> all = new String(end, StandardCharsets.UTF_8).lines().toList();
            return all.subList(Math.max(0, all.size() - lines), all.size());
        }
    }

    private List<Path> logs() throws IOException {
        if (!options.operands().isEmpty()) {
            return options.operands().stream().map(this::existing).toList();
        }
        if (!Files.isDirectory(home.logs())) {
            return List.of();
        }
        try (Stream<Path> files = Files.list(home.logs())) {
            return files.filter(file -> file.toString().endsWith(".log"))
                    .sorted()
                    .toList();
        }
    }

    private Path existing(String service) {
        Path log = home.logs().resolve(service + ".log").normalize();
        if (!log.startsWith(home.logs()) || !Files.isRegularFile(log)) {
            throw new ProblemException(
                    "unknown-service",
                    "logs",
                    "there is no log of \"" + service + "\"",
                    "./assay status names the services");
        }
        return log;
    }

    /// Prints the whole lines added since; returns how far they reach.
    private long follow(List<Path> logs, Path log, long from) throws IOException {
        try (var file = new RandomAccessFile(log.toFile(), "r")) {
            // A shorter file is a new one: the old was rotated away.
            long position = file.length() < from ? 0 : from;
            file.seek(position);
            var line = new ByteArrayOutputStream();
            byte[] added = new byte[(int) Math.min(TAIL_BYTES, file.length() - position)];
            file.readFully(added);
            for (byte b : added) {
                if (b == '\n') {
                    print(logs, log, line.toString(StandardCharsets.UTF_8));
                    position += line.size() + 1;
                    line.reset();
                } else {
                    line.write(b);
                }
            }
            return added.length == TAIL_BYTES && line.size() == TAIL_BYTES ? position + TAIL_BYTES : position;
        }
    }

    private static void print(List<Path> logs, Path log, String line) {
        String service = log.getFileName().toString().replaceFirst("\\.log$", "");
        System.out.println(logs.size() == 1 ? line : "%-10s | %s".formatted(service, line));
    }
}
