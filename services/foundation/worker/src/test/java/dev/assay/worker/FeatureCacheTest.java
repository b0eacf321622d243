package dev.assay.worker;

import static org.assertj.core.api.Assertions.assertThat;

import dev.assay.local.EmbeddedRedis;
import io.lettuce.core.RedisClient;
import io.lettuce.core.codec.ByteArrayCodec;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(60)
class FeatureCacheTest {

    private static final FeatureKey KEY =
            FeatureKey.of("logits", 1).with("model", "m").with("batch", 3);

    private final SimpleMeterRegistry meters = new SimpleMeterRegistry();

    @Test
    void aRedisWithAPasswordLetsInWhoHasItInAFile(@TempDir Path folder) throws IOException {
        Path password = Files.writeString(folder.resolve("password"), "s3cret\n");
        try (var redis = EmbeddedRedis.temporary()) {
            requirePassword(redis.uri(), "s3cret");
            var connection = RedisConnection.to(redis.uri(), Optional.of(password), Optional.empty());
            try (var cache = new RedisFeatureCache(connection, Duration.ofDays(1), 100, meters);
                    var stranger = cache(redis.uri(), 100)) {
                cache.put(KEY, new byte[] {7});
                assertThat(cache.get(KEY)).hasValue(new byte[] {7});
                assertThat(stranger.get(KEY)).isEmpty();
                assertThat(stranger.isReachable()).isFalse();
            }
            assertThat(connection).asString().doesNotContain("s3cret");
        }
    }

    private static void requirePassword(String uri, String password) {
        try (RedisClient client = RedisClient.create(uri);
                var connection = client.connect()) {
            connection.sync().configSet("requirepass", password);
        }
    }

    @Test
    void valuesOfAnySizeComeBackAsTheyWerePut() {
        try (var redis = EmbeddedRedis.temporary();
                var cache = cache(redis.uri(), 1 << 26)) {
            for (int size : new int[] {0, 1, FeatureChunks.CHUNK, FeatureChunks.CHUNK + 1, 3 * FeatureChunks.CHUNK}) {
                byte[] value = new byte[size];
                new Random(size).nextBytes(value);
                cache.put(KEY.with("size", size), value);
                assertThat(cache.get(KEY.with("size", size))).hasValue(value);
            }
            assertThat(cache.get(KEY)).isEmpty();
            assertThat(count("hit")).isEqualTo(5);
            assertThat(count("miss")).isEqualTo(1);
        }
    }

    @Test
    void aValueThatIsTornOrChangedIsAMiss() {
        byte[] value = new byte[2 * FeatureChunks.CHUNK];
        try (var redis = EmbeddedRedis.temporary();
                var cache = cache(redis.uri(), 1 << 26);
                var client = RedisClient.create(redis.uri());
                var raw = client.connect(ByteArrayCodec.INSTANCE)) {
            byte[] second = (KEY.text() + ":1").getBytes(StandardCharsets.US_ASCII);
            cache.put(KEY, value);
            raw.sync().del(second);
            assertThat(cache.get(KEY)).isEmpty();

            cache.put(KEY, value);
            byte[] changed = new byte[FeatureChunks.CHUNK];
            changed[77] = 1;
            raw.sync().set(second, changed);
            assertThat(cache.get(KEY)).isEmpty();

            cache.put(KEY, value);
            raw.sync().flushall();
            assertThat(cache.get(KEY)).isEmpty();
            assertThat(cache.getOrCompute(KEY, () -> new byte[] {5})).containsExactly(5);
        }
    }

    @Test
    void aStoppedRedisCostsTimeAndComesBack(@TempDir Path folder) throws Exception {
        var computations = new AtomicInteger();
        int port;
        RedisFeatureCache cache;
        try (var redis = EmbeddedRedis.start(folder, freePort(), 16)) {
            port = redis.port();
            cache = cache(redis.uri(), 1 << 20);
            cache.put(KEY, new byte[] {1});
            assertThat(cache.isReachable()).isTrue();
        }
        for (int i = 0; i < 100; i++) {
            byte[] value = cache.getOrCompute(KEY, () -> {
                computations.incrementAndGet();
                return new byte[] {2};
            });
            assertThat(value).containsExactly(2);
        }
        assertThat(computations).hasValue(100);
        assertThat(cache.isReachable()).isFalse();
        // while the circuit is open nobody asks: the failures are far fewer than the questions
        assertThat(count("failure")).isLessThan(10);

        try (var redis = EmbeddedRedis.start(folder, port, 16)) {
            TestMesh.await("the cache to be back", cache::isReachable);
            cache.put(KEY, new byte[] {3});
            assertThat(cache.get(KEY)).hasValue(new byte[] {3});
            cache.close();
        }
    }

    @Test
    void aValueOverTheLimitIsNotKept() {
        try (var redis = EmbeddedRedis.temporary();
                var cache = cache(redis.uri(), 10)) {
            cache.put(KEY, new byte[11]);
            assertThat(cache.get(KEY)).isEmpty();
        }
    }

    @Test
    void aKeyDependsOnEveryPartItsNameItsOrderAndTheCode() {
        assertThat(FeatureKey.of("a", 1).with("x", "1").with("y", "2"))
                .isEqualTo(FeatureKey.of("a", 1).with("x", "1").with("y", "2"))
                .isNotEqualTo(FeatureKey.of("a", 2).with("x", "1").with("y", "2"))
                .isNotEqualTo(FeatureKey.of("b", 1).with("x", "1").with("y", "2"))
                .isNotEqualTo(FeatureKey.of("a", 1).with("y", "2").with("x", "1"))
                .isNotEqualTo(FeatureKey.of("a", 1).with("x", "2").with("y", "1"))
                .isNotEqualTo(FeatureKey.of("a", 1).with("x", "1y").with("", "2"));
    }

    private static int freePort() throws IOException {
        try (var socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            return socket.getLocalPort();
        }
    }

    private double count(String result) {
        return meters.get("assay.cache.requests")
                .tag("result", result)
                .counter()
                .count();
    }

    private RedisFeatureCache cache(String uri, long largest) {
        return new RedisFeatureCache(uri, Duration.ofMinutes(5), largest, meters);
    }
}
