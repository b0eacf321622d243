package dev.assay.product;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.introspect.Annotated;
import com.fasterxml.jackson.databind.introspect.JacksonAnnotationIntrospector;
import com.sun.net.httpserver.HttpServer;
import dev.assay.product.Manifests.Document;
import dev.assay.worker.Topics;
import io.fabric8.kubernetes.api.model.Namespace;
import io.fabric8.kubernetes.api.model.PersistentVolumeClaim;
import io.fabric8.kubernetes.api.model.Service;
import io.fabric8.kubernetes.api.model.apps.Deployment;
import io.fabric8.kubernetes.api.model.networking.v1.NetworkPolicy;
import io.fabric8.kubernetes.api.model.policy.v1.PodDisruptionBudget;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.concurrent.TimeUnit;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.server.config.AbstractKafkaConfig;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/// docker-compose.yml and deploy/ against the code that they run and against one another. No container engine and no
/// cluster takes part.
class DeploymentFilesTest {

    private static final String BASE = "deploy/kubernetes/base";
    private static final List<String> WORKERS = List.of("loading", "training", "attack");
    private static final Map<String, Class<?>> TYPES = Map.of(
            "Deployment", Deployment.class,
            "Service", Service.class,
            "Namespace", Namespace.class,
            "PersistentVolumeClaim", PersistentVolumeClaim.class,
            "PodDisruptionBudget", PodDisruptionBudget.class,
            "NetworkPolicy", NetworkPolicy.class);

    /// Refuses a field that the type does not have, where the model's own reading would keep it aside.
    private static final ObjectMapper STRICT = new ObjectMapper()
            .setAnnotationIntrospector(new JacksonAnnotationIntrospector() {
                @Override
                public Boolean hasAnySetter(Annotated annotated) {
                    return false;
                }
            })
            .enable(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES);

    static List<Document> kubernetes() throws IOException {
        return Manifests.under(BASE).stream()
                .filter(document -> TYPES.containsKey(document.kind()))
                .toList();
    }

    static List<Document> deployments() throws IOException {
        return kubernetes().stream().filter(d -> d.kind().equals("Deployment")).toList();
    }

    @ParameterizedTest
    @MethodSource("kubernetes")
    void aManifestHoldsOnlyWhatItsTypeHas(Document document) throws IOException {
        assertThat(STRICT.treeToValue(document.content(), TYPES.get(document.kind())))
                .isNotNull();
    }

    @Test
    void aFieldThatNoTypeHasIsNoticed() {
        JsonNode wrong = new ObjectMapper().valueToTree(Map.of("spec", Map.of("replica", 1)));

        assertThatThrownBy(() -> STRICT.treeToValue(wrong, Deployment.class)).hasMessageContaining("replica");
    }

    @ParameterizedTest
    @ValueSource(strings = {BASE, "deploy/kubernetes/overlays/cpu", "deploy/kubernetes/overlays/gpu"})
    void aKustomizationNamesFilesThatAreThereAndLeavesNoneOut(String folder) throws IOException {
        Path place = Manifests.ROOT.resolve(folder);
        JsonNode kustomization =
                Manifests.read(place.resolve("kustomization.yaml")).getFirst().content();
        Set<String> named = new TreeSet<>();
        kustomization.path("resources").forEach(resource -> named.add(resource.asText()));
        kustomization
                .path("patches")
                .forEach(patch -> named.add(patch.path("path").asText()));
        assertThat(named)
                .isNotEmpty()
                .allSatisfy(name -> assertThat(place.resolve(name)).exists());
        try (var files = Files.list(place)) {
            assertThat(files.map(file -> file.getFileName().toString())
                            .filter(name -> name.endsWith(".yaml") && !name.equals("kustomization.yaml")))
                    .allMatch(named::contains);
        }
    }

