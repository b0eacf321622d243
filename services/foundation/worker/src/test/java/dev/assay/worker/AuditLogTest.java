package dev.assay.worker;

import static org.assertj.core.api.Assertions.assertThat;

import dev.assay.audit.v1.AuditEntry;
import dev.assay.local.EmbeddedBroker;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.apache.kafka.common.TopicPartition;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// The audit while the broker is not there.
class AuditLogTest {

    private final SimpleMeterRegistry meters = new SimpleMeterRegistry();

    @Test
    void whatIsAddedWhileTheBrokerIsAwayIsWrittenWhenItComes(@TempDir Path folder) throws Exception {
        int port = freePort();
        KafkaConnection kafka = KafkaConnection.to("127.0.0.1:" + port);
        Set<String> added = new HashSet<>();
        try (AuditLog log = new AuditLog(kafka, "gateway", meters)) {
            for (int i = 0; i < 700; i++) {
                log.add(entry(i));
                added.add(entry(i).getId());
            }
            try (var broker = EmbeddedBroker.start(folder, port);
                    var admin = kafka.admin()) {
                assertThat(broker.port()).isEqualTo(port);
                Topics.ensure(admin);
                TestMesh.await("the entries to be written", () -> count("assay.audit.written") == 700);
                assertThat(written(kafka)).isEqualTo(added);
            }
        }
        assertThat(count("assay.audit.lost")).isZero();
    }

    @Test
    void whatCannotBeKeptIsCountedAndNobodyWaitsForIt() throws IOException {
        AuditLog log = new AuditLog(KafkaConnection.to("127.0.0.1:" + freePort()), "gateway", meters);
        int many = 11_000;
        for (int i = 0; i < many; i++) {
            log.add(entry(i));
        }
        assertThat(count("assay.audit.lost")).isPositive().isLessThan(many);

        log.close();
        log.add(entry(many));

        assertThat(count("assay.audit.lost")).isEqualTo(many + 1);
        assertThat(count("assay.audit.written")).isZero();
    }

    private static Set<String> written(KafkaConnection kafka) throws Exception {
        Set<String> ids = new HashSet<>();
        try (var consumer = kafka.reader()) {
            var partition = new TopicPartition(Topics.AUDIT, 0);
            consumer.assign(List.of(partition));
            consumer.seekToBeginning(List.of(partition));
            long end = consumer.endOffsets(List.of(partition)).get(partition);
            while (consumer.position(partition) < end) {
                for (var record : consumer.poll(Duration.ofMillis(200))) {
                    AuditEntry entry = AuditEntry.parseFrom(record.value());
                    assertThat(CloudEvents.read(record).getId()).isEqualTo(entry.getId());
                    ids.add(entry.getId());
                }
            }
        }
        return ids;
    }

    private static AuditEntry entry(int number) {
        return AuditEntry.newBuilder()
                .setId("entry-" + number)
                .setTenant("acme")
                .setPath("/v1/artifacts")
                .build();
    }

    private double count(String counter) {
        return meters.get(counter).counter().count();
    }

    private static int freePort() throws IOException {
        try (var socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            return socket.getLocalPort();
        }
    }
}
