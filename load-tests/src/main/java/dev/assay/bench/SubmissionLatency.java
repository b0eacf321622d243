package dev.assay.bench;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// How long a client waits from sending a POST until it has read the job's `started` event:
/// `SubmissionLatency GATEWAY_URL DATA_FILE [COUNT]`. Jobs are `loading import` of the data file (an .npz archive),
/// each sent when the one before it is over: first with a pause, so that the mesh is idle, then without. Bounded:
/// 30 jobs to warm up and twice COUNT (default 100), then it stops.
public final class SubmissionLatency {

    private static final int WARM_UP = 30;
    private static final Duration IDLE = Duration.ofMillis(500);
    private static final Pattern DIGEST = Pattern.compile("\"digest\"\\s*:\\s*\"(sha256:[0-9a-f]{64})\"");

    private final HttpClient client = HttpClient.newHttpClient();
    private final String gateway;

    private SubmissionLatency(String gateway) {
        this.gateway = gateway;
    }

    public static void main(String[] arguments) throws Exception {
        var bench = new SubmissionLatency(arguments[0]);
        String artifact = bench.upload(Path.of(arguments[1]));
        int count = arguments.length > 2 ? Integer.parseInt(arguments[2]) : 100;
        bench.measure(artifact, WARM_UP, Duration.ZERO);
        print("on an idle mesh", bench.measure(artifact, count, IDLE));
        print("one right after the other", bench.measure(artifact, count, Duration.ZERO));
    }

    private static void print(String how, double[] millis) {
        Arrays.sort(millis);
        System.out.printf(
                "POST to started event, %d jobs %s: median %.1f ms, p99 %.1f ms, largest %.1f ms%n",
                millis.length,
                how,
                millis[millis.length / 2],
                millis[(int) Math.ceil(millis.length * 0.99) - 1],
                millis[millis.length - 1]);
    }

    private double[] measure(String artifact, int count, Duration pause) throws IOException, InterruptedException {
        double[] millis = new double[count];
        for (int i = 0; i < count; i++) {
            Thread.sleep(pause);
            millis[i] = millisUntilStarted("{\"source\": \"" + artifact + "\", \"seed\": " + i + "}");
        }
        return millis;
    }

    private String upload(Path file) throws IOException, InterruptedException {
        var request = HttpRequest.newBuilder(URI.create(gateway + "/v1/artifacts"))
                .POST(HttpRequest.BodyPublishers.ofFile(file))
                .build();
        String body = client.send(request, HttpResponse.BodyHandlers.ofString()).body();
        Matcher digest = DIGEST.matcher(body);
        if (!digest.find()) {
            throw new IOException("the upload was refused: " + body);
        }
        return digest.group(1);
    }

    private double millisUntilStarted(String request) throws IOException, InterruptedException {
        var post = HttpRequest.newBuilder(URI.create(gateway + "/v1/loading/import"))
                .header("Content-Type", "application/json")
                .POST(HttpRequest.BodyPublishers.ofString(request))
                .build();
        long sent = System.nanoTime();
        HttpResponse<String> accepted = client.send(post, HttpResponse.BodyHandlers.ofString());
        String job = accepted.headers()
                .firstValue("Location")
                .orElseThrow(() -> new IOException("the job was refused: " + accepted.body()));
        var follow = HttpRequest.newBuilder(URI.create(gateway + job.substring(job.indexOf("/v1/")) + "/events"))
                .header("Accept", "text/event-stream")
                .build();
        HttpResponse<InputStream> events = client.send(follow, HttpResponse.BodyHandlers.ofInputStream());
        double elapsed = Double.NaN;
        try (var lines = new BufferedReader(new InputStreamReader(events.body()))) {
            for (String line; (line = lines.readLine()) != null; ) {
                if (line.startsWith("event:") && line.endsWith("started") && Double.isNaN(elapsed)) {
                    elapsed = (System.nanoTime() - sent) / 1e6;
                }
            }
        }
        if (Double.isNaN(elapsed)) {
            throw new IOException("the events of " + job + " ended without `started`");
        }
        return elapsed;
    }
}