    @ParameterizedTest
    @MethodSource("deployments")
    void aPodIsWhatItsSelectorSaysAndMayDoLittle(Document deployment) {
        JsonNode spec = deployment.content().path("spec");
        JsonNode pod = spec.at("/template/spec");
        JsonNode container = pod.at("/containers/0");

        spec.at("/selector/matchLabels")
                .properties()
                .forEach(
                        label -> assertThat(spec.at("/template/metadata/labels").path(label.getKey()))
                                .isEqualTo(label.getValue()));
        assertThat(pod.at("/securityContext/runAsNonRoot").asBoolean()).isTrue();
        assertThat(pod.path("automountServiceAccountToken").asBoolean(true)).isFalse();
        assertThat(container.at("/securityContext/readOnlyRootFilesystem").asBoolean())
                .isTrue();
        assertThat(container.at("/securityContext/allowPrivilegeEscalation").asBoolean(true))
                .isFalse();
        assertThat(container.at("/securityContext/capabilities/drop/0").asText())
                .isEqualTo("ALL");
        assertThat(container.at("/resources/limits").has("memory")).isTrue();
        assertThat(container.at("/resources/requests").has("cpu")).isTrue();
        Set<String> volumes = new TreeSet<>();
        pod.path("volumes").forEach(volume -> volumes.add(volume.path("name").asText()));
        Set<String> mounts = new TreeSet<>();
        container
                .path("volumeMounts")
                .forEach(mount -> mounts.add(mount.path("name").asText()));
        assertThat(mounts).isEqualTo(volumes);
    }

    @ParameterizedTest
    @CsvSource({
        "gateway,gateway/server",
        "loading,services/loading",
        "training,services/training",
        "attack,services/attack"
    })
    void aProcessListensWhereItIsAskedAndHasANameOfItsOwn(String name, String module) throws IOException {
        int port = configuredPort(module);
        JsonNode deployment = Manifests.only(kubernetes(), "Deployment", name).content();
        JsonNode container = deployment.at("/spec/template/spec/containers/0");
        assertThat(container.at("/ports/0/containerPort").asInt()).isEqualTo(port);
        assertThat(deployment
                        .at("/spec/template/metadata/annotations/prometheus.io~1port")
                        .asInt())
                .isEqualTo(port);
        assertThat(container.at("/env/0/name").asText())
                .isEqualTo(name.equals("gateway") ? "ASSAY_GATEWAY_NAME" : "ASSAY_WORKER_NAME");
        assertThat(container.at("/env/0/valueFrom/fieldRef/fieldPath").asText()).isEqualTo("metadata.name");
        for (String probe : List.of("startup", "liveness", "readiness")) {
            assertThat(container.at("/" + probe + "Probe/httpGet/port").asText())
                    .isEqualTo(container.at("/ports/0/name").asText());
        }
        Set<Integer> monitored = new TreeSet<>();
        Manifests.only(kubernetes(), "NetworkPolicy", "monitoring")
                .content()
                .at("/spec/ingress/0/ports")
                .forEach(allowed -> monitored.add(allowed.path("port").asInt()));
        assertThat(monitored).contains(port);

        JsonNode service = compose().path("services").path(name);
        assertThat(service.at("/healthcheck/test/2").asInt()).isEqualTo(port);
        assertThat(service.at("/build/args/MODULE").asText()).isEqualTo(module);
    }

    @Test
    void everyDeploymentOfTheMeshHasABudgetAndEveryWorkerIsScaled() throws IOException {
        for (String name : List.of("gateway", "loading", "training", "attack")) {
            assertThat(Manifests.only(kubernetes(), "PodDisruptionBudget", name)
                            .content()
                            .at("/spec/selector/matchLabels"))
                    .isEqualTo(Manifests.only(kubernetes(), "Deployment", name)
                            .content()
                            .at("/spec/selector/matchLabels"));
        }
        for (String name : WORKERS) {
            JsonNode scaled = Manifests.only(Manifests.under(BASE), "ScaledObject", name)
                    .content()
                    .path("spec");
            JsonNode deployment =
                    Manifests.only(kubernetes(), "Deployment", name).content();
            assertThat(scaled.at("/scaleTargetRef/name").asText()).isEqualTo(name);
            // two owners of one number would fight
            assertThat(deployment.path("spec").has("replicas")).isFalse();
            assertThat(scaled.at("/triggers/0/metadata/threshold").asText())
                    .isEqualTo(environment(deployment).get("ASSAY_WORKER_SLOTS"));
            assertThat(scaled.at("/triggers/0/metadata/query").asText())
                    .contains("assay_jobs{capability=\"" + name + "\"}");
        }
    }

