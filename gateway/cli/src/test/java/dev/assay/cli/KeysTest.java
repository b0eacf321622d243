package dev.assay.cli;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.sun.net.httpserver.HttpServer;
import dev.assay.cli.Terminal.Outcome;
import dev.assay.cli.mesh.Gateway;
import dev.assay.cli.mesh.GatewayKey;
import dev.assay.computation.ProblemException;
import dev.assay.contract.AccessKey;
import dev.assay.contract.Scope;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Making keys, and sending one.
class KeysTest {

    @Test
    void aNewKeyIsPrintedWithTheEntryThatLetsItIn() {
        Outcome made = Terminal.at("http://127.0.0.1:9").run("keys", "new", "--name", "ci", "--scopes", "read,admin");

        assertThat(made.code()).isZero();
        List<String> lines = made.out().lines().toList();
        String key = lines.get(0).replace("key    ", "");
        AccessKey entry = AccessKey.parse(lines.get(1).replace("entry  ", ""));
        assertThat(entry.isOf(key)).isTrue();
        assertThat(entry.name()).isEqualTo("ci");
        assertThat(entry.scopes()).containsExactlyInAnyOrder(Scope.READ, Scope.ADMIN);
    }

    @Test
    void aKeyOfATenantSaysSoInItsEntry() {
        Outcome made = Terminal.at("http://127.0.0.1:9").run("keys", "new", "--name", "alice", "--tenant", "acme");

        assertThat(made.code()).isZero();
        assertThat(made.out()).contains("entry  alice@acme read,submit,register sha256:");
        assertThat(Terminal.at("http://127.0.0.1:9")
                        .run("keys", "new", "--name", "alice", "--tenant", "A/B")
                        .err())
                .contains("'A/B' cannot be the name of a tenant");
    }

    @Test
    void aWrongScopeIsRefused() {
        Outcome refused = Terminal.at("http://127.0.0.1:9").run("keys", "new", "--name", "ci", "--scopes", "write");

        assertThat(refused.code()).isEqualTo(2);
        assertThat(refused.err()).contains("there is no scope 'write'");
    }

    @Test
    void theKeyOfTheEnvironmentComesWithEveryRequest(@TempDir Path folder) throws IOException {
        Path file = Files.writeString(folder.resolve("key"), "assay_from-file\n");
        List<String> sent = new CopyOnWriteArrayList<>();
        HttpServer server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        server.createContext("/", exchange -> {
            sent.add(String.valueOf(exchange.getRequestHeaders().getFirst("Authorization")));
            exchange.sendResponseHeaders(404, -1);
            exchange.close();
        });
        server.start();
        try {
            URI address = URI.create("http://127.0.0.1:" + server.getAddress().getPort());
            for (Map<String, String> environment : List.of(
                    Map.of("ASSAY_KEY", "assay_direct", "ASSAY_KEY_FILE", file.toString()),
                    Map.of("ASSAY_KEY_FILE", file.toString()),
                    Map.<String, String>of())) {
                new Gateway(address, GatewayKey.find(environment)).hasArtifact("sha256:" + "0".repeat(64));
            }
        } finally {
            server.stop(0);
        }

        assertThat(sent).containsExactly("Bearer assay_direct", "Bearer assay_from-file", "null");
    }

    @Test
    void aFileThatHoldsMoreThanAKeyIsRefusedWithoutTellingIt(@TempDir Path folder) throws IOException {
        Path file = folder.resolve("key");
        Files.write(file, "key    assay_secret\nentry  x".getBytes(UTF_8));

        assertThatThrownBy(() -> GatewayKey.find(Map.of("ASSAY_KEY_FILE", file.toString())))
                .isInstanceOfSatisfying(
                        ProblemException.class,
                        problem -> assertThat(problem.oneLine())
                                .contains("ASSAY_KEY_FILE")
                                .doesNotContain("assay_secret"));
    }
}
