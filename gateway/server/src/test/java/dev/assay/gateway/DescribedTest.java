package dev.assay.gateway;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.gson.JsonObject;
import dev.assay.artifact.v1.Artifact;
import dev.assay.job.v1.Job;
import dev.assay.worker.RedisFeatureCache;
import dev.assay.worker.Topics;
import io.micrometer.core.instrument.MeterRegistry;
import io.quarkus.test.common.QuarkusTestResource;
import io.quarkus.test.common.http.TestHTTPResource;
import io.quarkus.test.junit.QuarkusTest;
import jakarta.inject.Inject;
import java.io.IOException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.eclipse.microprofile.config.ConfigProvider;
import org.junit.jupiter.api.Test;

/// What a running mesh exports and writes, against what the board, the alert rules and the AsyncAPI document say.
@QuarkusTest
@QuarkusTestResource(MeshForTests.class)
class DescribedTest {

    private static final Path DEPLOY =
            Path.of("../../deploy/grafana").toAbsolutePath().normalize();
    private static final Pattern METRIC = Pattern.compile("\\b(?:assay|http|jvm|process|system)_[a-z0-9_]+\\b");

    @TestHTTPResource
    URI root;

    @Inject
    MeterRegistry meters;

    @Test
    void theMeshTellsWhatItIsDescribedToTell() throws Exception {
        var configuration = ConfigProvider.getConfig();
        String servers = configuration.getValue("assay.kafka.bootstrap-servers", String.class);
        Path artifacts = configuration.getValue("assay.artifacts.folder", Path.class);
        Door door = new Door(root).ready();
        try (var worker = new TestWorker(servers, artifacts, meters);
                var cache = new RedisFeatureCache("redis://127.0.0.1:1", Duration.ofDays(1), 1, meters)) {
            assertThat(cache.isReachable()).isFalse();
            assertThat(worker).isNotNull();
            runAJob(door);

            everyMetricOfTheBoardAndTheRulesIsExported(door);
            everyRecordIsAMessageOfItsChannel(door, servers);
        }
    }

    private static void runAJob(Door door) throws InterruptedException {
        String digest = door.post("/v1/artifacts", "hello".getBytes(StandardCharsets.UTF_8))
                .into(Artifact.newBuilder())
                .getDigest();
        String id = door.postJson("/v1/loading/import", "{\"source\": \"" + digest + "\"}")
                .into(Job.newBuilder())
                .getId();
        door.putJson("/v1/datasets/described", "{\"artifact\": \"" + digest + "\"}");
        long deadline = System.nanoTime() + Duration.ofSeconds(60).toNanos();
        while (door.get("/v1/jobs/" + id).into(Job.newBuilder()).getState() != Job.State.SUCCEEDED) {
            assertThat(System.nanoTime()).isLessThan(deadline);
            Thread.sleep(20);
        }
    }

    private static void everyMetricOfTheBoardAndTheRulesIsExported(Door door) throws IOException {
        Set<String> exported = door.get("/q/metrics")
                .text()
                .lines()
                .filter(line -> !line.startsWith("#"))
                .map(line -> line.split("[{ ]", 2)[0])
                .collect(Collectors.toCollection(TreeSet::new));
        for (String file : List.of("board.json", "alerts.yaml")) {
            Set<String> named = METRIC.matcher(expressions(Files.readString(DEPLOY.resolve(file))))
                    .results()
                    .map(MatchResult::group)
                    .collect(Collectors.toCollection(TreeSet::new));
            assertThat(named).as(file).contains("assay_jobs", "assay_jobs_dead_total");
            assertThat(exported).as(file).containsAll(named);
        }
    }

    /// The lines that Prometheus evaluates.
    private static String expressions(String file) {
        return file.lines()
                .filter(line ->
                        line.strip().startsWith("\"expr\":") || line.strip().startsWith("expr:"))
                .collect(Collectors.joining("\n"));
    }

    private static void everyRecordIsAMessageOfItsChannel(Door door, String servers) {
        JsonObject document = door.get("/asyncapi").json();
        Map<String, Set<String>> described = new TreeMap<>();
        document.getAsJsonObject("channels")
                .asMap()
                .values()
                .forEach(channel -> described.put(
                        channel.getAsJsonObject().get("address").getAsString(),
                        types(document, channel.getAsJsonObject())));
        Map<String, Set<String>> written = new TreeMap<>();
        try (var consumer = new KafkaConsumer<>(
                Map.of("bootstrap.servers", servers, "isolation.level", "read_committed"),
                new ByteArrayDeserializer(),
                new ByteArrayDeserializer())) {
            List<TopicPartition> partitions = Topics.all().stream()
                    .flatMap(topic -> consumer.partitionsFor(topic.name()).stream())
                    .map(partition -> new TopicPartition(partition.topic(), partition.partition()))
                    .toList();
            consumer.assign(partitions);
            consumer.seekToBeginning(partitions);
            Map<TopicPartition, Long> ends = consumer.endOffsets(partitions);
            while (partitions.stream().anyMatch(partition -> consumer.position(partition) < ends.get(partition))) {
                consumer.poll(Duration.ofMillis(200))
                        .forEach(record -> written.computeIfAbsent(record.topic(), topic -> new TreeSet<>())
                                .add(type(record)));
            }
        }
        assertThat(written.keySet()).contains("assay.jobs.loading", "assay.job-events", "assay.job-state");
        written.forEach(
                (topic, types) -> assertThat(described.get(topic)).as(topic).containsAll(types));
    }

    private static Set<String> types(JsonObject document, JsonObject channel) {
        JsonObject messages = document.getAsJsonObject("components").getAsJsonObject("messages");
        return channel.getAsJsonObject("messages").keySet().stream()
                .map(name -> messages.getAsJsonObject(name).get("name").getAsString())
                .collect(Collectors.toSet());
    }

    private static String type(ConsumerRecord<?, ?> record) {
        return new String(record.headers().lastHeader("ce_type").value(), StandardCharsets.UTF_8);
    }
}
