package dev.assay.drill;

import dev.assay.job.v1.Job;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;

/// The work that drills give a mesh: small jobs of every capability on the handwritten digits.
///
/// @param digits digest of the archive that everything begins with
/// @param train digest of the training part
/// @param test digest of the test part
/// @param model digest of a trained classifier
record Recipes(String digits, String train, String test, String model) {

    private static final Duration PATIENCE = Duration.ofMinutes(2);

    static Recipes prepare(GatewayClient gateway, Path checkout) throws IOException, InterruptedException {
        String digits = gateway.upload(checkout.resolve("gateway/cli/src/main/resources/dev/assay/cli/digits.npz"));
        Job data = succeeded(gateway, "/v1/loading/import", imported(digits, 0), "prepare-import");
        String train = data.getArtifactsOrThrow("data.beton").getDigest();
        String test = data.getArtifactsOrThrow("test.beton").getDigest();
        Job model = succeeded(gateway, "/v1/training/train", trained(train, test, 2, 0), "prepare-train");
        return new Recipes(
                digits, train, test, model.getArtifactsOrThrow("model.onnx").getDigest());
    }

    String importing(int seed) {
        return imported(digits, seed);
    }

    /// Steps and checkpoints enough to be killed in the middle.
    String training(int epochs, int seed) {
        return trained(train, test, epochs, seed);
    }

    String attacking(int seed) {
        return """
                {"model": "%s", "data": "%s", "threat": ["linf:0.1", "l2:1"], "steps": 5, "samples": 60, "seed": %d}""".formatted(model, test, seed);
    }

    String pipeline(int seed) {
        return """
                {"steps": [
                  {"name": "import", "capability": "loading", "operation": "import",
                   "request": %s},
                  {"name": "train", "capability": "training", "operation": "train",
                   "request": {"data": "${import.artifacts.data.beton}", "epochs": 1}},
                  {"name": "attack", "capability": "attack", "operation": "evaluate",
                   "request": {"model": "${train.result.model}", "data": "${import.artifacts.test.beton}",
                               "threat": ["linf:0.1"], "steps": 3, "samples": 40}}]}""".formatted(imported(digits, seed));
    }

    private static String imported(String digits, int seed) {
        return """
                {"source": "%s", "maximumValue": 16, "testFraction": 0.2, "seed": %d}""".formatted(digits, seed);
    }

    private static String trained(String train, String test, int epochs, int seed) {
        return """
                {"data": "%s", "testData": "%s", "architecture": "cnn-small", "epochs": %d, "seed": %d%s}""".formatted(train, test, epochs, seed, CHECKPOINTS);
    }

    private static final String CHECKPOINTS = ", \"checkpointSteps\": 20";

    private static Job succeeded(GatewayClient gateway, String path, String request, String key)
            throws IOException, InterruptedException {
        String id = GatewayClient.parsed(GatewayClient.accepted(gateway.submit(path, request, key)), Job.newBuilder())
                .getId();
        Job job = gateway.awaitOver(id, PATIENCE);
        if (job.getState() != Job.State.SUCCEEDED) {
            throw new IOException(path + " ended as " + job.getState() + ": "
                    + job.getProblem().getDetail());
        }
        return job;
    }
}
