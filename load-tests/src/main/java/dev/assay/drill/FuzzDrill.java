package dev.assay.drill;

import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import java.util.stream.Stream;

/// Malformed requests over bare sockets: broken JSON, protobuf, headers, paths, methods and lengths. The gateway
/// must never answer 500, never stop answering, and keep neither memory nor open files.
final class FuzzDrill {

    private static final int ANSWER_MILLIS = 10_000;
    private static final long GROWTH_MIB = 96;
    private static final long MORE_FILES = 32;

    private static final List<String> PATHS = List.of(
            "/v1/attack/evaluate",
            "/v1/loading/import",
            "/v1/training/train",
            "/v1/pipelines",
            "/v1/artifacts",
            "/v1/artifacts/sha256:00",
            "/v1/jobs",
            "/v1/jobs/%2e%2e",
            "/v1/jobs/x/events",
            "/v1/jobs/x/cancel",
            "/v1/models/x",
            "/v1/datasets/..%2f",
            "/openapi",
            "/q/health/ready",
            "/");
    private static final List<String> METHODS =
            List.of("GET", "POST", "POST", "POST", "PUT", "HEAD", "DELETE", "PATCH", "OPTIONS", "TRACE", "FOO");
    private static final List<String> TYPES = List.of(
            "application/json",
            "application/protobuf",
            "application/octet-stream",
            "multipart/form-data; boundary=x",
            "text/plain; charset=klingon",
            "application/json; charset=\u0000",
            "/");
    private static final List<String> BODIES = List.of(
            "",
            "{",
            "[]",
            "null",
            "{\"threat\": [" + "[".repeat(5_000),
            "{\"steps\": 1e999}",
            "{\"model\": \"\\ud800\"}",
            "{\"data\": \"sha256:" + "0".repeat(64) + "\", \"threat\": [\"linf:-1\"]}",
            "{\"steps\": [{\"name\": \"a\", \"request\": {\"x\": \"${a.result.b}\"}}]}",
            "--x\r\nContent-Disposition: form-data; name=\"f\"\r\n\r\n",
            "\u0000\u0001\u0002\u00ff".repeat(50));

    private final Path checkout;
    private final Duration duration;
    private final Random random;

    FuzzDrill(Path checkout, Duration duration, long seed) {
        this.checkout = checkout;
        this.duration = duration;
        this.random = new Random(seed);
    }

    Verdict run() throws Exception {
        try (DrillMesh mesh = new DrillMesh(checkout).withGateways(1).start()) {
            URI root = URI.create(mesh.gateways().getFirst().root());
            Member gateway = mesh.members("gateway").getFirst();
            Map<Integer, Integer> statuses = new TreeMap<>();
            List<String> faults = new ArrayList<>();
            for (int i = 0; i < 300; i++) {
                fuzz(root, statuses, faults); // warms up code and buffers before the first look at memory
            }
            long memory = gateway.residentMib();
            long files = openFiles(gateway);
            long end = System.nanoTime() + duration.toNanos();
            int count = 0;
            while (System.nanoTime() < end) {
                fuzz(root, statuses, faults);
                count++;
            }
            Thread.sleep(2_000); // sockets that the client has closed are closed over there, too
            long growth = gateway.residentMib() - memory;
            long left = openFiles(gateway) - files;
            faults.stream().limit(10).forEach(System.out::println);
            boolean answers = mesh.gateways().getFirst().isReady();
            return new Verdict(
                    faults.isEmpty() && answers && growth < GROWTH_MIB && left < MORE_FILES,
                    "fuzz of %d s: %d requests, answers %s (0: closed without one), %d at fault, %s afterwards; %d MiB more, %d open files more"
                            .formatted(
                                    duration.toSeconds(),
                                    count,
                                    statuses,
                                    faults.size(),
                                    answers ? "ready" : "NOT READY",
                                    growth,
                                    left));
        }
    }

