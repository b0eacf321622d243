package dev.assay.local;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.assay.computation.ProblemException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.BooleanSupplier;
import java.util.function.Predicate;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SupervisorTest {

    private static final Supervision QUICK = new Supervision(
            new RestartPolicy(Duration.ofMillis(10), Duration.ofMillis(20), 2, Duration.ofMinutes(1)),
            Duration.ofSeconds(30),
            Duration.ofSeconds(1));

    @TempDir
    Path folder;

    private HomeFolder home;
    private final List<ServiceStatus> events = new CopyOnWriteArrayList<>();

    @BeforeEach
    void useAFreshHome() {
        home = new HomeFolder(folder);
    }

    @Test
    void startsAllServicesAtOnceAndStopsOneBeforeThoseThatItNeeds() throws Exception {
        List<Integer> ports = Ports.free(2);
        var base = FakeMesh.service("base", ports.get(0), Set.of());
        var user = FakeMesh.service("user", ports.get(1), Set.of("base"));
        try (var supervisor = supervise(base, user)) {
            assertThat(supervisor.awaitReady()).isTrue();
            assertThat(events)
                    .extracting(event -> event.name() + " " + event.state())
                    .containsExactlyInAnyOrder("base starting", "base ready", "user starting", "user ready");
            assertThat(MeshState.read(home.state()).orElseThrow().running()).hasSize(3);
        }
        assertThat(Files.readAllLines(folder.resolve("ends.txt"))).containsExactly("user", "base");
        assertThat(events).allMatch(event -> isGone(event.process().orElseThrow()));
        assertThat(home.state()).doesNotExist();
    }

    @Test
    void startsAServiceBeforeWhatItNeedsIsReady() throws Exception {
        var base = command("base", "sleep 600", Set.of());
        var user = FakeMesh.service("user", Ports.free(1).getFirst(), Set.of("base"));
        try (var supervisor = supervise(base, user)) {
            await(() -> supervisor.statuses().getLast().state() == ServiceState.READY);
            assertThat(supervisor.statuses().getFirst().state()).isEqualTo(ServiceState.STARTING);
        }
    }

    @Test
    void aServiceThatWaitsForAnotherIsNotTooSlow() throws Exception {
        var hurried = new Supervision(QUICK.restarts(), Duration.ofMillis(200), QUICK.grace());
        var base = command("base", "exec sleep 600", Set.of());
        var user = command("user", "exec sleep 600", Set.of("base"));
        try (var supervisor = Supervisor.start(home, List.of(base, user), hurried, events::add)) {
            assertThat(supervisor.awaitReady()).isFalse();
            assertThat(supervisor.statuses().getFirst().detail()).contains("was not ready");
            assertThat(supervisor.statuses().getLast())
                    .returns(ServiceState.STARTING, ServiceStatus::state)
                    .returns(0, ServiceStatus::restarts);
        }
    }

    @Test
    void startsAKilledServiceAgain() throws Exception {
        var service = FakeMesh.service("worker", Ports.free(1).getFirst(), Set.of());
        try (var supervisor = supervise(service)) {
            assertThat(supervisor.awaitReady()).isTrue();
            ProcessIdentity first = only(supervisor).process().orElseThrow();
            first.find().orElseThrow().destroyForcibly();

            await(() -> only(supervisor).restarts() == 1 && only(supervisor).state() == ServiceState.READY);
            assertThat(only(supervisor).process().orElseThrow()).isNotEqualTo(first);
            assertThat(events).anySatisfy(event -> {
                assertThat(event.state()).isEqualTo(ServiceState.RESTARTING);
                assertThat(event.detail()).contains("signal 9");
            });
        }
    }

    @Test
    void givesUpAServiceThatEndsAgainAndAgain() throws Exception {
        try (var supervisor = supervise(command("broken", "echo cannot work; exit 3", Set.of()))) {
            assertThat(supervisor.awaitReady()).isFalse();
            assertThat(only(supervisor).state()).isEqualTo(ServiceState.FAILED);
            assertThat(only(supervisor).detail())
                    .contains("exit code 3", "3 ends", home.log("broken").toString());
            assertThat(Files.readAllLines(home.log("broken")))
                    .containsExactly("cannot work", "cannot work", "cannot work");
        }
    }

    @Test
    void killsAServiceThatDoesNotEndWhenAsked() throws Exception {
        var supervisor =
                supervise(command("stubborn", "trap '' TERM; echo deaf; while true; do sleep 1; done", Set.of()));
        await(() -> contains(home.log("stubborn"), "deaf"));
        ProcessIdentity process = only(supervisor).process().orElseThrow();
        supervisor.close();
        assertThat(isGone(process)).isTrue();
    }

    @Test
    void startsNothingWhenAPortIsTaken() throws Exception {
        int free = Ports.free(1).getFirst();
        try (var other = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            int taken = other.getLocalPort();
            assertThatThrownBy(() -> supervise(
                            FakeMesh.service("first", free, Set.of()), FakeMesh.service("second", taken, Set.of())))
                    .isInstanceOfSatisfying(
                            ProblemException.class,
                            problem -> assertThat(problem.oneLine())
                                    .contains("second", Integer.toString(taken), "--port-base"));
        }
        assertThat(events).isEmpty();
    }

    @Test
    void leavesNoProcessBehindWhenInterruptedWhileItStarts() throws Exception {
        Process supervisor = superviseInAProcessOfItsOwn();
        List<ProcessIdentity> services = services(home);
        Interruption interruption = Interruption.ofThisMachine();
        assertThat(interruption.send(supervisor)).isEqualTo(interruption.exitCode());
        assertThat(services).hasSize(2).allMatch(SupervisorTest::isGone);
        assertThat(home.state()).doesNotExist();
    }

    @Test
    void leavesNoProcessBehindWhenItIsKilled() throws Exception {
        Process supervisor = superviseInAProcessOfItsOwn();
        List<ProcessIdentity> services = services(home);
        supervisor.destroyForcibly().waitFor();
        assertThat(services).hasSize(2);
        await(() -> services.stream().allMatch(SupervisorTest::isGone));
    }

    private Supervisor supervise(ServiceDefinition... services) {
        return Supervisor.start(home, List.of(services), QUICK, events::add);
    }

    private Process superviseInAProcessOfItsOwn() throws Exception {
        List<Integer> ports = Ports.free(2);
        Process process = new ProcessBuilder(FakeMesh.java(
                        FakeMesh.class,
                        folder.toString(),
                        ports.get(0).toString(),
                        ports.get(1).toString()))
                .inheritIO()
                .start();
        await(() -> services(home).size() == 2
                && MeshState.read(home.state()).orElseThrow().services().stream()
                        .anyMatch(service -> service.state() == ServiceState.READY));
        return process;
    }

    private static List<ProcessIdentity> services(HomeFolder home) {
        return MeshState.read(home.state()).stream()
                .flatMap(state -> state.services().stream())
                .flatMap(service -> service.process().stream())
                .toList();
    }

    private static ServiceDefinition command(String name, String script, Set<String> needs) throws Exception {
        List<String> command = List.of("/bin/sh", "-c", script);
        return new ServiceDefinition(name, Protocol.HTTP, Ports.free(1).getFirst(), command, needs);
    }

    private static ServiceStatus only(Supervisor supervisor) {
        return supervisor.statuses().getFirst();
    }

    private static boolean isGone(ProcessIdentity process) {
        return process.find().filter(Predicate.not(SupervisorTest::isZombie)).isEmpty();
    }

    /// A dead process whose new parent has not collected it yet; some containers' first process is slow to.
    private static boolean isZombie(ProcessHandle process) {
        return contains(Path.of("/proc", Long.toString(process.pid()), "status"), "State:\tZ");
    }

    private static boolean contains(Path file, String text) {
        try {
            return Files.readString(file).contains(text);
        } catch (java.io.IOException notThere) {
            return false;
        }
    }

    private static void await(BooleanSupplier condition) throws InterruptedException {
        long deadline = System.nanoTime() + Duration.ofSeconds(30).toNanos();
        while (!condition.getAsBoolean()) {
            assertThat(System.nanoTime()).as("waited long enough").isLessThan(deadline);
            Thread.sleep(20);
        }
    }
}
