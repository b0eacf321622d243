package dev.assay.drill;

import dev.assay.job.v1.Job;
import java.io.IOException;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;

/// 200 submissions a second, sent at their time whether the ones before are answered or not: none may be refused
/// but by 429, none lost, none doubled. The workers start when the storm is over, so that what is measured is the
/// door.
final class StormDrill {

    private static final int RATE = 200;
    private static final Duration PATIENCE = Duration.ofMinutes(10);
    private static final double PROMISED_P99_MILLIS = 100;

    private final Path checkout;
    private final Duration duration;

    StormDrill(Path checkout, Duration duration) {
        this.checkout = checkout;
        this.duration = duration;
    }

    Verdict run() throws Exception {
        try (DrillMesh mesh = new DrillMesh(checkout)
                .withGateways(1)
                .withWorkers("loading", 2)
                .start()) {
            GatewayClient gateway = mesh.gateways().getFirst();
            String digits = gateway.upload(checkout.resolve("gateway/cli/src/main/resources/dev/assay/cli/digits.npz"));
            for (Member worker : mesh.members("loading")) {
                worker.stop();
            }
            warmUp(gateway, digits);
            var millis = new ConcurrentLinkedQueue<Double>();
            Map<Integer, Integer> statuses = new ConcurrentHashMap<>();
            Map<String, String> jobs = new ConcurrentHashMap<>();
            submitAll(gateway, digits, millis, statuses, jobs);
            for (Member worker : mesh.members("loading")) {
                worker.start();
            }
            return verdict(gateway, millis, statuses, jobs);
        }
    }

    private static void warmUp(GatewayClient gateway, String digits) throws Exception {
        for (int i = 0; i < 200; i++) {
            gateway.submit("/v1/loading/import", request(digits, i), "warm-up-" + i);
        }
    }

    private void submitAll(
            GatewayClient gateway,
            String digits,
            ConcurrentLinkedQueue<Double> millis,
            Map<Integer, Integer> statuses,
            Map<String, String> jobs)
            throws InterruptedException {
        int count = (int) duration.toSeconds() * RATE;
        long begin = System.nanoTime();
        List<Thread> clients = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            long due = begin + i * TimeUnit.SECONDS.toNanos(1) / RATE;
            while (System.nanoTime() < due) {
                LockSupport.parkNanos(due - System.nanoTime());
            }
            String key = "storm-" + i;
            clients.add(Thread.ofVirtual().start(() -> {
                try {
                    HttpResponse<String> answer = gateway.submit("/v1/loading/import", request(digits, 0), key);
                    millis.add((System.nanoTime() - due) / 1e6); // from when it was due: no coordinated omission
                    statuses.merge(answer.statusCode(), 1, Integer::sum);
                    if (answer.statusCode() == 202) {
                        jobs.put(
                                key,
                                GatewayClient.parsed(answer.body(), Job.newBuilder())
                                        .getId());
                    }
                } catch (IOException broken) {
                    statuses.merge(0, 1, Integer::sum);
                } catch (InterruptedException stopped) {
                    Thread.currentThread().interrupt();
                }
            }));
        }
        for (Thread client : clients) {
            client.join();
        }
    }

    private static Verdict verdict(
            GatewayClient gateway,
            ConcurrentLinkedQueue<Double> millis,
            Map<Integer, Integer> statuses,
            Map<String, String> jobs)
            throws Exception {
        long lost = 0;
        long begin = System.nanoTime();
        for (String id : jobs.values()) {
            Job job = gateway.awaitOver(id, PATIENCE);
            boolean once = gateway.events(id).stream()
                            .filter(event -> event.hasSucceeded())
                            .count()
                    == 1;
            lost += job.getState() == Job.State.SUCCEEDED && once ? 0 : 1;
        }
        double drained = (System.nanoTime() - begin) / 1e9;
        double[] sorted =
                millis.stream().mapToDouble(Double::doubleValue).sorted().toArray();
        double p99 = sorted[(int) Math.ceil(sorted.length * 0.99) - 1];
        long doubled = jobs.size() - jobs.values().stream().distinct().count();
        boolean onlyAccepted = statuses.keySet().stream().allMatch(status -> status == 202 || status == 429);
        return new Verdict(
                onlyAccepted && lost == 0 && doubled == 0 && p99 < PROMISED_P99_MILLIS,
                "storm of %d a second: answers %s, POST median %.1f ms, p99 %.1f ms (promised: %.0f), largest %.1f ms; %d lost, %d doubled; all done %.0f s after"
                        .formatted(
                                RATE,
                                statuses,
                                sorted[sorted.length / 2],
                                p99,
                                PROMISED_P99_MILLIS,
                                Arrays.stream(sorted).max().orElse(0),
                                lost,
                                doubled,
                                drained));
    }

    private static String request(String digits, int seed) {
        return "{\"source\": \"" + digits + "\", \"maximumValue\": 16, \"seed\": " + seed + "}";
    }
}
