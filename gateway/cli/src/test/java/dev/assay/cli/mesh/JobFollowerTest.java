package dev.assay.cli.mesh;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import dev.assay.contract.Json;
import dev.assay.job.v1.Job;
import dev.assay.job.v1.JobEvent;
import dev.assay.job.v1.Progress;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/// Streams that fall silent, and gateways that go away.
class JobFollowerTest {

    private static final Patience SHORT =
            new Patience(Duration.ofMillis(200), Duration.ofMillis(20), Duration.ofMillis(5), Duration.ofMillis(500));

    private final CountDownLatch end = new CountDownLatch(1);
    private HttpServer server;

    @BeforeEach
    void start() throws IOException {
        server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        server.setExecutor(Executors.newVirtualThreadPerTaskExecutor());
        server.start();
    }

    @AfterEach
    void stop() {
        end.countDown();
        server.stop(0);
    }

    @Test
    void aSilentStreamIsLeftAndTheJobIsAskedInstead() {
        AtomicInteger questions = new AtomicInteger();
        server.createContext("/v1/jobs/j/events", this::silentStream);
        server.createContext("/v1/jobs/j", exchange -> {
            int question = questions.incrementAndGet();
            job(exchange, question < 3 ? Job.State.RUNNING : Job.State.SUCCEEDED, question);
        });
        List<JobEvent> heard = new ArrayList<>();

        Job job = follower().follow("j", heard::add);

        assertThat(job.getState()).isEqualTo(Job.State.SUCCEEDED);
        assertThat(heard).extracting(event -> event.getProgress().getDone()).containsExactly(1L, 2L);
    }

    @Test
    void aStateThatIsBehindItsEventIsWaitedFor() {
        AtomicInteger questions = new AtomicInteger();
        server.createContext("/v1/jobs/j/events", exchange -> {
            exchange.sendResponseHeaders(200, 0);
            exchange.getResponseBody().write("id:0-1\ndata:{\"succeeded\":{}}\n\n".getBytes(UTF_8));
            exchange.close();
        });
        server.createContext("/v1/jobs/j", exchange -> {
            int question = questions.incrementAndGet();
            job(exchange, question < 3 ? Job.State.RUNNING : Job.State.SUCCEEDED, question);
        });

        assertThat(follower().follow("j", event -> {}).getState()).isEqualTo(Job.State.SUCCEEDED);
        assertThat(questions).hasValue(3);
    }

    @Test
    void aGatewayThatStaysAwayIsGivenUpWithAWordAboutTheJob() {
        JobFollower follower = follower();
        server.stop(0);

        assertThatThrownBy(() -> follower.follow("j", event -> {}))
                .hasMessageContaining("the gateway has not answered for")
                .hasMessageContaining("the job is not lost with it");
    }

    private JobFollower follower() {
        URI address = URI.create("http://127.0.0.1:" + server.getAddress().getPort());
        return new JobFollower(new Gateway(address), SHORT);
    }

    private void silentStream(HttpExchange exchange) throws IOException {
        exchange.sendResponseHeaders(200, 0);
        exchange.getResponseBody().flush();
        try {
            end.await();
        } catch (InterruptedException stopped) {
            Thread.currentThread().interrupt();
        }
        exchange.close();
    }

    private static void job(HttpExchange exchange, Job.State state, int done) throws IOException {
        Job job = Job.newBuilder()
                .setId("j")
                .setState(state)
                .setProgress(Progress.newBuilder().setDone(done))
                .build();
        byte[] body = Json.print(job).getBytes(UTF_8);
        exchange.sendResponseHeaders(200, body.length);
        exchange.getResponseBody().write(body);
        exchange.close();
    }
}
