package dev.assay.drill;

import com.google.gson.JsonParser;
import dev.assay.job.v1.Job;
import java.io.IOException;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.LongAdder;
import java.util.stream.Collectors;

/// Random faults, and two workers whose clocks are off by an hour, while clients submit a mix: every accepted job
/// must reach exactly one end, its history must be legal by {@link HistoryModel}, and both gateways must tell the
/// same.
final class ChaosDrill {

    private static final int CLIENTS = 20;
    private static final Duration SETTLING = Duration.ofMinutes(5);
    private static final int SHORTEST_PAUSE_MILLIS = 2_000;
    private static final int PAUSE_SPREAD_MILLIS = 4_000;

    private enum Fault {
        KILL_WORKER,
        FREEZE_WORKER,
        STOP_WORKER,
        KILL_GATEWAY,
        RESTART_BROKER,
        KILL_BROKER,
        FLUSH_REDIS,
        KILL_REDIS
    }

    private final Path checkout;
    private final Duration duration;
    private final Random random;
    private final AtomicBoolean over = new AtomicBoolean();
    private final Map<String, String> accepted = new ConcurrentHashMap<>(); // by idempotency key
    private final LongAdder refused = new LongAdder();
    private final LongAdder unanswered = new LongAdder();
    private final Map<Fault, Integer> faults = new TreeMap<>();
    private int givenUp;

    ChaosDrill(Path checkout, Duration duration, long seed) {
        this.checkout = checkout;
        this.duration = duration;
        this.random = new Random(seed);
    }

    Verdict run() throws Exception {
        try (DrillMesh mesh = new DrillMesh(checkout)
                .withGateways(2)
                .withWorkers("loading", 2)
                .withWorker("training", 1)
                .withWorker("training", 2, "-Dassay.worker.clock-offset=PT-1H")
                .withWorker("attack", 1)
                .withWorker("attack", 2, "-Dassay.worker.clock-offset=PT1H")
                .start()) {
            List<GatewayClient> gateways = mesh.gateways();
            Recipes recipes = Recipes.prepare(gateways.getFirst(), checkout);
            List<Thread> clients = new ArrayList<>();
            for (int i = 0; i < CLIENTS; i++) {
                Random own = new Random(random.nextLong());
                String name = "client-" + i;
                clients.add(Thread.ofVirtual().start(() -> submitAll(gateways, recipes, own, name)));
            }
            long end = System.nanoTime() + duration.toNanos();
            while (System.nanoTime() < end) {
                Thread.sleep(SHORTEST_PAUSE_MILLIS + random.nextInt(PAUSE_SPREAD_MILLIS));
                Fault fault = Fault.values()[random.nextInt(Fault.values().length)];
                faults.merge(fault, 1, Integer::sum);
                System.out.printf("%s (%d jobs accepted)%n", fault, accepted.size());
                inflict(mesh, fault);
            }
            over.set(true);
            for (Thread client : clients) {
                client.join();
            }
            heal(mesh);
            return judge(mesh, gateways);
        }
    }

    private void inflict(DrillMesh mesh, Fault fault) throws Exception {
        switch (fault) {
            case KILL_WORKER -> restart(anyWorker(mesh), true);
            case STOP_WORKER -> restart(anyWorker(mesh), false);
            case KILL_GATEWAY -> restart(any(mesh.members("gateway")), true);
            case RESTART_BROKER -> restart(mesh.member("broker"), false);
            case KILL_BROKER -> restart(mesh.member("broker"), true);
            case KILL_REDIS -> restart(mesh.member("redis"), true);
            case FLUSH_REDIS -> mesh.flushRedis();
            case FREEZE_WORKER -> {
                Member worker = anyWorker(mesh);
                worker.freeze();
                Thread.sleep(1_000 + random.nextInt(20_000)); // shorter and longer than the lock of 15 s
                worker.thaw();
            }
        }
    }

    private static void restart(Member member, boolean kill) throws Exception {
        if (kill) {
            member.kill();
        } else {
            member.stop();
        }
        member.start();
    }

    private Member anyWorker(DrillMesh mesh) {
        List<Member> workers = new ArrayList<>();
        List.of("loading", "training", "attack").forEach(kind -> workers.addAll(mesh.members(kind)));
        return any(workers);
    }

    private Member any(List<Member> members) {
        return members.get(random.nextInt(members.size()));
    }

    /// What a careful client does: it tries again with the same key until it knows its job.
    private void submitAll(List<GatewayClient> gateways, Recipes recipes, Random own, String name) {
        for (int i = 0; !over.get(); i++) {
            String key = name + "-" + i;
            int seed = own.nextInt(1_000);
            String[] job = switch (own.nextInt(10)) {
                case 0 -> new String[] {"/v1/pipelines", recipes.pipeline(seed)};
                case 1, 2 -> new String[] {"/v1/training/train", recipes.training(1 + own.nextInt(4), seed)};
                case 3, 4, 5 -> new String[] {"/v1/attack/evaluate", recipes.attacking(seed)};
                default -> new String[] {"/v1/loading/import", recipes.importing(seed)};
            };
            try {
                submit(gateways, own, key, job[0], job[1]);
                Thread.sleep(500 + own.nextInt(3_000));
            } catch (InterruptedException stopped) {
                return;
            }
        }
    }

