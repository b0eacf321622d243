package dev.assay.local;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.assay.computation.ProblemException;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class EmbeddedRedisTest {

    @Test
    void storesAndReturnsAValueAndEvictsTheLeastRecentlyUsed(@TempDir Path folder) throws Exception {
        try (var redis = EmbeddedRedis.start(folder, 0, 32)) {
            assertThat(ask(redis, "SET greeting hello")).isEqualTo("+OK");
            assertThat(ask(redis, "STRLEN greeting")).isEqualTo(":5");
            assertThat(configured(redis, "maxmemory-policy")).isEqualTo("allkeys-lru");
            assertThat(configured(redis, "maxmemory")).isEqualTo(Integer.toString(32 << 20));
            assertThat(configured(redis, "save")).isEmpty();
        }
    }

    @Test
    void startsAgainInTheSameFolderAndLeavesNothingRunning(@TempDir Path folder) {
        int port;
        try (var redis = EmbeddedRedis.start(folder, 0, 32)) {
            port = redis.port();
        }
        assertThat(Probes.redis(port)).isFalse();
        try (var redis = EmbeddedRedis.start(folder, port, 32)) {
            assertThat(Probes.redis(redis.port())).isTrue();
        }
    }

    @Test
    void twoTemporaryServersDoNotMeet() throws Exception {
        try (var one = EmbeddedRedis.temporary();
                var two = EmbeddedRedis.temporary()) {
            assertThat(one.port()).isNotEqualTo(two.port());
            ask(one, "SET here yes");
            assertThat(ask(two, "EXISTS here")).isEqualTo(":0");
        }
    }

    @Test
    void namesThePortThatIsTaken(@TempDir Path folder) throws Exception {
        try (var other = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            assertThatThrownBy(() -> EmbeddedRedis.start(folder, other.getLocalPort(), 32))
                    .isInstanceOfSatisfying(ProblemException.class, problem -> {
                        assertThat(problem.type()).isEqualTo("port-in-use");
                        assertThat(problem.oneLine()).contains("redis", "" + other.getLocalPort());
                    });
        }
    }

    private static String ask(EmbeddedRedis redis, String inlineCommand) throws IOException {
        try (var socket = new Socket(InetAddress.getLoopbackAddress(), redis.port())) {
            return reader(socket, inlineCommand).readLine();
        }
    }

    /// The answer to CONFIG GET is an array of two bulk strings: *2, $n, name, $m, value.
    private static String configured(EmbeddedRedis redis, String name) throws IOException {
        try (var socket = new Socket(InetAddress.getLoopbackAddress(), redis.port())) {
            return reader(socket, "CONFIG GET " + name)
                    .lines()
                    .skip(4)
                    .findFirst()
                    .orElseThrow();
        }
    }

    private static BufferedReader reader(Socket socket, String inlineCommand) throws IOException {
        socket.getOutputStream().write((inlineCommand + "\r\n").getBytes(StandardCharsets.US_ASCII));
        return new BufferedReader(new InputStreamReader(socket.getInputStream(), StandardCharsets.US_ASCII));
    }
}
