package dev.assay.gateway;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.net.httpserver.HttpServer;
import dev.assay.artifact.v1.Artifact;
import dev.assay.job.v1.Job;
import io.quarkus.test.common.QuarkusTestResource;
import io.quarkus.test.common.http.TestHTTPResource;
import io.quarkus.test.junit.QuarkusTest;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.eclipse.microprofile.config.ConfigProvider;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/// A job submitted with `Assay-Callback`, from the door to the receiver.
@QuarkusTest
@QuarkusTestResource(MeshForTests.class)
class CallbackHeaderTest {

    @TestHTTPResource
    URI root;

    private Door door;
    private String request;

    @BeforeEach
    void open() throws InterruptedException {
        door = new Door(root).ready();
        String artifact = door.post("/v1/artifacts", "hello".getBytes(StandardCharsets.UTF_8))
                .into(Artifact.newBuilder())
                .getDigest();
        request = "{\"source\": \"" + artifact + "\"}";
    }

    @Test
    void theAddressInTheHeaderIsToldOfTheEnd() throws Exception {
        var bodies = new LinkedBlockingQueue<String>();
        HttpServer receiver = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        receiver.createContext("/", exchange -> {
            bodies.add(new String(exchange.getRequestBody().readAllBytes(), StandardCharsets.UTF_8));
            exchange.sendResponseHeaders(204, -1);
            exchange.close();
        });
        receiver.start();
        var configuration = ConfigProvider.getConfig();
        try (var worker = new TestWorker(
                configuration.getValue("assay.kafka.bootstrap-servers", String.class),
                configuration.getValue("assay.artifacts.folder", Path.class))) {
            String url = "http://127.0.0.1:" + receiver.getAddress().getPort() + "/hook";
            Door.Reply accepted = door.postJson("/v1/loading/import", request, "Assay-Callback", url);
            assertThat(accepted.status()).as(accepted.text()).isEqualTo(202);
            Job job = accepted.into(Job.newBuilder()).build();
            assertThat(job.getCallback()).isEqualTo(url);

            String body = bodies.poll(30, TimeUnit.SECONDS);

            assertThat(body).contains("dev.assay.job.succeeded.v1", job.getId());
            assertThat(door.get("/v1/jobs?capability=callback").text()).contains(job.getId() + "-1-succeeded");
            // the gateway works, too, and keeps its last lines for the case that it dies
            Path log =
                    configuration.getValue("assay.artifacts.folder", Path.class).resolve("workers/gateway.log");
            assertThat(log).content().contains("connected to the mesh", "attempt 1, starts");
        } finally {
            receiver.stop(0);
        }
    }

    @Test
    void anAddressThatMayNotBeCalledIsRefusedAtTheDoor() {
        Door.Reply refused =
                door.postJson("/v1/loading/import", request, "Assay-Callback", "http://hooks.example.org/x");
        assertThat(refused.status()).isEqualTo(422);
        assertThat(refused.problem()).isEqualTo("host-not-allowed");
        assertThat(refused.json().get("subject").getAsString()).isEqualTo("Assay-Callback");
    }

    @Test
    void nobodyCanSubmitADeliveryNorPutOneIntoAPipeline() {
        Door.Reply refused = door.postJson("/v1/callback/deliver", "{\"url\": \"http://127.0.0.1/\"}");
        assertThat(refused.status()).isEqualTo(404);
        assertThat(refused.problem()).isEqualTo("unknown-capability");
        Door.Reply pipeline = door.postJson(
                "/v1/pipelines",
                "{\"steps\": [{\"name\": \"a\", \"capability\": \"callback\", \"operation\": \"deliver\"}]}");
        assertThat(pipeline.problem()).isEqualTo("unknown-capability");
        assertThat(door.get("/openapi").text()).doesNotContain("/v1/callback");
    }
}
