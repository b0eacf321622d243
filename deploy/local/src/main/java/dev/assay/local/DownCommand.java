package dev.assay.local;

import java.io.IOException;
import java.nio.file.Files;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/// Stops the mesh: asks its supervisor to, and where that is gone, ends what it left. Only processes that are
/// provably those which the supervisor wrote down are touched.
record DownCommand(HomeFolder home) {

    /// The supervisor stops its services in two stages of fifteen seconds at most.
    private static final Duration SUPERVISOR_TIME = Duration.ofSeconds(40);
    private static final Duration GRACE = Duration.ofSeconds(10);

    int run() throws IOException, InterruptedException {
        Optional<MeshState> found = MeshState.read(home.state());
        List<ProcessHandle> running = found.map(MeshState::running).orElse(List.of());
        if (running.isEmpty()) {
            Files.deleteIfExists(home.state());
            System.out.println("No mesh is up in " + home.root());
            return 0;
        }
        Optional<ProcessHandle> supervisor = found.orElseThrow().supervisor().find();
        if (supervisor.isPresent()) {
            supervisor.get().destroy();
            await(List.of(supervisor.get()), SUPERVISOR_TIME);
        }
        List<ProcessHandle> left = found.get().running();
        left.forEach(ProcessHandle::destroy);
        await(left, GRACE);
        left.stream().filter(ProcessHandle::isAlive).forEach(ProcessHandle::destroyForcibly);
        Files.deleteIfExists(home.state());
        System.out.println("The mesh is down; its data stays in " + home.root());
        return 0;
    }

    private static void await(List<ProcessHandle> processes, Duration limit) throws InterruptedException {
        long deadline = System.nanoTime() + limit.toNanos();
        for (ProcessHandle process : processes) {
            try {
                process.onExit().get(Math.max(0, deadline - System.nanoTime()), TimeUnit.NANOSECONDS);
            } catch (TimeoutException slow) {
                return;
            } catch (ExecutionException impossible) {
                throw new IllegalStateException(impossible);
            }
        }
    }
}
