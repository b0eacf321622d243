package dev.assay.local;

import dev.assay.computation.ProblemException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;

/// Starts the services of a mesh as child processes, all at once, starts those again that end by themselves, and
/// stops all of them in order. Each service has one virtual thread that follows its life.
///
/// Whatever happens to this JVM, no service outlives it: {@link #close} stops them, and {@link OrphanGuard}
/// does when `close` cannot run.
final class Supervisor implements AutoCloseable {

    private static final long LOG_ROTATION_BYTES = 16L << 20;
    private static final long PROBE_INTERVAL_MILLIS = 50;

    private final HomeFolder home;
    private final List<ServiceDefinition> definitions;
    private final Supervision rules;
    private final Consumer<ServiceStatus> listener;
    private final OrphanGuard guard;
    private final Object lock = new Object();
    private final Map<String, ServiceStatus> statuses = new LinkedHashMap<>();
    private final Map<String, Process> processes = new LinkedHashMap<>();
    private boolean stopping;

    private Supervisor(
            HomeFolder home,
            List<ServiceDefinition> definitions,
            Supervision rules,
            Consumer<ServiceStatus> listener,
            OrphanGuard guard) {
        this.home = home;
        this.definitions = List.copyOf(definitions);
        this.rules = rules;
        this.listener = listener;
        this.guard = guard;
        definitions.forEach(service -> statuses.put(service.name(), ServiceStatus.waiting(service)));
    }

    /// Starts the services and returns at once.
    ///
    /// @param definitions in an order in which each comes after those that it needs
    /// @param listener told each change of a service's state, one at a time
    /// @throws ProblemException `port-in-use` when a port of the mesh is taken; nothing is started then
    static Supervisor start(
            HomeFolder home, List<ServiceDefinition> definitions, Supervision rules, Consumer<ServiceStatus> listener) {
        definitions.forEach(service -> Ports.requireFree(service.name(), service.port()));
        home.create();
        try {
            var supervisor = new Supervisor(home, definitions, rules, listener, OrphanGuard.start());
            supervisor.publish();
            for (ServiceDefinition service : definitions) {
                Thread.ofVirtual().name(service.name()).start(() -> supervisor.live(service));
            }
            return supervisor;
        } catch (IOException failure) {
            throw new UncheckedIOException(failure);
        }
    }

    List<ServiceStatus> statuses() {
        synchronized (lock) {
            return List.copyOf(statuses.values());
        }
    }

    /// Waits until every service is ready.
    ///
    /// @return true when all are ready; false when one was given up or the supervisor was closed meanwhile
    boolean awaitReady() throws InterruptedException {
        synchronized (lock) {
            while (!stopping && statuses.values().stream().noneMatch(s -> s.state() == ServiceState.FAILED)) {
                if (statuses.values().stream().allMatch(s -> s.state() == ServiceState.READY)) {
                    return true;
                }
                lock.wait();
            }
            return false;
        }
    }

    /// Stops the services, those first that others do not need, and waits for them. Safe to call at any time
    /// and from a shutdown hook; a second call waits for the first.
    @Override
    public void close() {
        synchronized (lock) {
            if (stopping) {
                awaitStopped();
                return;
            }
            stopping = true;
            lock.notifyAll();
        }
        for (List<ServiceDefinition> stage : stages().descendingMap().values()) {
            stop(stage);
        }
        guard.close();
        synchronized (lock) {
            statuses.replaceAll((name, status) -> status.to(ServiceState.STOPPED, ""));
            lock.notifyAll();
        }
        try {
            Files.deleteIfExists(home.state());
        } catch (IOException failure) {
            throw new UncheckedIOException(failure);
        }
    }

