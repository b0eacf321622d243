package dev.assay.worker;

import dev.assay.contract.Operation;
import dev.assay.job.v1.Job;
import io.micrometer.core.instrument.MeterRegistry;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.jboss.logging.Logger;

/// Takes the jobs of one capability from its queue and runs them, as many at a time as it has slots, until it
/// is closed. A job runs at least once and is recorded exactly once: its state is committed first, the queue's
/// record acknowledged after, and what a worker says after its job went to another one counts for nothing.
public final class JobConsumer implements AutoCloseable {

    private static final Logger LOG = Logger.getLogger(JobConsumer.class);

    private final Mesh mesh;
    private final WorkerConfiguration configuration;
    private final String capability;
    private final Map<Operation, JobHandler<?, ?>> handlers;
    private final RunningJob.Tools tools;
    private final WorkerMetrics metrics;
    private final ProgressStream progress;
    private final List<QueueWork> queues;
    private final Map<String, Attempt> running = new ConcurrentHashMap<>();
    private final List<JobSlot> slots = new ArrayList<>();
    private final List<AutoCloseable> listeners = new ArrayList<>();

    private JobConsumer(
            Mesh mesh,
            WorkerConfiguration configuration,
            Map<Operation, JobHandler<?, ?>> handlers,
            RunningJob.Tools tools,
            MeterRegistry meters) {
        this.mesh = mesh;
        this.configuration = configuration;
        this.capability = handlers.keySet().iterator().next().capability();
        this.handlers = Map.copyOf(handlers);
        this.tools = tools;
        this.metrics = new WorkerMetrics(meters, capability);
        this.progress = new ProgressStream(mesh.connection(), mesh.source(), mesh.clock());
        this.queues = queues(capability, configuration).stream()
                .map(queue -> new QueueWork(queue, this))
                .toList();
    }

    /// Configures the share groups of the capability's queues and begins to take jobs.
    ///
    /// @param handlers one per operation, all of the same capability
    /// @throws IllegalArgumentException if there is none, or two for one operation, or of two capabilities
    /// @throws dev.assay.computation.ProblemException `mesh-unavailable`
    public static JobConsumer start(
            Mesh mesh,
            WorkerConfiguration configuration,
            List<? extends JobHandler<?, ?>> handlers,
            ArtifactStore artifacts,
            FeatureCache cache,
            MeterRegistry meters) {
        Map<Operation, JobHandler<?, ?>> byOperation = byOperation(handlers);
        String capability = byOperation.keySet().iterator().next().capability();
        for (WorkQueue queue : queues(capability, configuration)) {
            Topics.configureGroup(mesh.admin(), queue, configuration.lock(), configuration.attempts());
        }
        var tools = new RunningJob.Tools(artifacts, mesh.registry(), cache);
        var consumer = new JobConsumer(mesh, configuration, byOperation, tools, meters);
        consumer.open();
        return consumer;
    }

    /// Jobs running now.
    public int running() {
        return running.size();
    }

    /// Whether every slot is taking jobs.
    public boolean isAlive() {
        return slots.stream().allMatch(JobSlot::isAlive);
    }

    /// Takes no more jobs, gives the running ones their grace, then hands them back to the queue.
    @Override
    public void close() {
        slots.forEach(JobSlot::takeNoMore);
        awaitIdle(configuration.grace());
        running.values().forEach(attempt -> attempt.handBack("the worker is stopping"));
        slots.forEach(JobSlot::close);
        for (AutoCloseable listener : listeners) {
            try {
                listener.close();
            } catch (Exception failure) {
                LOG.warnf(failure, "taking a listener away failed");
            }
        }
        queues.forEach(QueueWork::close);
        progress.close();
    }

    Mesh mesh() {
        return mesh;
    }

    WorkerConfiguration configuration() {
        return configuration;
    }

    String capability() {
        return capability;
    }

    RunningJob.Tools tools() {
        return tools;
    }

    WorkerMetrics metrics() {
        return metrics;
    }

    ProgressStream progress() {
        return progress;
    }

    /// The queues that this worker takes jobs from, the rarest device first.
    List<QueueWork> queues() {
        return queues;
    }