    private void submit(List<GatewayClient> gateways, Random own, String key, String path, String json)
            throws InterruptedException {
        while (true) {
            try {
                HttpResponse<String> answer =
                        gateways.get(own.nextInt(gateways.size())).submit(path, json, key);
                if (answer.statusCode() == 202) {
                    String id = GatewayClient.parsed(answer.body(), Job.newBuilder())
                            .getId();
                    accepted.put(key, id);
                    return;
                }
                refused.increment();
                if (answer.statusCode() != 503 && answer.statusCode() != 429) {
                    System.out.printf("%s answered %d: %s%n", path, answer.statusCode(), answer.body());
                }
            } catch (IOException broken) {
                unanswered.increment();
            }
            Thread.sleep(300);
            if (over.get()) {
                return; // never accepted: nothing is promised
            }
        }
    }

    private static void heal(DrillMesh mesh) throws Exception {
        for (Member member : mesh.all()) {
            member.start();
            member.thaw();
        }
        for (Member gateway : mesh.members("gateway")) {
            mesh.awaitReady(gateway.name());
        }
    }

    private Verdict judge(DrillMesh mesh, List<GatewayClient> gateways) throws Exception {
        GatewayClient gateway = gateways.getFirst();
        long begin = System.nanoTime();
        Map<Job.State, Integer> states = new TreeMap<>();
        List<String> faulty = new ArrayList<>();
        for (String id : accepted.values()) {
            Optional<String> fault = judge(gateways, id, states);
            fault.ifPresent(what -> faulty.add(id + ": " + what));
        }
        long distinct = accepted.values().stream().distinct().count();
        if (distinct != accepted.size()) {
            faulty.add((accepted.size() - distinct) + " keys share a job");
        }
        int doubled = doubled(gateway);
        faulty.stream().limit(20).forEach(System.out::println);
        for (Member member : mesh.all()) {
            if (!member.isAlive()) {
                faulty.add(member.name() + " is dead: " + mesh.tail(member.name()));
            }
        }
        return new Verdict(
                faulty.isEmpty() && doubled == 0,
                "chaos of %d s: faults %s; %d jobs accepted (%d refusals, %d broken requests), ends %s (%d given up after too many kills in a row), %d doubled, %d at fault, settled %.0f s after the last fault"
                        .formatted(
                                duration.toSeconds(),
                                faults,
                                accepted.size(),
                                refused.sum(),
                                unanswered.sum(),
                                states,
                                givenUp,
                                doubled,
                                faulty.size(),
                                (System.nanoTime() - begin) / 1e9));
    }

    private Optional<String> judge(List<GatewayClient> gateways, String id, Map<Job.State, Integer> states)
            throws Exception {
        Job job;
        try {
            job = gateways.getFirst().awaitOver(id, SETTLING);
        } catch (IOException lost) {
            return Optional.of(lost.getMessage());
        }
        states.merge(job.getState(), 1, Integer::sum);
        var history = gateways.getFirst().events(id);
        if (job.getState() != Job.State.SUCCEEDED && !isGivenUp(job)) {
            return Optional.of(
                    "it ended as " + job.getState() + ": " + job.getProblem().getDetail());
        }
        Optional<String> illegal = HistoryModel.fault(history, true);
        if (illegal.isPresent()) {
            return illegal;
        }
        Job other = gateways.getLast().job(id);
        return other.equals(job) && gateways.getLast().events(id).equals(history)
                ? Optional.empty()
                : Optional.of("the gateways do not agree: " + job.getState() + ", " + other.getState());
    }

    /// A job whose workers were killed too often in a row is given up, as it should be, and so is its pipeline.
    private boolean isGivenUp(Job job) {
        String type = job.getProblem().getType();
        boolean ofItself = type.endsWith(":job-given-up");
        boolean ofAStep =
                type.endsWith(":step-failed") && job.getProblem().getDetail().contains("job-given-up");
        givenUp += ofItself || ofAStep ? 1 : 0;
        return ofItself || ofAStep;
    }

    /// Jobs with the same idempotency key, of all jobs that the mesh knows.
    private static int doubled(GatewayClient gateway) throws IOException, InterruptedException {
        List<String> keys = new ArrayList<>();
        String cursor = "";
        do {
            var page = JsonParser.parseString(GatewayClient.accepted(gateway.send(
                            gateway.request("/v1/jobs?limit=500" + cursor).GET())))
                    .getAsJsonObject();
            page.getAsJsonArray("jobs")
                    .forEach(job -> keys.add(job.getAsJsonObject()
                                    .get("capability")
                                    .getAsString() + " "
                            + job.getAsJsonObject().get("idempotencyKey").getAsString()));
            cursor =
                    page.has("nextCursor") ? "&cursor=" + page.get("nextCursor").getAsString() : "";
        } while (!cursor.isEmpty());
        return (int) keys.stream().collect(Collectors.groupingBy(key -> key, Collectors.counting())).values().stream()
                .filter(count -> count > 1)
                .count();
    }
}
