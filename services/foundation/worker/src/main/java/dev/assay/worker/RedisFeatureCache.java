package dev.assay.worker;

import io.lettuce.core.ClientOptions;
import io.lettuce.core.ClientOptions.DisconnectedBehavior;
import io.lettuce.core.KeyValue;
import io.lettuce.core.RedisClient;
import io.lettuce.core.RedisException;
import io.lettuce.core.SetArgs;
import io.lettuce.core.SocketOptions;
import io.lettuce.core.TimeoutOptions;
import io.lettuce.core.api.StatefulRedisConnection;
import io.lettuce.core.codec.ByteArrayCodec;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.MeterRegistry;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;
import org.jboss.logging.Logger;

/// The feature cache on Redis. A value is cut into chunks of 1 MiB, each under its own key, behind a head that
/// says how many there are and what their bytes hash to; a value of which a chunk is missing or wrong is a
/// miss. Redis itself keeps the memory budget (`maxmemory`, least recently used first).
///
/// When Redis is away, calls miss at once and it is tried again every few seconds.
public final class RedisFeatureCache implements FeatureCache, AutoCloseable {

    private static final Logger LOG = Logger.getLogger(RedisFeatureCache.class);
    private static final Duration COMMAND_TIMEOUT = Duration.ofSeconds(2);
    private static final Duration RETRY = Duration.ofSeconds(3);

    private final RedisClient client;
    private final Duration timeToLive;
    private final long largestValue;
    private final Counter hits;
    private final Counter misses;
    private final Counter failures;
    private final AtomicReference<StatefulRedisConnection<byte[], byte[]>> connection = new AtomicReference<>();
    private final AtomicLong retryAt = new AtomicLong(System.nanoTime());
    private volatile boolean away;

    /// @param uri such as `redis://127.0.0.1:6379`; need not be reachable yet
    /// @param timeToLive how long a value is kept after it was put, at most
    /// @param largestValue bytes; larger values are not kept, so that one cannot drive out all others
    public RedisFeatureCache(String uri, Duration timeToLive, long largestValue, MeterRegistry meters) {
        this(RedisConnection.to(uri, Optional.empty(), Optional.empty()), timeToLive, largestValue, meters);
    }

    /// As above, with what is needed to be let in.
    public RedisFeatureCache(RedisConnection redis, Duration timeToLive, long largestValue, MeterRegistry meters) {
        this.timeToLive = timeToLive;
        this.largestValue = largestValue;
        this.client = RedisClient.create(redis.uri());
        client.setOptions(ClientOptions.builder()
                .sslOptions(redis.tls())
                .disconnectedBehavior(DisconnectedBehavior.REJECT_COMMANDS)
                .socketOptions(SocketOptions.builder()
                        .connectTimeout(Duration.ofSeconds(1))
                        .build())
                .timeoutOptions(TimeoutOptions.enabled(COMMAND_TIMEOUT))
                .build());
        this.hits = counter(meters, "hit");
        this.misses = counter(meters, "miss");
        this.failures = counter(meters, "failure");
    }

    /// Whether Redis answered the last time it was asked.
    public boolean isReachable() {
        try {
            return connected().map(c -> "PONG".equals(c.sync().ping())).orElse(false);
        } catch (RedisException failure) {
            giveUpFor(failure);
            return false;
        }
    }

    @Override
    public Optional<byte[]> get(FeatureKey key) {
        Optional<byte[]> value = Optional.empty();
        try {
            value = connected().flatMap(c -> read(c, key));
        } catch (RedisException failure) {
            giveUpFor(failure);
        }
        (value.isPresent() ? hits : misses).increment();
        return value;
    }

    @Override
    public void put(FeatureKey key, byte[] value) {
        if (value.length > largestValue) {
            LOG.debugf("%s is not cached: %d bytes", key, value.length);
            return;
        }
        try {
            connected().ifPresent(c -> write(c, key, value));
        } catch (RedisException failure) {
            giveUpFor(failure);
        }
    }

    @Override
    public void close() {
        Optional.ofNullable(connection.getAndSet(null)).ifPresent(StatefulRedisConnection::close);
        client.shutdown(Duration.ZERO, Duration.ofSeconds(2));
    }

    private Optional<byte[]> read(StatefulRedisConnection<byte[], byte[]> redis, FeatureKey key) {
        byte[] head = redis.sync().get(name(key, "head"));
        if (head == null) {
            return Optional.empty();
        }
        return FeatureChunks.Head.parse(head).flatMap(parsed -> {
            byte[][] names = chunkNames(key, parsed.chunks());
            List<byte[]> chunks = names.length == 0
                    ? List.of()
                    : redis.sync().mget(names).stream()
                            .filter(KeyValue::hasValue)
                            .map(KeyValue::getValue)
                            .toList();
            return parsed.join(chunks);
        });
    }

    /// The head comes last: until then nobody finds the value.
    private void write(StatefulRedisConnection<byte[], byte[]> redis, FeatureKey key, byte[] value) {
        var expiry = SetArgs.Builder.px(timeToLive);
        List<byte[]> chunks = FeatureChunks.cut(value);
        byte[][] names = chunkNames(key, chunks.size());
        for (int i = 0; i < names.length; i++) {
            redis.sync().set(names[i], chunks.get(i), expiry);
        }
        redis.sync().set(name(key, "head"), FeatureChunks.Head.of(value).toBytes(), expiry);
    }

    private Optional<StatefulRedisConnection<byte[], byte[]>> connected() {
        if (System.nanoTime() - retryAt.get() < 0) {
            return Optional.empty();
        }
        var known = connection.get();
        if (known != null) {
            noteReturn();
            return Optional.of(known);
        }
        synchronized (connection) {
            if (connection.get() == null && System.nanoTime() - retryAt.get() >= 0) {
                connection.set(client.connect(ByteArrayCodec.INSTANCE));
                noteReturn();
            }
            return Optional.ofNullable(connection.get());
        }
    }

    private void giveUpFor(RedisException failure) {
        failures.increment();
        retryAt.set(System.nanoTime() + RETRY.toNanos());
        if (!away) {
            away = true;
            LOG.warnf(
                    "Redis is away: features are computed anew, tried again every %d s (%s)",
                    RETRY.toSeconds(), failure.getMessage());
        }
    }

    private void noteReturn() {
        if (away) {
            away = false;
            LOG.info("trying Redis again");
        }
    }

    private static byte[][] chunkNames(FeatureKey key, int chunks) {
        List<byte[]> names = new ArrayList<>();
        for (int i = 0; i < chunks; i++) {
            names.add(name(key, Integer.toString(i)));
        }
        return names.toArray(byte[][]::new);
    }

    private static byte[] name(FeatureKey key, String part) {
        return (key.text() + ":" + part).getBytes(StandardCharsets.US_ASCII);
    }

    private static Counter counter(MeterRegistry meters, String result) {
        return Counter.builder("assay.cache.requests")
                .description("Questions to the feature cache, by what came of them")
                .tag("result", result)
                .register(meters);
    }
}
