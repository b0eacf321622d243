package dev.assay.worker;

import dev.assay.computation.ProblemException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.AlterConfigOp;
import org.apache.kafka.clients.admin.ConfigEntry;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.common.KafkaFuture;
import org.apache.kafka.common.config.ConfigResource;
import org.apache.kafka.common.errors.TopicExistsException;

/// The topics of the mesh and the settings of its share groups.
public final class Topics {

    /// The public stream of what happens to jobs.
    public static final String JOB_EVENTS = "assay.job-events";

    /// The latest snapshot of every job: the source of truth.
    public static final String JOB_STATE = "assay.job-state";

    /// Orders to workers.
    public static final String CONTROL = "assay.control";

    /// Jobs given up and events that could not be read.
    public static final String DEAD = "assay.jobs.dead";

    /// Registered models and data sets.
    public static final String REGISTRY = "assay.model-registry";

    /// Who changed something through a gateway, and who was not let in.
    public static final String AUDIT = "assay.audit";

    /// Requests, snapshots and events larger than this are refused. Large things are artifacts.
    static final int MAXIMUM_RECORD_BYTES = 8 << 20;

    private static final Duration PATIENCE = Duration.ofSeconds(20);

    /// A record beside those that a worker starts and the one on which it gives up: hand-backs count, too.
    private static final int SPARE_DELIVERIES = 2;

    private static final int LARGEST_DELIVERY_LIMIT = 10;

    /// Leaves time to write a snapshot again that a late writer has buried (docs/decisions/0002).
    private static final Duration COMPACTION_LAG = Duration.ofMinutes(10);

    private Topics() {}

    /// Every topic of this version of the product.
    public static List<NewTopic> all() {
        List<NewTopic> topics = new ArrayList<>();
        for (WorkQueue queue : WorkQueue.all()) {
            topics.add(topic(queue.topic(), 1, kept(Duration.ofDays(7))));
        }
        topics.add(topic(JOB_EVENTS, 4, kept(Duration.ofDays(7))));
        topics.add(topic(JOB_STATE, 4, compacted(COMPACTION_LAG)));
        topics.add(topic(CONTROL, 1, kept(Duration.ofDays(1))));
        topics.add(topic(DEAD, 1, kept(Duration.ofDays(30))));
        topics.add(topic(REGISTRY, 1, compacted(Duration.ZERO)));
        topics.add(topic(AUDIT, 1, kept(Duration.ofDays(90))));
        return topics;
    }

    /// Creates the topics that are missing. Harmless to repeat, also by several processes at once.
    ///
    /// @throws ProblemException `mesh-unavailable` when the broker does not answer
    public static void ensure(Admin admin) {
        Set<String> present = names(admin);
        List<NewTopic> missing =
                all().stream().filter(t -> !present.contains(t.name())).toList();
        for (KafkaFuture<Void> creation : admin.createTopics(missing).values().values()) {
            awaitOrEmpty(creation, TopicExistsException.class);
        }
        await(admin.describeTopics(all().stream().map(NewTopic::name).toList()).allTopicNames());
    }

    /// The topics that should be there and are not.
    ///
    /// @throws ProblemException `mesh-unavailable` when the broker does not answer
    public static List<String> missing(Admin admin) {
        Set<String> present = names(admin);
        return all().stream()
                .map(NewTopic::name)
                .filter(name -> !present.contains(name))
                .toList();
    }

    /// Sets how a queue's share group hands out work. Harmless to repeat.
    ///
    /// @param lock how long a record belongs to a worker that does not renew it
    /// @param attempts how often a job is started before it is given up
    public static void configureGroup(Admin admin, WorkQueue queue, Duration lock, int attempts) {
        Map<String, String> settings = Map.of(
                "share.auto.offset.reset",
                "earliest",
                "share.isolation.level",
                "read_committed",
                "share.record.lock.duration.ms",
                Long.toString(lock.toMillis()),
                "share.delivery.count.limit",
                Integer.toString(deliveryLimit(attempts)));
        Collection<AlterConfigOp> operations = settings.entrySet().stream()
                .map(s -> new AlterConfigOp(new ConfigEntry(s.getKey(), s.getValue()), AlterConfigOp.OpType.SET))
                .toList();
        var group = new ConfigResource(ConfigResource.Type.GROUP, queue.group());
        await(admin.incrementalAlterConfigs(Map.of(group, operations)).all());
    }

    /// How often the broker hands out a record before it drops it.
    static int deliveryLimit(int attempts) {
        return Math.min(LARGEST_DELIVERY_LIMIT, attempts + 1 + SPARE_DELIVERIES);
    }

    static <T> T await(KafkaFuture<T> future) {
        try {
            return future.get(PATIENCE.toMillis(), TimeUnit.MILLISECONDS);
        } catch (ExecutionException failure) {
            throw unavailable(failure.getCause());
        } catch (TimeoutException late) {
            throw unavailable(late);
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
            throw unavailable(interrupted);
        }
    }

    static ProblemException unavailable(Throwable cause) {
        return new ProblemException(
                "mesh-unavailable",
                "",
                "the Kafka broker does not answer as it should: " + cause,
                "check that it runs and that assay.kafka.bootstrap-servers names it, then try again",
                cause);
    }

    private static Set<String> names(Admin admin) {
        return await(admin.listTopics().names());
    }

    /// Empty when it fails in a way that is no failure.
    static <T> Optional<T> awaitOrEmpty(KafkaFuture<T> future, Class<? extends Exception> harmless) {
        try {
            return Optional.ofNullable(await(future));
        } catch (ProblemException problem) {
            if (!harmless.isInstance(problem.getCause())) {
                throw problem;
            }
            return Optional.empty();
        }
    }

    private static NewTopic topic(String name, int partitions, Map<String, String> settings) {
        // replication as the broker's default says: 1 on one machine, 3 in a cluster
        return new NewTopic(name, Optional.of(partitions), Optional.empty()).configs(settings);
    }

    private static Map<String, String> kept(Duration retention) {
        return Map.of(
                "cleanup.policy", "delete",
                "retention.ms", Long.toString(retention.toMillis()),
                "max.message.bytes", Integer.toString(MAXIMUM_RECORD_BYTES));
    }

    private static Map<String, String> compacted(Duration lag) {
        return Map.of(
                "cleanup.policy", "compact",
                "min.compaction.lag.ms", Long.toString(lag.toMillis()),
                "max.message.bytes", Integer.toString(MAXIMUM_RECORD_BYTES));
    }
}
