package dev.assay.product;

import static org.assertj.core.api.Assertions.assertThat;

import dev.assay.attack.v1.EvaluateRequest;
import dev.assay.attack.v1.EvaluateResult;
import dev.assay.job.v1.JobEvent;
import dev.assay.local.EmbeddedBroker;
import dev.assay.worker.FeatureCache;
import dev.assay.worker.FileArtifactStore;
import dev.assay.worker.Job;
import dev.assay.worker.JobConsumer;
import dev.assay.worker.JobHandler;
import dev.assay.worker.JobStates;
import dev.assay.worker.KafkaConnection;
import dev.assay.worker.Mesh;
import dev.assay.worker.WorkerConfiguration;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.opentelemetry.api.OpenTelemetry;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/// The command lines of docs/events.md, run as they stand there: Kafka's own console tools, a real broker and a real
/// worker, whose answer is quick.
@Timeout(180)
class ConsoleToolsTest {

    private static final Path ROOT = Path.of("..").toAbsolutePath().normalize();
    private static final Duration PATIENCE = Duration.ofSeconds(60);
    private static final Pattern LAST =
            Pattern.compile("Partition:(\\d+)\tOffset:(\\d+)\t.*ce_type:dev\\.assay\\.job\\.succeeded\\.v1");

    private static final class Counting implements JobHandler<EvaluateRequest, EvaluateResult> {

        @Override
        public EvaluateResult run(Job<EvaluateRequest> job) {
            return EvaluateResult.newBuilder()
                    .setSamples(job.request().getSteps())
                    .build();
        }
    }

    private record Finished(int exitCode, String out, String err) {}

    @TempDir
    private static Path folder;

    private static EmbeddedBroker broker;
    private static Mesh mesh;
    private static JobConsumer worker;

    @BeforeAll
    static void start() throws IOException {
        broker = EmbeddedBroker.temporary();
        mesh = Mesh.connect(
                KafkaConnection.to(broker.bootstrapServers()),
                "console",
                JobStates.Detail.WHOLE,
                OpenTelemetry.noop(),
                PATIENCE);
        worker = JobConsumer.start(
                mesh,
                WorkerConfiguration.named("console"),
                List.of(new Counting()),
                new FileArtifactStore(folder.resolve("artifacts")),
                FeatureCache.NONE,
                new SimpleMeterRegistry());
        tool("kafka-console-producer.sh", "org.apache.kafka.tools.ConsoleProducer");
        tool("kafka-console-consumer.sh", "org.apache.kafka.tools.consumer.ConsoleConsumer");
    }

    @AfterAll
    static void stop() {
        worker.close();
        mesh.close();
        broker.close();
    }

    @Test
    void anOrderByTheConsoleToolsIsAnsweredByAnEventThatHoldsTheResult() throws Exception {
        Finished sent = run(example("structured"));
        assertThat(sent.exitCode()).as(sent.err()).isZero();
        awaitSuccess("01kb0000000000000000000001");

        Finished events = run(example("events"));
        assertThat(events.out())
                .as(events.err())
                .contains("ce_type:dev.assay.job.queued.v1", "ce_type:dev.assay.job.started.v1");
        Matcher last = LAST.matcher(events.out());
        assertThat(last.find()).as(events.out()).isTrue();

        Finished result =
                run(example("result").replace("PARTITION", last.group(1)).replace("OFFSET", last.group(2)));
        assertThat(result.exitCode()).as(result.err()).isZero();
        JobEvent event = JobEvent.parseFrom(Files.readAllBytes(folder.resolve("event.bin")));
        assertThat(event.getSucceeded().getResult().unpack(EvaluateResult.class).getSamples())
                .isEqualTo(3);
    }

    @Test
    void theAttributesMayBeHeaders() throws Exception {
        Finished sent = run(example("binary"));
        assertThat(sent.exitCode()).as(sent.err()).isZero();

        awaitSuccess("01kb0000000000000000000002");
    }

    /// The shell lines that stand in docs/events.md under the marker of this name.
    private static String example(String name) throws IOException {
        String page = Files.readString(ROOT.resolve("docs/events.md"));
        Matcher block = Pattern.compile("<!-- tested: " + name + " -->\n```sh\n(.*?)```", Pattern.DOTALL)
                .matcher(page);
        assertThat(block.find()).as(name).isTrue();
        return block.group(1).replace("127.0.0.1:7702", broker.bootstrapServers());
    }

    /// The same class with the same arguments as in Kafka's distribution.
    private static void tool(String name, String mainClass) throws IOException {
        Path script = Files.writeString(folder.resolve(name), """
                #!/bin/sh
                exec "%s" -XX:+UseSerialGC -XX:TieredStopAtLevel=1 -cp "%s" %s "$@"
                """.formatted(
                        Path.of(System.getProperty("java.home"), "bin", "java"),
                        ROOT.resolve("load-tests/target/kafka-tools/*"),
                        mainClass));
        Files.setPosixFilePermissions(script, PosixFilePermissions.fromString("rwxr-xr-x"));
    }

    private static Finished run(String lines) throws IOException, InterruptedException {
        Path out = Files.createTempFile(folder, "out", ".txt");
        Path err = Files.createTempFile(folder, "err", ".txt");
        var builder = new ProcessBuilder("/bin/sh", "-eu", "-c", lines)
                .directory(folder.toFile())
                .redirectOutput(out.toFile())
                .redirectError(err.toFile());
        builder.environment().merge("PATH", folder.toString(), (path, own) -> own + ":" + path);
        Process process = builder.start();
        if (!process.waitFor(PATIENCE.toSeconds(), TimeUnit.SECONDS)) {
            process.descendants().forEach(ProcessHandle::destroy);
            process.destroy();
            throw new AssertionError(lines + " did not end within " + PATIENCE + "\n" + Files.readString(err));
        }
        return new Finished(process.exitValue(), Files.readString(out), Files.readString(err));
    }

    private static void awaitSuccess(String id) throws InterruptedException {
        long deadline = System.nanoTime() + PATIENCE.toNanos();
        while (mesh.states()
                .find(id)
                .filter(job -> job.getState() == dev.assay.job.v1.Job.State.SUCCEEDED)
                .isEmpty()) {
            assertThat(System.nanoTime())
                    .as("job " + id + " is " + mesh.states().find(id))
                    .isLessThan(deadline);
            Thread.sleep(20);
        }
    }
}
