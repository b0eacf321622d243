package dev.assay.product;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import dev.assay.attack.v1.EvaluateResult;
import dev.assay.attack.v1.RobustAccuracy;
import dev.assay.contract.Json;
import dev.assay.job.v1.JobEvent;
import dev.assay.loading.v1.ImportRequest;
import dev.assay.loading.v1.LoadingRequest;
import java.io.IOException;
import java.net.ServerSocket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.IntStream;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.apache.kafka.common.serialization.StringDeserializer;
import org.apache.kafka.common.serialization.StringSerializer;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.MethodOrderer;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestMethodOrder;
import org.junit.jupiter.api.io.TempDir;

/// The product as its users have it: the mesh of `./assay up` with every service its own process, asked through the
/// command line, HTTP and Kafka.
@TestMethodOrder(MethodOrderer.OrderAnnotation.class)
class ProductTest {

    private static final Path ROOT = Path.of("..").toAbsolutePath().normalize();
    private static final String JAVA =
            Path.of(System.getProperty("java.home"), "bin", "java").toString();
    private static final Duration PATIENCE = Duration.ofMinutes(3);

    @TempDir
    private static Path home;

    private static int portBase;

    private record Finished(int exitCode, String out, String err) {}

    @BeforeAll
    static void startTheMesh() throws Exception {
        portBase = freePortBase();
        Finished up = local("up", "--port-base", Integer.toString(portBase), "--no-aot");
        assertThat(up.exitCode()).as(up.out() + up.err()).isZero();
    }

    @AfterAll
    static void stopTheMesh() throws Exception {
        local("down");
    }

    @Test
    @Order(1)
    void theDemoTrainsAModelAndMeasuresHowRobustItIs() throws Exception {
        Path folder = home.resolve("demo");
        Finished demo = cli("demo", "--out", folder.toString());
        assertThat(demo.exitCode()).as(demo.err()).isZero();
        assertThat(demo.out()).contains("linf:0.1", "report: file://");

        String id = firstMatch(get("/v1/jobs?capability=attack&limit=1"), "\"id\":\\s*\"([0-9a-z]{26})\"");
        EvaluateResult.Builder result = EvaluateResult.newBuilder();
        Json.parse(get("/v1/jobs/" + id + "/result"), result);
        assertThat(result.getCleanAccuracy().getEstimate()).isGreaterThan(0.9);
        for (String norm : List.of("linf", "l2")) {
            List<Double> curve = result.getRobustAccuracyList().stream()
                    .filter(accuracy -> accuracy.getNorm().equals(norm))
                    .map(accuracy -> accuracy.getAccuracy().getEstimate())
                    .toList();
            assertThat(curve).hasSizeGreaterThan(2).isSortedAccordingTo((a, b) -> Double.compare(b, a));
            assertThat(curve.getLast()).isLessThan(0.5);
        }
        for (RobustAccuracy accuracy : result.getRobustAccuracyList()) {
            assertThat(accuracy.getLargestPerturbation()).isLessThanOrEqualTo(accuracy.getEpsilon() + 1e-6);
        }
        String report = Files.readString(folder.resolve("report.html"));
        assertThat(report).contains("default-src 'none'", "Security curve", "data:image/png;base64,");
    }

    @Test
    @Order(2)
    void anEventOnKafkaDoesWhatThePostDoes() throws Exception {
        Path digits = ROOT.resolve("gateway/cli/src/main/resources/dev/assay/cli/digits.npz");
        Finished put = cli("artifacts", "put", digits.toString());
        String digest = firstMatch(put.out() + put.err(), "(sha256:[0-9a-f]{64})");
        LoadingRequest request = LoadingRequest.newBuilder()
                .setImport(ImportRequest.newBuilder().setSource(digest).setMaximumValue(16))
                .build();
        String key = "from-kafka-" + System.nanoTime();
        JobEvent succeeded = submitByKafka(key, request);
        assertThat(succeeded.getSucceeded().getArtifactsMap()).containsKeys("data.beton", "report.html");
        assertThat(get("/v1/jobs/" + succeeded.getJobId())).contains("SUCCEEDED", key);
    }

    @Test
    @Order(3)
    void badInputIsToldInOneLineWithItsCureAndTheMeshGoesOn() throws Exception {
        Path noModel = Files.writeString(home.resolve("broken.onnx"), "this is no model");
        Finished model = cli(
                "attack", "evaluate", "--model", noModel.toString(), "--data", "digits-test", "--threat", "linf:8/255");
        assertThat(model.exitCode()).isIn(1, 2);
        assertThat(model.err()).contains("not an ONNX model").doesNotContain("\tat ");
        Finished epsilon =
                cli("attack", "evaluate", "--model", "digits-cnn", "--data", "digits-test", "--threat", "linf:8");
        assertThat(epsilon.exitCode()).isEqualTo(2);
        assertThat(epsilon.err()).contains("threat[0]", "8/255, not 8").doesNotContain("\tat ");
        Finished capability = cli("attak", "evaluate");
        assertThat(capability.exitCode()).isEqualTo(2);
        assertThat(capability.err()).contains("attack");
        Finished missing =
                cli("attack", "evaluate", "--model", "nobody", "--data", "digits-test", "--threat", "linf:0.1");
        assertThat(missing.exitCode()).isEqualTo(2);
        assertThat(missing.err()).contains("nobody").doesNotContain("\tat ");

        Finished good = cli(
                "attack",
                "evaluate",
                "--model",
                "digits-cnn",
                "--data",
                "digits-test",
                "--threat",
                "linf:0.1",
                "--steps",
                "3",
                "--json");
        assertThat(good.exitCode()).as(good.err()).isZero();
        Json.parse(good.out(), EvaluateResult.newBuilder());
    }

