package dev.assay.worker;

import dev.assay.computation.ProblemException;
import io.opentelemetry.api.OpenTelemetry;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import org.apache.kafka.clients.admin.Admin;
import org.jboss.logging.Logger;

/// One process's connection to the mesh: the views of its topics, and the ways to submit, cancel and register.
/// Made once per process and closed at its end. Thread-safe.
public final class Mesh implements AutoCloseable {

    private static final Logger LOG = Logger.getLogger(Mesh.class);
    private static final Duration PATIENCE = Duration.ofSeconds(60);
    private static final Duration PAUSE = Duration.ofMillis(500);

    private final Deque<AutoCloseable> open = new ArrayDeque<>();
    private final KafkaConnection connection;
    private final String source;
    private final OpenTelemetry telemetry;
    private final Clock clock;
    private final Admin admin;
    private final Ledger ledger;
    private final JobStates states;
    private final JobOrders orders;
    private final Registry registry;
    private final JobSubmitter submitter;
    private final JobControl control;

    private Mesh(
            KafkaConnection connection,
            String processName,
            JobStates.Detail detail,
            OpenTelemetry telemetry,
            Clock clock) {
        this.connection = connection;
        this.source = "/" + processName;
        this.telemetry = telemetry;
        this.clock = clock;
        this.admin = opened(connection.admin());
        this.ledger = opened(new Ledger(connection, processName));
        this.states = new JobStates(detail);
        this.orders = new JobOrders();
        this.registry = new Registry(ledger, source, clock);
        this.submitter = new JobSubmitter(ledger, states, source, telemetry, clock);
        this.control = new JobControl(ledger, states, source, clock);
    }

    /// Connects, creates the topics that are missing, and returns when the views hold all that was there.
    ///
    /// @param processName letters, digits, `.`, `_`, `-`: tells who wrote an event, such as `gateway` or
    ///     `attack-1`
    /// @param detail how much of finished jobs is kept
    /// @param timeToConnect how long to wait for a broker that is not there yet
    /// @throws ProblemException `mesh-unavailable`
    public static Mesh connect(
            KafkaConnection connection,
            String processName,
            JobStates.Detail detail,
            OpenTelemetry telemetry,
            Duration timeToConnect) {
        return connect(connection, processName, detail, telemetry, Clock.systemUTC(), timeToConnect);
    }

    /// As above, with a clock of its own for what it writes into jobs and events.
    public static Mesh connect(
            KafkaConnection connection,
            String processName,
            JobStates.Detail detail,
            OpenTelemetry telemetry,
            Clock clock,
            Duration timeToConnect) {
        var mesh = new Mesh(connection, processName, detail, telemetry, clock);
        try {
            mesh.ensureTopics(timeToConnect);
            mesh.startViews();
            return mesh;
        } catch (RuntimeException failure) {
            mesh.close();
            throw failure;
        }
    }

    public JobStates states() {
        return states;
    }

    public JobSubmitter submitter() {
        return submitter;
    }

    public JobControl control() {
        return control;
    }

    public Registry registry() {
        return registry;
    }

    /// Opens the log of events, for those who show them to people. Closed with the mesh.
    ///
    /// @throws ProblemException `mesh-unavailable`
    public synchronized JobEventLog openEventLog() {
        return opened(new JobEventLog(connection, admin, states));
    }

    /// Calls `action` when this process, by the name it connected with, is told to stop.
    ///
    /// @return takes it away again
    public AutoCloseable onDrain(Runnable action) {
        return orders.onDrain(worker -> {
            if (source.equals("/" + worker)) {
                action.run();
            }
        });
    }

    /// The slots that take jobs at this moment.
    ///
    /// @throws ProblemException `mesh-unavailable`
    public List<WorkerMember> members() {
        return WorkerMember.all(admin);
    }

    /// Fails when the broker does not answer or a topic is missing.
    ///
    /// @throws ProblemException `mesh-unavailable`
    public void requireReady() {
        List<String> missing = Topics.missing(admin);
        if (!missing.isEmpty()) {
            throw Topics.unavailable(new IllegalStateException("topics are missing: " + missing));
        }
    }

    @Override
    public synchronized void close() {
        while (!open.isEmpty()) {
            try {
                open.pop().close();
            } catch (Exception failure) {
                LOG.warnf(failure, "closing a part of the mesh failed");
            }
        }
    }

    Ledger ledger() {
        return ledger;
    }

    JobOrders orders() {
        return orders;
    }

    Admin admin() {
        return admin;
    }

    KafkaConnection connection() {
        return connection;
    }

    OpenTelemetry telemetry() {
        return telemetry;
    }

    Clock clock() {
        return clock;
    }

    String source() {
        return source;
    }

    private void startViews() {
        var reader = opened(new TopicReader(
                connection, admin, "assay-views", List.of(states.view(), orders.view(), registry.view())));
        states.readBy(reader);
        registry.readBy(reader);
        reader.awaitCaughtUp(PATIENCE);
    }

    private void ensureTopics(Duration timeToConnect) {
        long deadline = System.nanoTime() + timeToConnect.toNanos();
        while (true) {
            try {
                Topics.ensure(admin);
                return;
            } catch (ProblemException unavailable) {
                if (System.nanoTime() > deadline) {
                    throw unavailable;
                }
                LOG.infof("waiting for the broker at %s", connection.bootstrapServers());
            }
            try {
                Thread.sleep(PAUSE);
            } catch (InterruptedException stopped) {
                Thread.currentThread().interrupt();
                throw Topics.unavailable(stopped);
            }
        }
    }

    private <C extends AutoCloseable> C opened(C part) {
        open.push(part);
        return part;
    }
}