    @Test
    void aWorkerGetsMoreTimeToStopThanItsJobs() throws IOException {
        int grace = 0;
        for (JsonNode literal : Manifests.read(Manifests.ROOT.resolve(BASE).resolve("kustomization.yaml"))
                .getFirst()
                .content()
                .at("/configMapGenerator/0/literals")) {
            if (literal.asText().startsWith("ASSAY_WORKER_GRACE=")) {
                grace = seconds(literal.asText().split("=")[1]);
            }
        }
        assertThat(grace).isPositive();
        for (String name : WORKERS) {
            assertThat(Manifests.only(kubernetes(), "Deployment", name)
                            .content()
                            .at("/spec/template/spec/terminationGracePeriodSeconds")
                            .asInt())
                    .isGreaterThan(grace + 15);
            JsonNode service = compose().path("services").path(name);
            assertThat(seconds(service.path("stop_grace_period").asText()))
                    .isGreaterThan(seconds(service.at("/environment/ASSAY_WORKER_GRACE")
                                    .asText())
                            + 15);
        }
    }

    @Test
    void everyNameInTheNetworkPoliciesIsALabelOfSomePod() throws IOException {
        Set<String> labels = new TreeSet<>();
        for (Document deployment : deployments()) {
            deployment
                    .content()
                    .at("/spec/template/metadata/labels")
                    .properties()
                    .forEach(label ->
                            labels.add(label.getKey() + "=" + label.getValue().asText()));
        }
        List<String> selected = new ArrayList<>();
        for (Document document : kubernetes()) {
            for (JsonNode selector : document.content().findValues("podSelector")) {
                selector.path("matchLabels")
                        .properties()
                        .forEach(label -> selected.add(
                                label.getKey() + "=" + label.getValue().asText()));
            }
        }
        assertThat(selected).isNotEmpty().allMatch(labels::contains);
    }

    @Test
    void theTopicDefinitionsAreThoseOfTheCode() throws IOException {
        Map<String, String> defined = new TreeMap<>();
        for (Document topic : Manifests.read(Manifests.ROOT.resolve("deploy/kafka/topics.yaml"))) {
            Map<String, String> settings = new TreeMap<>();
            topic.content()
                    .at("/spec/config")
                    .properties()
                    .forEach(setting ->
                            settings.put(setting.getKey(), setting.getValue().asText()));
            defined.put(topic.name(), topic.content().at("/spec/partitions").asInt() + " " + settings);
        }
        Map<String, String> wanted = new TreeMap<>();
        for (NewTopic topic : Topics.all()) {
            wanted.put(topic.name(), topic.numPartitions() + " " + new TreeMap<>(topic.configs()));
        }
        assertThat(defined).isEqualTo(wanted);
    }

    @Test
    void everySettingOfTheBrokersIsOneThatKafkaKnows() throws IOException {
        Set<String> known = AbstractKafkaConfig.CONFIG_DEF.names();
        List<String> used = new ArrayList<>();
        compose().at("/services/broker/environment").fieldNames().forEachRemaining(name -> {
            if (!name.equals("KAFKA_HEAP_OPTS")) {
                used.add(name.substring("KAFKA_".length()).toLowerCase().replace('_', '.'));
            }
        });
        Manifests.only(Manifests.under("deploy/kafka"), "Kafka", "assay")
                .content()
                .at("/spec/kafka/config")
                .fieldNames()
                .forEachRemaining(used::add);
        assertThat(used).contains("group.share.session.timeout.ms").allMatch(known::contains);
    }

