package dev.assay.worker;

import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.function.Function;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.AdminClientConfig;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.consumer.KafkaShareConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerConfig;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.apache.kafka.common.serialization.StringDeserializer;
import org.apache.kafka.common.serialization.StringSerializer;

/// Where the mesh's broker is, and the clients that the mesh needs, with the settings that make it quick and
/// safe.
///
/// @param bootstrapServers `host:port`, several separated by commas
/// @param properties further client settings, such as those of SASL and TLS
public record KafkaConnection(String bootstrapServers, Map<String, String> properties) {

    /// A transaction holds back every reader of committed records until it ends. One of ours takes
    /// milliseconds, so a producer that died in the middle of one is not waited for longer than this.
    private static final Duration TRANSACTION_TIMEOUT = Duration.ofSeconds(5);

    private static final int RECONNECT_BACKOFF_MAX_MILLIS = 1_000;

    public KafkaConnection {
        Objects.requireNonNull(bootstrapServers, "bootstrapServers");
        properties = Map.copyOf(properties);
    }

    public static KafkaConnection to(String bootstrapServers) {
        return new KafkaConnection(bootstrapServers, Map.of());
    }

    /// @param configuration the value of a name such as `assay.kafka.properties.security.protocol`, if it has one;
    ///     the same name with `.file` at its end gives a file that holds the value
    /// @throws dev.assay.computation.ProblemException `file-unreadable`, `ambiguous-setting`
    public static KafkaConnection to(String bootstrapServers, Function<String, Optional<String>> configuration) {
        return new KafkaConnection(bootstrapServers, KafkaSecurity.settings(configuration));
    }

    /// Without the properties, which may hold passwords.
    @Override
    public String toString() {
        return "KafkaConnection[" + bootstrapServers + "]";
    }

    public Admin admin() {
        Map<String, Object> settings = common();
        settings.put(AdminClientConfig.REQUEST_TIMEOUT_MS_CONFIG, 10_000);
        settings.put(AdminClientConfig.DEFAULT_API_TIMEOUT_MS_CONFIG, 15_000);
        return Admin.create(settings);
    }

    /// A producer whose records are visible at once and never lost or doubled by its own retries.
    KafkaProducer<String, byte[]> producer() {
        return new KafkaProducer<>(producing(), new StringSerializer(), new ByteArraySerializer());
    }

    KafkaProducer<String, byte[]> transactionalProducer(String transactionalId) {
        Map<String, Object> settings = producing();
        settings.put(ProducerConfig.TRANSACTIONAL_ID_CONFIG, transactionalId);
        settings.put(ProducerConfig.TRANSACTION_TIMEOUT_CONFIG, (int) TRANSACTION_TIMEOUT.toMillis());
        // the first record of a transaction races with the end of the one before it; 100 ms would be the price
        settings.put(ProducerConfig.RETRY_BACKOFF_MS_CONFIG, 5);
        return new KafkaProducer<>(settings, new StringSerializer(), new ByteArraySerializer());
    }

    /// A consumer without a group that sees committed records only; its partitions are assigned by hand.
    KafkaConsumer<String, byte[]> reader() {
        Map<String, Object> settings = common();
        settings.put(ConsumerConfig.ISOLATION_LEVEL_CONFIG, "read_committed");
        settings.put(ConsumerConfig.ENABLE_AUTO_COMMIT_CONFIG, false);
        settings.put(ConsumerConfig.AUTO_OFFSET_RESET_CONFIG, "earliest");
        settings.put(ConsumerConfig.MAX_POLL_RECORDS_CONFIG, 2_000);
        settings.put(ConsumerConfig.ALLOW_AUTO_CREATE_TOPICS_CONFIG, false);
        return new KafkaConsumer<>(settings, new StringDeserializer(), new ByteArrayDeserializer());
    }

    /// A member of a share group that holds one record at a time and says itself what becomes of it.
    /// @param member tells this member from others to those who look at the group
    KafkaShareConsumer<String, byte[]> shareConsumer(String group, String member) {
        Map<String, Object> settings = common();
        settings.put(ConsumerConfig.CLIENT_ID_CONFIG, member);
        settings.put(ConsumerConfig.GROUP_ID_CONFIG, group);
        settings.put(ConsumerConfig.SHARE_ACKNOWLEDGEMENT_MODE_CONFIG, "explicit");
        settings.put(ConsumerConfig.SHARE_ACQUIRE_MODE_CONFIG, "record_limit");
        settings.put(ConsumerConfig.MAX_POLL_RECORDS_CONFIG, 1);
        // a worker is alive as long as it renews its lock, however long its job takes
        settings.put(ConsumerConfig.MAX_POLL_INTERVAL_MS_CONFIG, Integer.MAX_VALUE);
        return new KafkaShareConsumer<>(settings, new StringDeserializer(), new ByteArrayDeserializer());
    }

    private Map<String, Object> producing() {
        Map<String, Object> settings = common();
        settings.put(ProducerConfig.ACKS_CONFIG, "all");
        settings.put(ProducerConfig.ENABLE_IDEMPOTENCE_CONFIG, true);
        settings.put(ProducerConfig.LINGER_MS_CONFIG, 0);
        settings.put(ProducerConfig.MAX_REQUEST_SIZE_CONFIG, Topics.MAXIMUM_RECORD_BYTES);
        settings.put(ProducerConfig.MAX_BLOCK_MS_CONFIG, 15_000);
        settings.put(ProducerConfig.REQUEST_TIMEOUT_MS_CONFIG, 10_000);
        settings.put(ProducerConfig.DELIVERY_TIMEOUT_MS_CONFIG, 30_000);
        return settings;
    }

    private Map<String, Object> common() {
        Map<String, Object> settings = new HashMap<>();
        settings.put("bootstrap.servers", bootstrapServers);
        settings.put("reconnect.backoff.max.ms", RECONNECT_BACKOFF_MAX_MILLIS);
        // KIP-714: the mesh has its own metrics
        settings.put("enable.metrics.push", false);
        settings.putAll(properties);
        return settings;
    }
}
