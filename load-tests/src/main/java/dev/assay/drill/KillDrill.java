package dev.assay.drill;

import dev.assay.job.v1.Job;
import dev.assay.job.v1.JobEvent;
import dev.assay.onnx.Graph;
import dev.assay.onnx.OnnxFile;
import dev.assay.training.v1.TrainResult;
import java.io.IOException;
import java.net.http.HttpClient;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;

/// `kill -9` of the worker at a random moment of a training that keeps checkpoints, again and again: each job must
/// succeed, be recorded once, and give what an undisturbed training gives, bit for bit.
final class KillDrill {

    private static final Duration PATIENCE = Duration.ofMinutes(2);
    private static final int EPOCHS = 40;

    private final Path checkout;
    private final int kills;
    private final Random random;

    KillDrill(Path checkout, int kills, long seed) {
        this.checkout = checkout;
        this.kills = kills;
        this.random = new Random(seed);
    }

    /// What one kill came to.
    ///
    /// @param secondsToRecover from the kill to the next attempt's start; negative when the job was over before
    private record Outcome(boolean succeeded, int ends, boolean same, boolean resumed, double secondsToRecover) {}

    Verdict run() throws Exception {
        try (DrillMesh mesh = new DrillMesh(checkout)
                .withGateways(1)
                .withWorkers("loading", 1)
                .withWorkers("training", 2)
                .start()) {
            GatewayClient gateway = mesh.gateways().getFirst();
            Recipes recipes = Recipes.prepare(gateway, checkout);
            gateway.awaitOver(submit(gateway, recipes, "warm-up"), PATIENCE);
            long begin = System.nanoTime();
            Result undisturbed = result(gateway, gateway.awaitOver(submit(gateway, recipes, "undisturbed"), PATIENCE));
            double seconds = (System.nanoTime() - begin) / 1e9;
            List<Outcome> outcomes = new ArrayList<>();
            int met = 0;
            for (int i = 1; met < kills && i <= 2 * kills + 3; i++) {
                Outcome outcome = kill(mesh, gateway, recipes, "kill-" + i, seconds, undisturbed);
                outcomes.add(outcome);
                met += outcome.secondsToRecover() >= 0 ? 1 : 0;
                System.out.printf("kill %d: %s%n", i, outcome);
            }
            return verdict(outcomes, seconds);
        }
    }

    private Outcome kill(
            DrillMesh mesh, GatewayClient gateway, Recipes recipes, String key, double seconds, Result undisturbed)
            throws Exception {
        String id = submit(gateway, recipes, key);
        while (gateway.job(id).getAttempt() == 0) {
            Thread.sleep(10);
        }
        Thread.sleep((long) (random.nextDouble() * seconds * 1_000));
        Job running = gateway.job(id);
        Instant killed = Instant.now();
        boolean wasRunning = running.getState() == Job.State.RUNNING;
        if (wasRunning) {
            Member victim = mesh.member(running.getWorker());
            victim.kill();
            victim.start();
        }
        Job over = gateway.awaitOver(id, PATIENCE);
        List<JobEvent> history = gateway.events(id);
        List<JobEvent> starts = history.stream().filter(JobEvent::hasStarted).toList();
        double recovery = starts.size() < 2
                ? -1
                : Duration.between(killed, instant(starts.getLast())).toMillis() / 1e3;
        if (wasRunning) {
            mesh.awaitReady(running.getWorker());
        }
        return new Outcome(
                over.getState() == Job.State.SUCCEEDED,
                (int) history.stream().filter(JobEvent::hasSucceeded).count(),
                over.getState() == Job.State.SUCCEEDED && undisturbed.equals(result(gateway, over)),
                starts.getLast().getStarted().hasCheckpoint(),
                recovery);
    }

    /// What must not depend on the kill: the weights and what each epoch brought.
    private record Result(Map<String, ByteBuffer> weights, List<?> epochs, Object accuracy) {}

    private static Result result(GatewayClient gateway, Job job) throws IOException, InterruptedException {
        String digest = job.getArtifactsOrThrow("model.onnx").getDigest();
        byte[] model = HttpClient.newHttpClient()
                .send(gateway.request("/v1/artifacts/" + digest).GET().build(), BodyHandlers.ofByteArray())
                .body();
        Graph graph = OnnxFile.read(ByteBuffer.wrap(model));
        Map<String, ByteBuffer> weights = new TreeMap<>();
        graph.initializers().forEach((name, tensor) -> weights.put(name, tensor.bytes()));
        TrainResult result = job.getResult().unpack(TrainResult.class);
        return new Result(weights, result.getEpochsList(), result.getTestAccuracy());
    }

    private static String submit(GatewayClient gateway, Recipes recipes, String key)
            throws IOException, InterruptedException {
        return GatewayClient.parsed(
                        GatewayClient.accepted(gateway.submit("/v1/training/train", recipes.training(EPOCHS, 1), key)),
                        Job.newBuilder())
                .getId();
    }

    private static Instant instant(JobEvent event) {
        return Instant.ofEpochSecond(
                event.getTime().getSeconds(), event.getTime().getNanos());
    }

    private Verdict verdict(List<Outcome> outcomes, double seconds) {
        long succeeded = outcomes.stream().filter(Outcome::succeeded).count();
        long once = outcomes.stream().filter(outcome -> outcome.ends() == 1).count();
        long same = outcomes.stream().filter(Outcome::same).count();
        long resumed = outcomes.stream().filter(Outcome::resumed).count();
        List<Double> recoveries = new ArrayList<>(outcomes.stream()
                .map(Outcome::secondsToRecover)
                .filter(recovery -> recovery >= 0)
                .toList());
        Collections.sort(recoveries);
        String recovery = recoveries.isEmpty()
                ? "none was killed in time"
                : "recovery median %.2f s, largest %.2f s"
                        .formatted(recoveries.get(recoveries.size() / 2), recoveries.getLast());
        int tried = outcomes.size();
        return new Verdict(
                succeeded == tried && once == tried && same == tried && recoveries.size() == kills,
                "kill -9 of a training's worker (%.1f s undisturbed): %d tried, %d met a running job, %d succeeded, %d recorded once, %d equal to the undisturbed run, %d went on from a checkpoint; %s"
                        .formatted(seconds, tried, recoveries.size(), succeeded, once, same, resumed, recovery));
    }
}
