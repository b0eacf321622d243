package dev.assay.drill;

import dev.assay.job.v1.Job;
import dev.assay.onnx.ElementType;
import dev.assay.runtime.Npz;
import dev.assay.runtime.Tensor;
import java.io.IOException;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.Stream;

/// 200 submissions a second, sent at their time whether the ones before are answered or not: none may be refused
/// but by 429, none lost, none doubled. The workers start when the storm is over, so that what is measured is the
/// door.
final class StormDrill {

    private static final int RATE = 200;

    /// What is promised is promised of a mesh that has run for a while: before, Java compiles while it works.
    private static final Duration WARM_UP = Duration.ofSeconds(20);

    private static final Duration PATIENCE = Duration.ofMinutes(20);
    private static final int IMAGES = 10;
    private static final double PROMISED_P99_MILLIS = 100;

    /// @param second of the storm at which the request was due
    /// @param millis from then until its answer
    private record Latency(double second, double millis) {}

    private final Path checkout;
    private final Duration duration;

    StormDrill(Path checkout, Duration duration) {
        this.checkout = checkout;
        this.duration = duration;
    }

    Verdict run() throws Exception {
        try (DrillMesh mesh = new DrillMesh(checkout)
                .withGateways(1)
                .withWorker("loading", 1, "-Dassay.worker.slots=8")
                .start()) {
            GatewayClient gateway = mesh.gateways().getFirst();
            String images = upload(gateway);
            for (Member worker : mesh.members("loading")) {
                worker.stop();
            }
            var first = new Round("warm-up", WARM_UP);
            first.submit(gateway, images);
            var storm = new Round("storm", duration);
            storm.submit(gateway, images);
            storm.tellBySecond();
            System.out.printf("POST median %.1f ms, p99 %.1f ms%n", storm.percentile(0.5), storm.percentile(0.99));
            for (Member worker : mesh.members("loading")) {
                worker.start();
            }
            return verdict(gateway, first, storm);
        }
    }

    /// Submissions at the rate for some time, and what became of them.
    private record Round(
            String name,
            Duration duration,
            Queue<Latency> latencies,
            Map<Integer, Integer> statuses,
            Map<String, String> jobs) {

        Round(String name, Duration duration) {
            this(name, duration, new ConcurrentLinkedQueue<>(), new ConcurrentHashMap<>(), new ConcurrentHashMap<>());
        }

        void submit(GatewayClient gateway, String images) throws InterruptedException {
            long begin = System.nanoTime();
            List<Thread> clients = new ArrayList<>();
            for (int i = 0; i < duration.toSeconds() * RATE; i++) {
                long due = begin + i * TimeUnit.SECONDS.toNanos(1) / RATE;
                while (System.nanoTime() < due) {
                    LockSupport.parkNanos(due - System.nanoTime());
                }
                String key = name + "-" + i;
                clients.add(Thread.ofVirtual().start(() -> submit(gateway, images, key, begin, due)));
            }
            for (Thread client : clients) {
                client.join();
            }
        }

        private void submit(GatewayClient gateway, String images, String key, long begin, long due) {
            try {
                HttpResponse<String> answer = gateway.submit("/v1/loading/import", request(images), key);
                // from when it was due: no coordinated omission
                latencies.add(new Latency((due - begin) / 1e9, (System.nanoTime() - due) / 1e6));
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
        }

        double percentile(double share) {
            double[] sorted =
                    latencies.stream().mapToDouble(Latency::millis).sorted().toArray();
            return sorted[(int) Math.ceil(sorted.length * share) - 1];
        }

        /// Where the slow answers lie.
        void tellBySecond() {
            Map<Integer, List<Double>> bySecond = new TreeMap<>();
            latencies.forEach(one -> bySecond.computeIfAbsent((int) one.second(), any -> new ArrayList<>())
                    .add(one.millis()));
            bySecond.forEach((second, values) -> {
                double[] sorted = values.stream()
                        .mapToDouble(Double::doubleValue)
                        .sorted()
                        .toArray();
                System.out.printf(
                        "second %2d: median %.0f ms, largest %.0f ms%n",
                        second, sorted[sorted.length / 2], sorted[sorted.length - 1]);
            });
        }
    }

    private static Verdict verdict(GatewayClient gateway, Round first, Round storm) throws Exception {
        Map<String, String> jobs = new HashMap<>(first.jobs());
        jobs.putAll(storm.jobs());
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
        long doubled = jobs.size() - jobs.values().stream().distinct().count();
        boolean onlyAccepted = Stream.of(first, storm)
                .flatMap(round -> round.statuses().keySet().stream())
                .allMatch(status -> status == 202 || status == 429);
        return new Verdict(
                onlyAccepted && lost == 0 && doubled == 0 && storm.percentile(0.99) < PROMISED_P99_MILLIS,
                "storm of %d a second: answers %s, POST median %.1f ms, p99 %.1f ms (promised: %.0f), largest %.1f ms; in the first %d s after the start, answers %s, median %.1f ms, p99 %.1f ms; %d lost, %d doubled; all done %.0f s after"
                        .formatted(
                                RATE,
                                storm.statuses(),
                                storm.percentile(0.5),
                                storm.percentile(0.99),
                                PROMISED_P99_MILLIS,
                                storm.percentile(1),
                                WARM_UP.toSeconds(),
                                first.statuses(),
                                first.percentile(0.5),
                                first.percentile(0.99),
                                lost,
                                doubled,
                                drained));
    }

    /// A handful of pictures: the drill is about the door, not about what lies behind it.
    private static String upload(GatewayClient gateway) throws IOException, InterruptedException {
        Path file = Files.createTempFile("storm", ".npz");
        try (Tensor images = Tensor.allocate(ElementType.FLOAT, IMAGES, 1, 4, 4);
                Tensor labels = Tensor.allocate(ElementType.INT64, IMAGES)) {
            for (int i = 0; i < IMAGES; i++) {
                labels.longs().put(i, i % 2);
            }
            Npz.write(file, Map.of("images", images, "labels", labels));
            return gateway.upload(file);
        } finally {
            Files.delete(file);
        }
    }

    private static String request(String images) {
        return "{\"source\": \"" + images + "\"}";
    }
}
