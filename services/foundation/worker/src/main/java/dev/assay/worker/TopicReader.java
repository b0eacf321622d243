package dev.assay.worker;

import dev.assay.computation.ProblemException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.TimeoutException;
import java.util.stream.Collectors;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.WakeupException;
import org.jboss.logging.Logger;

/// Reads all partitions of some topics on one thread and hands every committed record to the view of its topic,
/// in the order of its partition. A record that a view cannot read is logged and passed over.
final class TopicReader implements AutoCloseable {

    private static final Logger LOG = Logger.getLogger(TopicReader.class);
    private static final Duration POLL = Duration.ofSeconds(1);
    private static final Duration PAUSE_AFTER_FAILURE = Duration.ofMillis(200);

    /// Where a view begins to read.
    enum Start {
        BEGINNING,
        END
    }

    /// What a topic's records become.
    interface View {
        String topic();

        Start start();

        /// Called on the reader's thread only: quick, never blocking.
        void accept(ConsumerRecord<String, byte[]> record);
    }

    private final Map<String, View> views;
    private final List<TopicPartition> partitions;
    private final LatestOffsets latest;
    private final KafkaConsumer<String, byte[]> consumer;
    private final Map<TopicPartition, Long> positions = new HashMap<>();
    private final Thread thread;
    private volatile boolean closed;

    /// @param name of the thread
    /// @throws ProblemException `mesh-unavailable` when the broker does not answer or a topic is missing
    TopicReader(KafkaConnection connection, Admin admin, String name, List<View> views) {
        this.views = views.stream().collect(Collectors.toMap(View::topic, view -> view));
        this.partitions = partitions(admin, this.views.keySet());
        this.latest = new LatestOffsets(admin, partitions);
        this.consumer = connection.reader();
        consumer.assign(partitions);
        consumer.seekToBeginning(partitions);
        List<TopicPartition> fromNow = startingAt(Start.END);
        if (!fromNow.isEmpty()) { // Kafka takes an empty list for all partitions
            consumer.seekToEnd(fromNow);
        }
        this.thread = Thread.ofPlatform().name(name).daemon().start(this::read);
    }

    /// Waits until everything has been read that was committed when this was called.
    ///
    /// @throws ProblemException `mesh-unavailable` when it takes longer than `patience`
    void awaitCaughtUp(Duration patience) {
        long deadline = System.nanoTime() + patience.toNanos();
        Map<TopicPartition, Long> ends = latest.ask(patience);
        synchronized (positions) {
            while (!partitions.stream().allMatch(p -> positions.getOrDefault(p, -1L) >= ends.get(p))) {
                long left = deadline - System.nanoTime();
                if (left <= 0) {
                    throw Topics.unavailable(new TimeoutException(
                            "the views of " + views.keySet() + " are not up to date after " + patience));
                }
                try {
                    positions.wait(left / 1_000_000 + 1);
                } catch (InterruptedException interrupted) {
                    Thread.currentThread().interrupt();
                    throw Topics.unavailable(interrupted);
                }
            }
        }
    }

    @Override
    public void close() {
        closed = true;
        consumer.wakeup();
        try {
            thread.join(Duration.ofSeconds(10));
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
        }
    }

    private void read() {
        while (!closed) {
            try {
                for (ConsumerRecord<String, byte[]> record : consumer.poll(POLL)) {
                    accept(record);
                }
                publishPositions();
            } catch (WakeupException closing) {
                LOG.debugf("closing the reader of %s", views.keySet());
            } catch (KafkaException failure) {
                LOG.warnf("reading %s failed, trying again: %s", views.keySet(), failure);
                pause();
            }
        }
        consumer.close();
    }

    private void accept(ConsumerRecord<String, byte[]> record) {
        try {
            views.get(record.topic()).accept(record);
        } catch (ProblemException malformed) {
            LOG.warnf(
                    "passed over %s-%d@%d: %s",
                    record.topic(), record.partition(), record.offset(), malformed.detail());
        } catch (RuntimeException broken) {
            // one bad record, or one bad listener, must not stop the view for everyone
            LOG.errorf(broken, "passed over %s-%d@%d", record.topic(), record.partition(), record.offset());
        }
    }

    private void publishPositions() {
        synchronized (positions) {
            for (TopicPartition partition : partitions) {
                positions.put(partition, consumer.position(partition));
            }
            positions.notifyAll();
        }
    }

    private void pause() {
        try {
            Thread.sleep(PAUSE_AFTER_FAILURE);
        } catch (InterruptedException stopped) {
            closed = true;
        }
    }

    private List<TopicPartition> startingAt(Start start) {
        return partitions.stream()
                .filter(partition -> views.get(partition.topic()).start() == start)
                .toList();
    }

    static List<TopicPartition> partitions(Admin admin, Set<String> topics) {
        List<TopicPartition> partitions = new ArrayList<>();
        Topics.await(admin.describeTopics(topics).allTopicNames())
                .forEach((topic, description) -> description
                        .partitions()
                        .forEach(partition -> partitions.add(new TopicPartition(topic, partition.partition()))));
        return partitions;
    }
}