    @Test
    void everyReferenceInTheComposeFileLeadsSomewhere() throws IOException {
        JsonNode compose = compose();
        for (var entry : compose.path("services").properties()) {
            JsonNode service = entry.getValue();
            service.path("networks")
                    .forEach(network -> assertThat(compose.path("networks").has(network.asText()))
                            .isTrue());
            service.path("volumes")
                    .forEach(volume -> assertThat(
                                    compose.path("volumes").has(volume.asText().split(":")[0]))
                            .isTrue());
            service.path("secrets")
                    .forEach(secret -> assertThat(compose.path("secrets")
                                    .has(
                                            secret.isTextual()
                                                    ? secret.asText()
                                                    : secret.path("source").asText()))
                            .isTrue());
            service.path("depends_on")
                    .fieldNames()
                    .forEachRemaining(other -> assertThat(
                                    compose.path("services").path(other).has("healthcheck"))
                            .isTrue());
            assertThat(service.at("/deploy/resources/limits").has("memory"))
                    .as(entry.getKey())
                    .isTrue();
            assertThat(service.at("/cap_drop/0").asText()).as(entry.getKey()).isEqualTo("ALL");
            if (!entry.getKey().equals("broker")) {
                assertThat(service.path("read_only").asBoolean())
                        .as(entry.getKey())
                        .isTrue();
                assertThat(service.path("user").asText()).as(entry.getKey()).doesNotStartWith("0");
            }
        }
        assertThat(compose.at("/services/gateway/ports/0").asText()).startsWith("127.0.0.1:");
    }

    @Test
    void theBrokerIsOfTheVersionOfTheClients() throws IOException {
        String pom = Files.readString(Manifests.ROOT.resolve("pom.xml"));
        String image = compose().at("/services/broker/image").asText();

        assertThat(pom).contains("<kafka.version>" + image.split(":")[1] + "</kafka.version>");
    }

    @Test
    void theHealthCheckTellsReadyFromNot() throws Exception {
        for (int status : new int[] {200, 503}) {
            HttpServer server = HttpServer.create(new InetSocketAddress(InetAddress.getByName("127.0.0.1"), 0), 0);
            server.createContext("/q/health/ready", exchange -> {
                exchange.sendResponseHeaders(status, -1);
                exchange.close();
            });
            server.start();
            try {
                assertThat(healthy(server.getAddress().getPort())).isEqualTo(status == 200);
            } finally {
                server.stop(0);
            }
            assertThat(healthy(server.getAddress().getPort())).isFalse();
        }
    }

    private static boolean healthy(int port) throws IOException, InterruptedException {
        Process check = new ProcessBuilder(
                        Manifests.ROOT.resolve("deploy/containers/healthy").toString(), Integer.toString(port))
                .redirectErrorStream(true)
                .start();
        assertThat(check.waitFor(20, TimeUnit.SECONDS)).isTrue();
        return check.exitValue() == 0;
    }

    private static JsonNode compose() throws IOException {
        return Manifests.read(Manifests.ROOT.resolve("docker-compose.yml"))
                .getFirst()
                .content();
    }

    private static Map<String, String> environment(JsonNode deployment) {
        Map<String, String> environment = new TreeMap<>();
        deployment
                .at("/spec/template/spec/containers/0/env")
                .forEach(variable -> environment.put(
                        variable.path("name").asText(), variable.path("value").asText()));
        return environment;
    }

    private static int configuredPort(String module) throws IOException {
        Properties properties = new Properties();
        try (var file = Files.newBufferedReader(
                Manifests.ROOT.resolve(module).resolve("src/main/resources/application.properties"))) {
            properties.load(file);
        }
        return Integer.parseInt(properties.getProperty("quarkus.http.port"));
    }

    private static int seconds(String duration) {
        assertThat(duration).matches("\\d+s");
        return Integer.parseInt(duration.substring(0, duration.length() - 1));
    }
}
