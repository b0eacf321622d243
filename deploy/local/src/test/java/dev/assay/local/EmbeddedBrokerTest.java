package dev.assay.local;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.assay.computation.ProblemException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.AlterConfigOp;
import org.apache.kafka.clients.admin.ConfigEntry;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.consumer.AcknowledgeType;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.consumer.KafkaShareConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.config.ConfigResource;
import org.apache.kafka.common.serialization.StringDeserializer;
import org.apache.kafka.common.serialization.StringSerializer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class EmbeddedBrokerTest {

    private static final Duration PATIENCE = Duration.ofSeconds(20);

    @Test
    void handsARecordToAShareConsumerAndAgainWhenItsLockRunsOut() throws Exception {
        try (var broker = EmbeddedBroker.temporary();
                var admin = admin(broker)) {
            admin.createTopics(List.of(new NewTopic("work", 1, (short) 1)))
                    .all()
                    .get();
            configureGroup(admin, "workers", "share.record.lock.duration.ms", "1000");
            configureGroup(admin, "workers", "share.auto.offset.reset", "earliest");
            send(broker, "work", "job");

            try (var frozen = shareConsumer(broker, "workers");
                    var awake = shareConsumer(broker, "workers")) {
                frozen.subscribe(List.of("work"));
                ConsumerRecord<String, String> first = next(frozen);
                assertThat(first.value()).isEqualTo("job");
                assertThat(first.deliveryCount()).hasValue((short) 1);

                // The first consumer stays a member of the group but neither acknowledges nor polls again.
                awake.subscribe(List.of("work"));
                ConsumerRecord<String, String> again = next(awake);
                assertThat(again.value()).isEqualTo("job");
                // On a slow machine the lock of a delivery on its way may run out as well.
                assertThat(again.deliveryCount().orElseThrow()).isGreaterThan((short) 1);
                awake.acknowledge(again, AcknowledgeType.ACCEPT);
                awake.commitSync();
            }
        }
    }

    @Test
    void keepsRecordsAcrossRestartsOnAnotherPort(@TempDir Path folder) throws Exception {
        String firstAddress;
        try (var broker = EmbeddedBroker.start(folder, 0);
                var admin = admin(broker)) {
            firstAddress = broker.bootstrapServers();
            admin.createTopics(List.of(new NewTopic("kept", 1, (short) 1)))
                    .all()
                    .get();
            send(broker, "kept", "still here");
        }
        int other = Ports.free(1).getFirst();
        try (var broker = EmbeddedBroker.start(folder, other);
                var consumer = consumer(broker)) {
            assertThat(broker.bootstrapServers())
                    .isEqualTo("127.0.0.1:" + other)
                    .isNotEqualTo(firstAddress);
            consumer.assign(List.of(new TopicPartition("kept", 0)));
            consumer.seekToBeginning(consumer.assignment());
            assertThat(consumer.poll(PATIENCE))
                    .extracting(ConsumerRecord::value)
                    .containsExactly("still here");
        }
    }

    @Test
    void namesThePortThatIsTaken(@TempDir Path folder) throws Exception {
        try (var other = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            assertThatThrownBy(() -> EmbeddedBroker.start(folder, other.getLocalPort()))
                    .isInstanceOfSatisfying(ProblemException.class, problem -> {
                        assertThat(problem.type()).isEqualTo("port-in-use");
                        assertThat(problem.oneLine()).contains("broker", "" + other.getLocalPort(), "--port-base");
                    });
        }
    }

    @Test
    void answersTheSupervisorsProbeOnlyWhileItRuns() {
        int port;
        try (var broker = EmbeddedBroker.temporary()) {
            port = broker.port();
            assertThat(Probes.kafka(port)).isTrue();
            assertThat(Probes.redis(port)).isFalse();
        }
        assertThat(Probes.kafka(port)).isFalse();
    }

    private static Admin admin(EmbeddedBroker broker) {
        return Admin.create(Map.of("bootstrap.servers", broker.bootstrapServers()));
    }

    private static void configureGroup(Admin admin, String group, String name, String value) throws Exception {
        var resource = new ConfigResource(ConfigResource.Type.GROUP, group);
        var set = new AlterConfigOp(new ConfigEntry(name, value), AlterConfigOp.OpType.SET);
        admin.incrementalAlterConfigs(Map.of(resource, List.of(set))).all().get();
    }

    private static void send(EmbeddedBroker broker, String topic, String value) throws Exception {
        Map<String, Object> settings = Map.of("bootstrap.servers", broker.bootstrapServers());
        try (var producer = new KafkaProducer<>(settings, new StringSerializer(), new StringSerializer())) {
            producer.send(new ProducerRecord<>(topic, value)).get();
        }
    }

    private static KafkaConsumer<String, String> consumer(EmbeddedBroker broker) {
        Map<String, Object> settings = Map.of("bootstrap.servers", broker.bootstrapServers());
        return new KafkaConsumer<>(settings, new StringDeserializer(), new StringDeserializer());
    }

    private static KafkaShareConsumer<String, String> shareConsumer(EmbeddedBroker broker, String group) {
        Map<String, Object> settings = Map.of(
                "bootstrap.servers",
                broker.bootstrapServers(),
                "group.id",
                group,
                "share.acknowledgement.mode",
                "explicit");
        return new KafkaShareConsumer<>(settings, new StringDeserializer(), new StringDeserializer());
    }

    private static ConsumerRecord<String, String> next(KafkaShareConsumer<String, String> consumer) {
        long deadline = System.nanoTime() + PATIENCE.toNanos();
        while (System.nanoTime() < deadline) {
            var records = consumer.poll(Duration.ofMillis(200));
            if (!records.isEmpty()) {
                return records.iterator().next();
            }
        }
        throw new AssertionError("no record within " + PATIENCE);
    }
}
