package dev.assay.gateway;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.util.Timestamps;
import dev.assay.artifact.v1.Artifact;
import dev.assay.audit.v1.AuditEntry;
import dev.assay.audit.v1.AuditEntry.Outcome;
import dev.assay.contract.AccessKey;
import dev.assay.contract.JobId;
import dev.assay.job.v1.Job;
import dev.assay.worker.Topics;
import io.quarkus.test.common.QuarkusTestResource;
import io.quarkus.test.common.http.TestHTTPResource;
import io.quarkus.test.junit.QuarkusTest;
import io.quarkus.test.junit.TestProfile;
import java.net.URI;
import java.net.http.HttpRequest.BodyPublishers;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.eclipse.microprofile.config.inject.ConfigProperty;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/// What a gateway that asks for keys writes to `assay.audit`.
@QuarkusTest
@QuarkusTestResource(MeshForTests.class)
@TestProfile(TenantsTest.WithTenants.class)
class AuditTest {

    private static final String BODY = "a body that nobody may write down";

    @TestHTTPResource
    URI root;

    @ConfigProperty(name = "assay.kafka.bootstrap-servers")
    String servers;

    private Door door;

    @BeforeEach
    void open() throws InterruptedException {
        door = new Door(root).ready();
    }

    @Test
    void whatACallerChangesOrIsRefusedIsWrittenDownAndLookingIsNot() {
        String alice = TenantsTest.key("alice", "acme");
        String dave = TenantsTest.key("dave", "globex");
        String mark = "/v1/models/" + JobId.next();
        Instant before = Instant.now();

        // GET and HEAD leave no entry
        send("GET", "/v1/jobs", alice, "");
        String digest = send("POST", "/v1/artifacts?note=secret", alice, BODY)
                .into(Artifact.newBuilder())
                .getDigest();
        send("GET", "/v1/artifacts/" + digest, alice, "");
        Job job = send("POST", "/v1/training/train", alice, "{\"data\": \"" + digest + "\"}")
                .into(Job.newBuilder())
                .build();
        String path = "/v1/jobs/" + job.getId();
        send("POST", path + "/cancel", alice, "");
        send("POST", path + "/retry", alice, "");
        send("POST", path + "/cancel", alice, "");
        send("PUT", "/v1/models/broken", alice, "{\"artifact\": \"" + digest + "\"}");
        send("POST", "/v1/training/train", alice, "{\"no\": 1}");
        // not let in: no scope, no key that is known, a key in the wrong place
        send("POST", path + "/cancel", dave, "");
        send("GET", "/v1/jobs", AccessKey.generate(), "");
        send("GET", "/v1/jobs/" + alice, AccessKey.generate(), "");
        send("PUT", mark, alice, "{}");

        List<AuditEntry> entries = entriesUpTo(mark);
        assertThat(entries)
                .extracting(
                        AuditEntry::getCaller,
                        AuditEntry::getTenant,
                        entry -> entry.getMethod() + " " + entry.getPath(),
                        AuditEntry::getSubject,
                        AuditEntry::getOutcome,
                        AuditEntry::getStatus)
                .endsWith(
                        row("alice", "acme", "POST /v1/artifacts", digest, Outcome.ACCEPTED, 201),
                        row("alice", "acme", "POST /v1/training/train", job.getId(), Outcome.ACCEPTED, 202),
                        row("alice", "acme", "POST " + path + "/cancel", job.getId(), Outcome.ACCEPTED, 202),
                        row("alice", "acme", "POST " + path + "/retry", job.getId(), Outcome.ACCEPTED, 202),
                        row("alice", "acme", "POST " + path + "/cancel", job.getId(), Outcome.ACCEPTED, 202),
                        row("alice", "acme", "PUT /v1/models/broken", "broken", Outcome.REFUSED, 422),
                        row("alice", "acme", "POST /v1/training/train", "", Outcome.REFUSED, 400),
                        row("dave", "globex", "POST " + path + "/cancel", "", Outcome.REFUSED, 403),
                        row("", "", "GET /v1/jobs", "", Outcome.REFUSED, 401),
                        row("", "", "GET /v1/jobs/assay_…", "", Outcome.REFUSED, 401),
                        row("alice", "acme", "PUT " + mark, mark.substring(11), Outcome.REFUSED, 422));
        AuditEntry last = entries.getLast();
        assertThat(last.getAddress()).isEqualTo("127.0.0.1");
        assertThat(last.getGateway()).isEqualTo("gateway");
        assertThat(Instant.ofEpochMilli(Timestamps.toMillis(last.getTime())))
                .isBetween(before.minusMillis(1), Instant.now());
        assertThat(entries).extracting(AuditEntry::getId).doesNotHaveDuplicates();
    }

    @Test
    void whoeverKnocksAtAClosedDoorDoesNotFillTheTopic() {
        int knocks = 400;
        String mark = "/v1/models/" + JobId.next();
        for (int i = 0; i < knocks; i++) {
            assertThat(send("GET", "/v1/jobs/knock", AccessKey.generate(), "").status())
                    .isEqualTo(401);
        }
        send("PUT", mark, TenantsTest.key("alice", "acme"), "{}");

        List<AuditEntry> written = entriesUpTo(mark).stream()
                .filter(entry -> entry.getPath().equals("/v1/jobs/knock"))
                .toList();
        assertThat(written).hasSizeBetween(1, knocks - 1);
        // those that were not written are told by the next that is; the last ones wait for it
        assertThat(written.size()
                        + written.stream().mapToLong(AuditEntry::getOmitted).sum())
                .isLessThanOrEqualTo(knocks);
    }

    private static org.assertj.core.groups.Tuple row(Object... values) {
        return org.assertj.core.groups.Tuple.tuple(values);
    }

    /// Everything on the topic, as soon as the entry of a request to `path` is there.
    private List<AuditEntry> entriesUpTo(String path) {
        List<AuditEntry> entries = new ArrayList<>();
        try (var consumer = new KafkaConsumer<>(
                Map.of("bootstrap.servers", servers, "isolation.level", "read_committed"),
                new ByteArrayDeserializer(),
                new ByteArrayDeserializer())) {
            var partition = new TopicPartition(Topics.AUDIT, 0);
            consumer.assign(List.of(partition));
            consumer.seekToBeginning(List.of(partition));
            long deadline = System.nanoTime() + Duration.ofSeconds(30).toNanos();
            while (entries.stream().noneMatch(entry -> entry.getPath().equals(path))) {
                assertThat(System.nanoTime()).as("entries so far: " + entries).isLessThan(deadline);
                for (var record : consumer.poll(Duration.ofMillis(200))) {
                    assertThat(new String(record.value(), StandardCharsets.UTF_8))
                            .doesNotContain("for-tests-only", BODY, "note=secret");
                    entries.add(AuditEntry.parseFrom(record.value()));
                }
            }
        } catch (InvalidProtocolBufferException broken) {
            throw new AssertionError(broken);
        }
        return entries;
    }

    private Door.Reply send(String method, String path, String key, String body) {
        return door.send(door.request(path, "Authorization", "Bearer " + key, "Content-Type", "application/json")
                .method(method, body.isEmpty() ? BodyPublishers.noBody() : BodyPublishers.ofString(body)));
    }
}
