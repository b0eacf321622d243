package dev.assay.worker;

import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.opentelemetry.api.OpenTelemetry;
import java.io.File;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;

/// A worker in a process of its own, which a test may kill or freeze. Its handler waits until the file `go`
/// appears in
/// the folder, and never ends by itself before that; `die` makes the process exit in the middle of a job.
final class WorkerProcess implements AutoCloseable {

    private final Process process;

    private WorkerProcess(Process process) {
        this.process = process;
    }

    /// @param lock how long a frozen worker keeps its job
    static WorkerProcess start(String bootstrapServers, String name, Path folder, Duration lock) throws IOException {
        String java = Path.of(System.getProperty("java.home"), "bin", "java").toString();
        String classPath = System.getProperty("surefire.test.class.path", System.getProperty("java.class.path"));
        Process process = new ProcessBuilder(
                        java,
                        "-Xmx128m",
                        "-XX:+UseSerialGC",
                        "-XX:TieredStopAtLevel=1",
                        "-Djava.util.logging.manager=org.jboss.logmanager.LogManager", // as Quarkus sets it
                        "-cp",
                        classPath,
                        WorkerProcess.class.getName(),
                        bootstrapServers,
                        name,
                        folder.toString(),
                        lock.toString())
                .redirectErrorStream(true)
                .redirectOutput(new File(folder.toFile(), name + ".log"))
                .start();
        return new WorkerProcess(process);
    }

    public static void main(String[] arguments) throws Exception {
        var folder = Path.of(arguments[2]);
        var configuration = WorkerConfiguration.named(arguments[1])
                .withLock(Duration.parse(arguments[3]))
                .withAttempts(2);
        var kafka = KafkaConnection.to(arguments[0]);
        WorkerLog.keep(new FileArtifactStore(folder).workerLogs(), arguments[1]);
        try (var mesh = Mesh.connect(
                        kafka, arguments[1], JobStates.Detail.OUTLINE, OpenTelemetry.noop(), Duration.ofSeconds(30));
                var worker = JobConsumer.start(
                        mesh,
                        configuration,
                        List.of(new TestHandlers.UntilFile(folder)),
                        new FileArtifactStore(folder),
                        FeatureCache.NONE,
                        new SimpleMeterRegistry())) {
            while (worker.isAlive()) {
                Thread.sleep(200);
            }
        }
    }

    boolean isAlive() {
        return process.isAlive();
    }

    /// As a power cut would.
    void kill() throws InterruptedException {
        process.destroyForcibly().waitFor();
    }

    void freeze() throws Exception {
        signal("STOP");
    }

    void thaw() throws Exception {
        signal("CONT");
    }

    private void signal(String name) throws Exception {
        int code = new ProcessBuilder("kill", "-" + name, Long.toString(process.pid()))
                .inheritIO()
                .start()
                .waitFor();
        if (code != 0) {
            throw new IOException("kill -" + name + " ended with " + code);
        }
    }

    @Override
    public void close() throws InterruptedException {
        kill();
    }
}