    private void fuzz(URI root, Map<Integer, Integer> statuses, List<String> faults) {
        byte[] request = request();
        try {
            int status = answer(root, request);
            statuses.merge(status, 1, Integer::sum);
            if (status >= 500) {
                faults.add(status + " to " + excerpt(request));
            }
        } catch (IOException silent) {
            faults.add(silent + " after " + excerpt(request));
        }
    }

    private byte[] request() {
        byte[] body = body();
        StringBuilder head = new StringBuilder();
        head.append(pick(METHODS)).append(' ').append(path()).append(" HTTP/1.1\r\nHost: localhost\r\n");
        head.append("Connection: close\r\nContent-Type: ").append(pick(TYPES)).append("\r\n");
        switch (random.nextInt(8)) {
            case 0 -> head.append("Content-Length: ").append(body.length + 7).append("\r\n");
            case 1 -> head.append("Content-Length: -1\r\n");
            case 2 -> head.append("Transfer-Encoding: chunked\r\n");
            case 3 -> head.append("Content-Length: 99999999999999\r\n");
            default -> head.append("Content-Length: ").append(body.length).append("\r\n");
        }
        switch (random.nextInt(8)) {
            case 0 ->
                head.append("Idempotency-Key: ")
                        .append("k".repeat(random.nextInt(400)))
                        .append("\r\n");
            case 1 -> head.append("Last-Event-ID: -9\r\n");
            case 2 -> head.append("traceparent: 00-zz-zz-01\r\n");
            case 3 -> head.append("Range: bytes=9-1\r\n");
            case 4 -> head.append("Accept: application/xml\r\n");
            case 5 -> head.append("X-Assay-Sha256: nothex\r\n");
            case 6 ->
                head.append("X: ").append("y".repeat(random.nextInt(20_000))).append("\r\n");
            default -> head.append("broken header\r\n");
        }
        byte[] start = head.append("\r\n").toString().getBytes(StandardCharsets.ISO_8859_1);
        byte[] whole = new byte[start.length + body.length];
        System.arraycopy(start, 0, whole, 0, start.length);
        System.arraycopy(body, 0, whole, start.length, body.length);
        return whole;
    }

    private String path() {
        return pick(PATHS)
                + switch (random.nextInt(6)) {
                    case 0 -> "?limit=" + random.nextInt();
                    case 1 -> "?state=%ff&cursor=%00";
                    case 2 -> "/" + "a".repeat(random.nextInt(3_000));
                    default -> "";
                };
    }

    /// A known bad one, or one with a few bytes changed.
    private byte[] body() {
        byte[] body = pick(BODIES).getBytes(StandardCharsets.ISO_8859_1);
        for (int i = random.nextInt(4); i > 0 && body.length > 0; i--) {
            body[random.nextInt(body.length)] = (byte) random.nextInt(256);
        }
        return body;
    }

    /// @return the status; 0 when the connection was closed without one
    private static int answer(URI root, byte[] request) throws IOException {
        try (var socket = new Socket(InetAddress.getLoopbackAddress(), root.getPort())) {
            socket.setSoTimeout(ANSWER_MILLIS);
            try {
                socket.getOutputStream().write(request);
                socket.shutdownOutput();
            } catch (IOException closedEarly) {
                // an answer may have come before the whole request was sent
            }
            byte[] start;
            try {
                start = socket.getInputStream().readNBytes(12);
            } catch (java.net.SocketException reset) {
                return 0;
            }
            String line = new String(start, StandardCharsets.ISO_8859_1);
            return line.matches("HTTP/1.. \\d{3}") ? Integer.parseInt(line.substring(9)) : 0;
        }
    }

    private <T> T pick(List<T> choices) {
        return choices.get(random.nextInt(choices.size()));
    }

    private static String excerpt(byte[] request) {
        String text = new String(request, StandardCharsets.ISO_8859_1).replaceAll("[^ -~]+", "·");
        return text.substring(0, Math.min(300, text.length()));
    }

    private static long openFiles(Member member) throws IOException {
        try (Stream<Path> files = Files.list(Path.of("/proc/" + member.pid() + "/fd"))) {
            return files.count();
        }
    }
}
