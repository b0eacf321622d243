package dev.assay.local;

import java.nio.file.Path;
import java.util.Map;

/// The settings of a broker for one machine. A table: each line departs from Kafka's default for the reason
/// beside it.
final class BrokerSettings {

    static final int NODE_ID = 1;
    static final String BROKER_LISTENER = "BROKER";
    static final String CONTROLLER_LISTENER = "CONTROLLER";

    private BrokerSettings() {}

    static Map<String, String> of(Path folder, int port) {
        return Map.<String, String>ofEntries(
                Map.entry("process.roles", "broker,controller"),
                Map.entry("node.id", Integer.toString(NODE_ID)),
                Map.entry("log.dirs", folder.toString()),
                Map.entry("listeners", listener(BROKER_LISTENER, port) + "," + listener(CONTROLLER_LISTENER, 0)),
                Map.entry("advertised.listeners", listener(BROKER_LISTENER, port)),
                Map.entry(
                        "listener.security.protocol.map",
                        BROKER_LISTENER + ":PLAINTEXT," + CONTROLLER_LISTENER + ":PLAINTEXT"),
                Map.entry("inter.broker.listener.name", BROKER_LISTENER),
                Map.entry("controller.listener.names", CONTROLLER_LISTENER),
                // Required to be set; never dialled, since the only voter is this node.
                Map.entry("controller.quorum.bootstrap.servers", "127.0.0.1:1"),

                // One node: nothing can be replicated, and one or two partitions of the internal topics are plenty.
                Map.entry("default.replication.factor", "1"),
                Map.entry("min.insync.replicas", "1"),
                Map.entry("offsets.topic.replication.factor", "1"),
                Map.entry("offsets.topic.num.partitions", "2"),
                Map.entry("transaction.state.log.replication.factor", "1"),
                Map.entry("transaction.state.log.min.isr", "1"),
                Map.entry("transaction.state.log.num.partitions", "2"),
                Map.entry("share.coordinator.state.topic.replication.factor", "1"),
                Map.entry("share.coordinator.state.topic.min.isr", "1"),
                Map.entry("share.coordinator.state.topic.num.partitions", "2"),

                // A misspelled topic must fail, not appear.
                Map.entry("auto.create.topics.enable", "false"),

                // Members get their work at once: there is no crowd to wait for on one machine.
                Map.entry("group.initial.rebalance.delay.ms", "0"),
                Map.entry("group.consumer.assignment.interval.ms", "0"),
                Map.entry("group.consumer.min.heartbeat.interval.ms", "500"),
                Map.entry("group.consumer.heartbeat.interval.ms", "1000"),
                Map.entry("group.share.assignment.interval.ms", "0"),
                Map.entry("group.share.min.heartbeat.interval.ms", "500"),
                Map.entry("group.share.heartbeat.interval.ms", "500"),
                Map.entry("group.share.min.session.timeout.ms", "6000"),
                Map.entry("group.share.session.timeout.ms", "10000"),
                Map.entry("group.share.initialize.retry.interval.ms", "1000"),
                // Lets a fault drill use locks of 1 s instead of waiting 15 s for a frozen worker.
                Map.entry("group.share.min.record.lock.duration.ms", "1000"),

                // Memory and threads of a guest, not of a server that owns its machine.
                Map.entry("num.network.threads", "2"),
                Map.entry("num.io.threads", "4"),
                Map.entry("background.threads", "2"),
                Map.entry("group.coordinator.threads", "1"),
                Map.entry("share.coordinator.threads", "1"),
                Map.entry("num.recovery.threads.per.data.dir", "1"),
                Map.entry("log.cleaner.dedupe.buffer.size", "4194304"),
                Map.entry("log.cleaner.io.buffer.size", "131072"),
                Map.entry("log.index.size.max.bytes", "1048576"),
                Map.entry("offsets.load.buffer.size", "1048576"),
                Map.entry("log.segment.bytes", "67108864"),
                Map.entry("offsets.topic.segment.bytes", "16777216"),
                Map.entry("transaction.state.log.segment.bytes", "16777216"),
                Map.entry("share.coordinator.state.topic.segment.bytes", "16777216"));
    }

    private static String listener(String name, int port) {
        return name + "://127.0.0.1:" + port;
    }
}
