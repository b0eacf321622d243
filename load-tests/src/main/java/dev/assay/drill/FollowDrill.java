package dev.assay.drill;

import dev.assay.job.v1.Job;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicInteger;

/// Many event streams to 200 clients. Each is broken off in the middle and taken up again at the other gateway with
/// `Last-Event-ID`: together they must tell exactly the job's history, without gap or double.
final class FollowDrill {

    private static final int CLIENTS = 200;
    private static final int JOBS = 200;
    private static final Duration PATIENCE = Duration.ofMinutes(5);

    /// What a gateway may grow by while it serves them.
    private static final long GROWTH_MIB = 128;

    private final Path checkout;
    private final int streams;
    private final Random random;

    FollowDrill(Path checkout, int streams, long seed) {
        this.checkout = checkout;
        this.streams = streams;
        this.random = new Random(seed);
    }

    Verdict run() throws Exception {
        try (DrillMesh mesh = new DrillMesh(checkout)
                .withGateways(2)
                .withWorkers("loading", 2)
                .withWorkers("training", 1)
                .start()) {
            List<GatewayClient> gateways = mesh.gateways();
            Recipes recipes = Recipes.prepare(gateways.getFirst(), checkout);
            List<String> jobs = submit(gateways.getFirst(), recipes);
            long before = resident(mesh);
            var faults = new ConcurrentLinkedQueue<String>();
            AtomicInteger next = new AtomicInteger();
            AtomicInteger events = new AtomicInteger();
            long begin = System.nanoTime();
            List<Thread> clients = new ArrayList<>();
            for (int i = 0; i < CLIENTS; i++) {
                Random own = new Random(random.nextLong());
                clients.add(Thread.ofVirtual().start(() -> {
                    while (next.getAndIncrement() < streams) {
                        follow(gateways, jobs.get(own.nextInt(jobs.size())), own, events)
                                .ifPresent(faults::add);
                    }
                }));
            }
            for (Thread client : clients) {
                client.join();
            }
            double seconds = (System.nanoTime() - begin) / 1e9;
            long growth = resident(mesh) - before;
            faults.stream().limit(10).forEach(System.out::println);
            return new Verdict(
                    faults.isEmpty() && growth < GROWTH_MIB,
                    "%d event streams to %d clients, each broken off once: %d events in %.0f s, %d with a gap or a double, gateways grew by %d MiB"
                            .formatted(streams, CLIENTS, events.get(), seconds, faults.size(), growth));
        }
    }

    private static List<String> submit(GatewayClient gateway, Recipes recipes)
            throws IOException, InterruptedException {
        List<String> jobs = new ArrayList<>();
        for (int i = 0; i < JOBS; i++) {
            boolean training = i % 20 == 0;
            String path = training ? "/v1/training/train" : "/v1/loading/import";
            String request = training ? recipes.training(4, i) : recipes.importing(i);
            jobs.add(GatewayClient.parsed(
                            GatewayClient.accepted(gateway.submit(path, request, "follow-" + i)), Job.newBuilder())
                    .getId());
        }
        return jobs;
    }

    private static Optional<String> follow(List<GatewayClient> gateways, String job, Random own, AtomicInteger events) {
        int first = own.nextInt(2);
        try {
            List<String> seen = new ArrayList<>(gateways.get(first).follow(job, Optional.empty(), 1 + own.nextInt(6)));
            Optional<String> last = seen.isEmpty()
                    ? Optional.empty()
                    : Optional.of(seen.getLast().split(" ")[0]);
            boolean isOver = !seen.isEmpty() && seen.getLast().matches(".*(succeeded|failed|cancelled)");
            if (!isOver) {
                seen.addAll(gateways.get(1 - first).follow(job, last, Integer.MAX_VALUE));
            }
            events.addAndGet(seen.size());
            gateways.get(first).awaitOver(job, PATIENCE);
            List<String> whole = gateways.get(first).follow(job, Optional.empty(), Integer.MAX_VALUE);
            return seen.equals(whole) ? Optional.empty() : Optional.of(job + ": " + seen + " instead of " + whole);
        } catch (IOException broken) {
            return Optional.of(job + ": " + broken);
        } catch (InterruptedException stopped) {
            Thread.currentThread().interrupt();
            return Optional.of(job + ": interrupted");
        }
    }

    private static long resident(DrillMesh mesh) throws IOException {
        long sum = 0;
        for (Member gateway : mesh.members("gateway")) {
            sum += gateway.residentMib();
        }
        return sum;
    }
}
