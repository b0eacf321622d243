package dev.assay.local;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.File;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ThreadLocalRandom;
import java.util.jar.Attributes;
import java.util.jar.JarOutputStream;
import java.util.jar.Manifest;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// The life of a mesh as a user sees it, through the launcher script: a real broker and a real Redis, with
/// small stand-ins for the gateway, the workers and the command line, whose own modules test them.
class MeshCycleTest {

    @TempDir
    Path folder;

    private Path checkout;
    private int portBase;

    private record Answer(int code, String text) {}

    @BeforeEach
    void makeABuiltCheckout() throws Exception {
        checkout = Files.createDirectories(folder.resolve("a checkout"));
        Files.copy(Path.of(System.getProperty("assay.checkout"), "assay"), checkout.resolve("assay"));
        checkout.resolve("assay").toFile().setExecutable(true);
        jar("deploy/local/target/assay-local.jar", LocalMain.class);
        jar("gateway/cli/target/assay-cli.jar", FakeClient.class);
        for (String service : List.of("gateway/server", "services/loading", "services/training", "services/attack")) {
            jar(service + "/target/quarkus-app/quarkus-run.jar", FakeQuarkus.class);
        }
        Files.writeString(checkout.resolve("deploy/local/target/build.stamp"), "");
        portBase = freeBase();
    }

    @AfterEach
    void leaveNothingRunning() throws Exception {
        assay("down");
    }

    @Test
    void goesUpSurvivesADeadWorkerAndGoesDownLeavingItsData() throws Exception {
        assertThat(assay("status").code()).isEqualTo(1);

        Answer up = assay("up", "--port-base", Integer.toString(portBase));
        assertThat(up.code()).as(up.text()).isZero();
        assertThat(up.text()).contains("The mesh is up", "http://127.0.0.1:" + portBase);
        Answer again = assay("up");
        assertThat(again.code()).isZero();
        assertThat(again.text()).contains("already up", "http://127.0.0.1:" + portBase);

        Answer status = assay("status");
        assertThat(status.code()).as(status.text()).isZero();
        assertThat(status.text()).contains("broker", "redis", "gateway", "loading", "training", "attack", "healthy");
        assertThat(assay("logs", "attack").text()).contains("kafka at 127.0.0.1:" + (portBase + 2));

        MeshState before = state();
        service(before, "attack").process().orElseThrow().find().orElseThrow().destroyForcibly();
        await(() -> service(state(), "attack").restarts() == 1
                && service(state(), "attack").state() == ServiceState.READY);
        assertThat(assay("status", "--json").text()).contains("\"restarts\" : 1", "\"up\" : true");

        List<ProcessHandle> running = state().running();
        assertThat(running).hasSize(7);
        Answer down = assay("down");
        assertThat(down.code()).as(down.text()).isZero();
        assertThat(running).noneMatch(ProcessHandle::isAlive);
        assertThat(assay("down").text()).contains("No mesh is up");
        assertThat(checkout.resolve(".assay/kafka/meta.properties")).exists();

        assertThat(assay("up", "--port-base", Integer.toString(portBase)).code())
                .isZero();
    }

    @Test
    void saysWhichPortOfWhichServiceIsTaken() throws Exception {
        try (var other = new ServerSocket(portBase + 3, 1, InetAddress.getLoopbackAddress())) {
            Answer answer = assay("up", "--port-base", Integer.toString(portBase));
            assertThat(answer.code()).isEqualTo(2);
            assertThat(answer.text().lines())
                    .singleElement()
                    .asString()
                    .contains("redis", Integer.toString(other.getLocalPort()), "--port-base");
        }
    }

    @Test
    void theDemoRunsTheClientOnItsOwnMeshAndStopsEverything() throws Exception {
        Answer demo = assay("demo");
        assertThat(demo.text()).contains("client: demo --gateway http://127.0.0.1:", "gateway answers: true");
        assertThat(demo.code()).isEqualTo(5);
        assertThat(checkout.resolve(".assay/demo/run/mesh.properties")).doesNotExist();
    }

    @Test
    void ctrlCInTheDemoStopsEverything() throws Exception {
        Process demo = start(List.of("demo"), "FAKE_CLIENT_STAYS");
        HomeFolder home = new HomeFolder(checkout.resolve(".assay/demo"));
        await(() -> MeshState.read(home.state()).stream()
                .flatMap(state -> state.services().stream())
                .anyMatch(service -> service.state() == ServiceState.READY));
        List<ProcessHandle> running = MeshState.read(home.state()).orElseThrow().running();
        Interruption interruption = Interruption.ofThisMachine();
        assertThat(interruption.send(demo)).isEqualTo(interruption.exitCode());
        assertThat(running).hasSizeGreaterThan(2).noneMatch(ProcessHandle::isAlive);
    }

    @Test
    void anUnknownOptionIsRefusedWithTheOnesThatExist() throws Exception {
        Answer answer = assay("up", "--ports", "1");
        assertThat(answer.code()).isEqualTo(2);
        assertThat(answer.text()).contains("--ports", "--port-base");
    }

    private MeshState state() {
        return MeshState.read(checkout.resolve(".assay/run/mesh.properties")).orElseThrow();
    }

    private static ServiceStatus service(MeshState state, String name) {
        return state.services().stream()
                .filter(service -> service.name().equals(name))
                .findFirst()
                .orElseThrow();
    }

    private Answer assay(String... words) throws Exception {
        Process process = start(List.of(words), "NOTHING");
        String text = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        return new Answer(process.waitFor(), text);
    }

    private Process start(List<String> words, String variable) throws IOException {
        var command = new ArrayList<>(List.of(checkout.resolve("assay").toString()));
        command.addAll(words);
        var builder = new ProcessBuilder(command).redirectErrorStream(true);
        builder.environment().put("JAVA_HOME", System.getProperty("java.home"));
        builder.environment().put(variable, "yes");
        builder.environment().keySet().removeAll(List.of("ASSAY_HOME", "ASSAY_PORT_BASE"));
        return builder.start();
    }

    /// A jar without classes: its manifest names a main class and this test's class path.
    private void jar(String path, Class<?> main) throws IOException {
        Path file = checkout.resolve(path);
        Files.createDirectories(file.getParent());
        String classPath = Stream.of(System.getProperty("java.class.path").split(File.pathSeparator))
                .map(entry -> Path.of(entry).toUri().toString())
                .collect(Collectors.joining(" "));
        var manifest = new Manifest();
        manifest.getMainAttributes().put(Attributes.Name.MANIFEST_VERSION, "1.0");
        manifest.getMainAttributes().put(Attributes.Name.MAIN_CLASS, main.getName());
        manifest.getMainAttributes().put(Attributes.Name.CLASS_PATH, classPath);
        new JarOutputStream(Files.newOutputStream(file), manifest).close();
    }

    private static int freeBase() {
        return IntStream.generate(() -> ThreadLocalRandom.current().nextInt(15_000, 30_000))
                .filter(base -> IntStream.rangeClosed(base, base + 13).allMatch(Ports::isFree))
                .findFirst()
                .orElseThrow();
    }

    private interface Condition {
        boolean holds() throws Exception;
    }

    private static void await(Condition condition) throws Exception {
        long deadline = System.nanoTime() + Duration.ofSeconds(60).toNanos();
        while (!condition.holds()) {
            assertThat(System.nanoTime()).as("waited long enough").isLessThan(deadline);
            Thread.sleep(20);
        }
    }
}