    private void awaitStopped() {
        boolean interrupted = false;
        while (statuses.values().stream().anyMatch(s -> s.state() != ServiceState.STOPPED)) {
            try {
                lock.wait();
            } catch (InterruptedException again) {
                interrupted = true;
            }
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
    }

    private void live(ServiceDefinition service) {
        var ends = new ArrayList<Instant>();
        try {
            while (true) {
                Process process = launch(service);
                if (process == null) {
                    return;
                }
                String end = follow(service, process);
                if (isStopping()) {
                    return;
                }
                ends.add(Instant.now());
                var pause = rules.restarts().pause(ends, Instant.now());
                if (pause.isEmpty()) {
                    change(
                            service,
                            status -> status.to(
                                    ServiceState.FAILED,
                                    end + "; given up after " + ends.size() + " ends, see "
                                            + home.log(service.name())));
                    return;
                }
                change(
                        service,
                        status -> status.to(
                                        ServiceState.RESTARTING,
                                        end + "; starts again in " + pause.get().toMillis() + " ms")
                                .restarted());
                if (sleepUnlessStopping(pause.get())) {
                    return;
                }
            }
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
        } catch (IOException | RuntimeException failure) {
            change(service, status -> status.to(ServiceState.FAILED, failure.toString()));
        }
    }

    /// @return the started process, or null when the mesh stops; no process is started once that is so
    private Process launch(ServiceDefinition service) throws IOException {
        Path log = home.log(service.name());
        if (Files.exists(log) && Files.size(log) > LOG_ROTATION_BYTES) {
            Files.move(log, log.resolveSibling(service.name() + ".log.1"), StandardCopyOption.REPLACE_EXISTING);
        }
        var builder = new ProcessBuilder(OwnSession.command(service.command()))
                .directory(home.root().toFile())
                .redirectInput(ProcessBuilder.Redirect.from(Path.of("/dev/null").toFile()))
                .redirectErrorStream(true)
                .redirectOutput(ProcessBuilder.Redirect.appendTo(log.toFile()));
        synchronized (lock) {
            if (stopping) {
                return null;
            }
            Process process = builder.start();
            guard.watch(process.pid());
            processes.put(service.name(), process);
            Files.writeString(home.run().resolve(service.name() + ".pid"), process.pid() + "\n");
            change(service, status -> status.startedAs(ProcessIdentity.of(process.toHandle())));
            return process;
        }
    }

    /// @return how the process ended
    private String follow(ServiceDefinition service, Process process) throws InterruptedException {
        long deadline = System.nanoTime() + rules.startTimeout().toNanos();
        boolean tooSlow = false;
        while (process.isAlive() && !tooSlow) {
            if (service.protocol().answers(service.port()) && process.isAlive()) {
                change(service, status -> status.to(ServiceState.READY, ""));
                break;
            }
            if (!hasWhatItNeeds(service)) {
                // Its own time runs from when it could have been ready.
                deadline = System.nanoTime() + rules.startTimeout().toNanos();
            }
            tooSlow = System.nanoTime() > deadline;
            Thread.sleep(PROBE_INTERVAL_MILLIS);
        }
        if (tooSlow) {
            process.destroyForcibly();
        }
        int code = process.waitFor();
        guard.forget(process.pid());
        return tooSlow
                ? "was not ready after " + rules.startTimeout().toSeconds() + " s and was killed"
                : "ended by itself with " + describe(code);
    }

    private boolean hasWhatItNeeds(ServiceDefinition service) {
        synchronized (lock) {
            return service.needs().stream().allMatch(name -> statuses.get(name).state() == ServiceState.READY);
        }
    }

    private static String describe(int code) {
        return code > 128 ? "signal " + (code - 128) : "exit code " + code;
    }

    private void stop(List<ServiceDefinition> stage) {
        List<Process> running;
        synchronized (lock) {
            running = stage.stream()
                    .map(service -> processes.get(service.name()))
                    .filter(process -> process != null && process.isAlive())
                    .toList();
        }
        running.forEach(Process::destroy);
        long deadline = System.nanoTime() + rules.grace().toNanos();
        boolean interrupted = false;
        for (Process process : running) {
            try {
                if (!process.waitFor(Math.max(0, deadline - System.nanoTime()), TimeUnit.NANOSECONDS)) {
                    process.destroyForcibly().waitFor();
                }
            } catch (InterruptedException hurry) {
                process.destroyForcibly();
                interrupted = true;
            }
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
    }

    /// Services by how many others they lean on, one behind the other: 0 for the broker, 1 for what needs the broker.
    private TreeMap<Integer, List<ServiceDefinition>> stages() {
        var depth = new LinkedHashMap<String, Integer>();
        var stages = new TreeMap<Integer, List<ServiceDefinition>>();
        for (ServiceDefinition service : definitions) {
            int own = service.needs().stream()
                    .map(name -> depth.get(name) + 1)
                    .max(Comparator.naturalOrder())
                    .orElse(0);
            depth.put(service.name(), own);
            stages.computeIfAbsent(own, _ -> new ArrayList<>()).add(service);
        }
        return stages;
    }

    private boolean isStopping() {
        synchronized (lock) {
            return stopping;
        }
    }

    private boolean sleepUnlessStopping(Duration pause) throws InterruptedException {
        long deadline = System.nanoTime() + pause.toNanos();
        synchronized (lock) {
            while (!stopping) {
                long left = TimeUnit.NANOSECONDS.toMillis(deadline - System.nanoTime());
                if (left <= 0) {
                    return false;
                }
                lock.wait(left);
            }
            return true;
        }
    }

    private interface Change {
        ServiceStatus of(ServiceStatus before);
    }

    private void change(ServiceDefinition service, Change change) {
        synchronized (lock) {
            if (stopping) {
                return;
            }
            ServiceStatus after = change.of(statuses.get(service.name()));
            statuses.put(service.name(), after);
            publish();
            listener.accept(after);
            lock.notifyAll();
        }
    }

    private void publish() {
        synchronized (lock) {
            try {
                new MeshState(ProcessIdentity.of(ProcessHandle.current()), statuses()).write(home.state());
            } catch (IOException failure) {
                throw new UncheckedIOException(failure);
            }
        }
    }
}