    Optional<JobHandler<?, ?>> handler(Operation operation) {
        return Optional.ofNullable(handlers.get(operation));
    }

    /// The attempt at this job in this process, if any.
    Optional<Attempt> attemptAt(String jobId) {
        return Optional.ofNullable(running.get(jobId));
    }

    /// Makes an attempt reachable for orders; one at the same job that is still here is superseded.
    void enter(Attempt attempt) {
        Attempt before = running.put(attempt.running().getId(), attempt);
        if (before != null) {
            before.supersede("the job was started again in the same worker");
        }
        mesh.orders().cancellation(attempt.running()).ifPresent(attempt::cancel);
        metrics.started(attempt.running().getAttempt());
    }

    void leave(Attempt attempt) {
        running.remove(attempt.running().getId(), attempt);
        metrics.ended();
    }

    private void open() {
        listeners.add(mesh.orders()
                .onCancel(jobId -> attemptAt(jobId)
                        .ifPresent(attempt ->
                                mesh.orders().cancellation(attempt.running()).ifPresent(attempt::cancel))));
        listeners.add(mesh.states().onChange(this::watch));
        listeners.add(mesh.states().onBuried(this::writeAgain));
        for (int i = 1; i <= configuration.slots(); i++) {
            slots.add(new JobSlot(this, i));
        }
        slots.forEach(JobSlot::start);
        LOG.infof(
                "%s takes %s jobs (%s), %d at a time",
                configuration.name(),
                capability,
                handlers.keySet().stream().map(Operation::name).collect(Collectors.joining(", ")),
                configuration.slots());
    }

    private static List<WorkQueue> queues(String capability, WorkerConfiguration configuration) {
        return WorkQueue.all().stream()
                .filter(queue -> queue.capability().equals(capability))
                .filter(queue -> configuration.devices().contains(queue.device()))
                .sorted(Comparator.comparing(WorkQueue::device).reversed())
                .toList();
    }

    /// Another worker has started the job again, or it was cancelled before it started here.
    private void watch(Job job) {
        attemptAt(job.getId()).filter(attempt -> !isOurs(job, attempt)).ifPresent(attempt -> {
            LOG.infof(
                    "job %s goes on without this worker: %s, attempt %d, %s",
                    job.getId(), job.getState(), job.getAttempt(), job.getWorker());
            attempt.supersede("attempt " + job.getAttempt() + " has the job now");
        });
    }

    private static boolean isOurs(Job job, Attempt attempt) {
        return job.getAttempt() < attempt.running().getAttempt()
                || (job.getAttempt() == attempt.running().getAttempt()
                        && job.getWorker().equals(attempt.running().getWorker()));
    }

    /// A late writer has put a stale snapshot behind a final one, and compaction keeps the last: say it again.
    private void writeAgain(Job job) {
        if (job.getCapability().equals(capability) && job.hasFinishedAt()) {
            LOG.infof("job %s: a stale snapshot followed its final one, which is written again", job.getId());
            mesh.ledger().append(List.of(JobEvents.snapshot(job, mesh.source())));
        }
    }

    private void awaitIdle(Duration patience) {
        long deadline = System.nanoTime() + patience.toNanos();
        for (Attempt attempt : running.values()) {
            try {
                attempt.isDone(Duration.ofNanos(Math.max(0, deadline - System.nanoTime())));
            } catch (InterruptedException interrupted) {
                Thread.currentThread().interrupt();
                return;
            }
        }
    }

    private static Map<Operation, JobHandler<?, ?>> byOperation(List<? extends JobHandler<?, ?>> handlers) {
        Map<Operation, JobHandler<?, ?>> byOperation = handlers.stream()
                .collect(Collectors.toMap(JobHandler::operation, Function.identity(), (one, other) -> {
                    throw new IllegalArgumentException(one.getClass().getName() + " and "
                            + other.getClass().getName() + " both answer " + one.operation());
                }));
        if (byOperation.keySet().stream().map(Operation::capability).distinct().count() != 1) {
            throw new IllegalArgumentException(
                    "handlers of exactly one capability are needed, not of " + byOperation.keySet());
        }
        return byOperation;
    }
}