    @Test
    @Order(4)
    void jobsModelsAndReportsSurviveARestart() throws Exception {
        String before = firstMatch(get("/v1/jobs?capability=attack&limit=1"), "\"id\":\\s*\"([0-9a-z]{26})\"");
        assertThat(local("down").exitCode()).isZero();
        Finished up = local("up", "--port-base", Integer.toString(portBase), "--no-aot");
        assertThat(up.exitCode()).as(up.out() + up.err()).isZero();
        assertThat(local("status").exitCode()).isZero();
        assertThat(get("/v1/jobs/" + before)).contains("SUCCEEDED");
        assertThat(get("/v1/jobs/" + before + "/report")).contains("<!doctype html>");
        assertThat(get("/v1/models/digits-cnn")).contains("sha256:");
    }

    private static JobEvent submitByKafka(String key, LoadingRequest request) throws Exception {
        String broker = "127.0.0.1:" + (portBase + 2);
        try (var consumer = new KafkaConsumer<>(
                        Map.of(
                                "bootstrap.servers", broker,
                                "group.id", "product-test",
                                "auto.offset.reset", "earliest",
                                "isolation.level", "read_committed"),
                        new StringDeserializer(),
                        new ByteArrayDeserializer());
                var producer = new KafkaProducer<>(
                        Map.of("bootstrap.servers", broker), new StringSerializer(), new ByteArraySerializer())) {
            var record = new ProducerRecord<>("assay.jobs.loading", key, request.toByteArray());
            Map.of(
                            "ce_specversion", "1.0",
                            "ce_id", key,
                            "ce_source", "/product-test",
                            "ce_type", "dev.assay.loading.requested.v1",
                            "content-type", "application/protobuf")
                    .forEach((name, value) -> record.headers().add(name, value.getBytes(StandardCharsets.UTF_8)));
            consumer.subscribe(List.of("assay.job-events"));
            Instant sent = Instant.now();
            producer.send(record).get(20, TimeUnit.SECONDS);
            String job = "";
            while (Instant.now().isBefore(sent.plus(PATIENCE))) {
                for (var event : consumer.poll(Duration.ofSeconds(1))) {
                    JobEvent happened = JobEvent.parseFrom(ByteString.copyFrom(event.value()));
                    boolean isOurs = happened.getCapability().equals("loading")
                            && Instant.ofEpochSecond(happened.getTime().getSeconds() + 1)
                                    .isAfter(sent);
                    if (isOurs && happened.hasStarted()) {
                        job = happened.getJobId();
                    }
                    if (happened.getJobId().equals(job) && happened.hasSucceeded()) {
                        return happened;
                    }
                    assertThat(happened.getJobId().equals(job) && happened.hasFailed())
                            .as(happened.toString())
                            .isFalse();
                }
            }
        }
        throw new AssertionError("the event on Kafka was not answered within " + PATIENCE);
    }

    private static Finished local(String... arguments) throws Exception {
        return run("-Dassay.checkout=" + ROOT, ROOT.resolve("deploy/local/target/assay-local.jar"), arguments);
    }

    private static Finished cli(String... arguments) throws Exception {
        List<String> all = new ArrayList<>(List.of(arguments));
        all.addAll(List.of("--gateway", "http://127.0.0.1:" + portBase));
        return run(
                "--enable-native-access=ALL-UNNAMED",
                ROOT.resolve("gateway/cli/target/assay-cli.jar"),
                all.toArray(String[]::new));
    }

    private static Finished run(String flag, Path jar, String... arguments) throws Exception {
        List<String> command = new ArrayList<>(
                List.of(JAVA, "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1", flag, "-jar", jar.toString()));
        command.addAll(List.of(arguments));
        Path out = Files.createTempFile(home, "out", ".txt");
        Path err = Files.createTempFile(home, "err", ".txt");
        var builder = new ProcessBuilder(command).redirectOutput(out.toFile()).redirectError(err.toFile());
        builder.environment().put("ASSAY_HOME", home.resolve("mesh").toString());
        builder.environment().put("CI", "true");
        Process process = builder.start();
        if (!process.waitFor(PATIENCE.toSeconds(), TimeUnit.SECONDS)) {
            process.destroy();
            throw new AssertionError(command + " did not end within " + PATIENCE + "\n" + Files.readString(err));
        }
        return new Finished(process.exitValue(), Files.readString(out), Files.readString(err));
    }

    private static String get(String path) throws IOException, InterruptedException {
        try (var client = HttpClient.newHttpClient()) {
            var request = HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + portBase + path))
                    .build();
            HttpResponse<String> response = client.send(request, HttpResponse.BodyHandlers.ofString());
            assertThat(response.statusCode()).as(path + ": " + response.body()).isEqualTo(200);
            return response.body();
        }
    }

    private static String firstMatch(String text, String pattern) {
        Matcher matcher = Pattern.compile(pattern).matcher(text);
        assertThat(matcher.find()).as(pattern + " in " + text).isTrue();
        return matcher.group(1);
    }

    /// A base whose ports are all free. Below the ports that the system gives to outgoing connections, of which the
    /// tests before this one may have left many behind.
    private static int freePortBase() {
        return new Random()
                .ints(12_000, 30_000)
                .filter(base -> IntStream.of(0, 2, 3, 11, 12, 13).allMatch(offset -> isFree(base + offset)))
                .findFirst()
                .orElseThrow();
    }

    private static boolean isFree(int port) {
        try (ServerSocket socket = new ServerSocket(port)) {
            return socket.isBound();
        } catch (IOException taken) {
            return false;
        }
    }
}
