package dev.assay.local;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.assay.computation.ProblemException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class MeshStateTest {

    @TempDir
    Path folder;

    @Test
    void readsWhatWasWritten() throws Exception {
        var state = new MeshState(
                ProcessIdentity.of(ProcessHandle.current()),
                List.of(
                        service("training", ServiceState.READY, Optional.of(new ProcessIdentity(7, Instant.EPOCH))),
                        service("attack", ServiceState.WAITING, Optional.empty())));
        Path file = folder.resolve("mesh.properties");
        state.write(file);
        assertThat(MeshState.read(file)).contains(state);
    }

    @Test
    void aDamagedFileIsAProblemWithACure() throws Exception {
        Path file = Files.writeString(folder.resolve("mesh.properties"), "services=broker\nbroker.port=many\n");
        assertThatThrownBy(() -> MeshState.read(file)).isInstanceOfSatisfying(ProblemException.class, problem -> {
            assertThat(problem.type()).isEqualTo("mesh-state");
            assertThat(problem.oneLine()).contains(file.toString(), "delete the file");
        });
    }

    @Test
    void downLeavesAProcessAloneThatOnlyGotThePidOfAService() throws Exception {
        Process stranger = new ProcessBuilder("sleep", "600").start();
        try {
            Instant before = stranger.info().startInstant().orElseThrow().minus(Duration.ofHours(1));
            var stale = new ProcessIdentity(stranger.pid(), before);
            var home = new HomeFolder(folder);
            home.create();
            new MeshState(stale, List.of(service("attack", ServiceState.READY, Optional.of(stale))))
                    .write(home.state());

            assertThat(new DownCommand(home).run()).isZero();
            assertThat(stranger.isAlive()).isTrue();
            assertThat(home.state()).doesNotExist();
        } finally {
            stranger.destroyForcibly();
        }
    }

    @Test
    void downEndsWhatASupervisorThatDiedLeftRunning() throws Exception {
        Process left = new ProcessBuilder("sleep", "600").start();
        var home = new HomeFolder(folder);
        home.create();
        var gone = new ProcessIdentity(Long.MAX_VALUE, Instant.EPOCH);
        var service = service("attack", ServiceState.READY, Optional.of(ProcessIdentity.of(left.toHandle())));
        new MeshState(gone, List.of(service)).write(home.state());

        assertThat(new StatusCommand(home).run(StatusFormat.TABLE)).isEqualTo(1);
        assertThat(new DownCommand(home).run()).isZero();
        assertThat(left.waitFor()).isEqualTo(128 + 15);
    }

    @Test
    void downWithoutAMeshIsFine() throws Exception {
        assertThat(new DownCommand(new HomeFolder(folder)).run()).isZero();
    }

    private static ServiceStatus service(String name, ServiceState state, Optional<ProcessIdentity> process) {
        return new ServiceStatus(name, Protocol.HTTP, 7713, state, process, Instant.now(), 2, "a = b: c");
    }
}
