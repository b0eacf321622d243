package dev.assay.drill;

import dev.assay.local.RedisCommand;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/// A mesh of real processes, as many of each as a drill wants, on loopback and in a folder of its own. Nothing here
/// starts a process again by itself: that is the drill's part.
final class DrillMesh implements AutoCloseable {

    private static final Duration TIME_TO_START = Duration.ofSeconds(120);

    private final Path checkout;
    private final Path folder;
    private final int brokerPort = freePort();
    private final int redisPort = freePort();
    private final Map<String, Member> members = new LinkedHashMap<>();
    private final Map<String, Integer> ports = new LinkedHashMap<>();

    /// @param checkout the root of a checkout that is built
    DrillMesh(Path checkout) throws IOException {
        this.checkout = checkout;
        this.folder = Files.createTempDirectory("assay-drill-");
        Path local = checkout.resolve("deploy/local/target/assay-local.jar");
        if (!Files.exists(local)) {
            throw new IOException("Assay is not built: run ./assay build first");
        }
        members.put(
                "broker",
                member(
                        "broker",
                        List.of("-Xmx256m", "-cp", local.toString(), "dev.assay.local.BrokerMain"),
                        List.of(folder.resolve("kafka").toString(), Integer.toString(brokerPort))));
        List<String> redis = RedisCommand.of(Files.createDirectories(folder.resolve("redis")), redisPort, 64);
        members.put("redis", new Member("redis", redis, folder));
    }

    DrillMesh withGateways(int count) throws IOException {
        for (int i = 1; i <= count; i++) {
            add("gateway-" + i, "gateway/server", "assay.gateway.name", List.of("-Xmx192m"));
        }
        return this;
    }

    /// @param capability such as `training`
    DrillMesh withWorkers(String capability, int count) throws IOException {
        for (int i = 1; i <= count; i++) {
            withWorker(capability, i);
        }
        return this;
    }

    /// @param settings such as `-Dassay.worker.slots=2`
    DrillMesh withWorker(String capability, int number, String... settings) throws IOException {
        List<String> options = new ArrayList<>(List.of("-Xmx256m"));
        options.addAll(List.of(settings));
        add(capability + "-" + number, "services/" + capability, "assay.worker.name", options);
        return this;
    }

    /// Starts every process and waits until the gateways and workers say that they are ready.
    DrillMesh start() throws IOException, InterruptedException {
        // Ctrl-C in the middle of a drill leaves nothing behind
        Runtime.getRuntime().addShutdownHook(Thread.ofPlatform().unstarted(this::killAll));
        for (Member member : members.values()) {
            member.start();
        }
        for (String name : ports.keySet()) {
            awaitReady(name);
        }
        return this;
    }

    Member member(String name) {
        return members.get(name);
    }

    /// All processes of a kind: `gateway`, `training`…
    List<Member> members(String kind) {
        return members.values().stream()
                .filter(member -> member.name().startsWith(kind + "-"))
                .toList();
    }

    List<Member> all() {
        return List.copyOf(members.values());
    }

    /// Addresses of the gateways.
    List<GatewayClient> gateways() {
        return ports.keySet().stream()
                .filter(name -> name.startsWith("gateway-"))
                .map(name -> new GatewayClient("http://127.0.0.1:" + ports.get(name)))
                .toList();
    }

    String bootstrapServers() {
        return "127.0.0.1:" + brokerPort;
    }

    void awaitReady(String name) throws InterruptedException, IOException {
        long deadline = System.nanoTime() + TIME_TO_START.toNanos();
        var client = new GatewayClient("http://127.0.0.1:" + ports.get(name));
        while (!client.isReady()) {
            if (System.nanoTime() > deadline || !members.get(name).isAlive()) {
                throw new IOException(name + " is not ready; its last lines:\n" + tail(name));
            }
            Thread.sleep(100);
        }
    }

    void flushRedis() throws IOException {
        try (var socket = new Socket(InetAddress.getLoopbackAddress(), redisPort)) {
            socket.setSoTimeout(5_000);
            socket.getOutputStream().write("FLUSHALL\r\n".getBytes(StandardCharsets.US_ASCII));
            socket.getInputStream().read(new byte[64]);
        }
    }

    String tail(String name) throws IOException {
        List<String> lines = Files.readAllLines(folder.resolve(name + ".log"));
        return String.join("\n", lines.subList(Math.max(0, lines.size() - 20), lines.size()));
    }

    /// Ends every process and forgets the folder.
    @Override
    public void close() throws IOException, InterruptedException {
        List<Member> newestFirst = new ArrayList<>(members.values()).reversed();
        for (Member member : newestFirst) {
            member.close();
        }
        try (Stream<Path> files = Files.walk(folder)) {
            for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
                Files.deleteIfExists(file);
            }
        }
    }

    private void killAll() {
        try {
            for (Member member : members.values()) {
                member.kill();
            }
        } catch (InterruptedException stopped) {
            Thread.currentThread().interrupt();
        }
    }

    private void add(String name, String module, String nameProperty, List<String> options) throws IOException {
        int port = freePort();
        ports.put(name, port);
        List<String> settings = new ArrayList<>(options);
        settings.addAll(List.of(
                "-Dquarkus.http.host=127.0.0.1",
                "-Dquarkus.http.port=" + port,
                "-Dquarkus.banner.enabled=false",
                "-Dquarkus.log.category.\"org.apache.kafka.clients.NetworkClient\".level=ERROR",
                "-D" + nameProperty + "=" + name,
                "-Dassay.kafka.bootstrap-servers=" + bootstrapServers(),
                "-Dassay.redis.uri=redis://127.0.0.1:" + redisPort,
                "-Dassay.artifacts.folder=" + folder.resolve("artifacts"),
                "-jar",
                checkout.resolve(module + "/target/quarkus-app/quarkus-run.jar").toString()));
        members.put(name, member(name, settings, List.of()));
    }

    private Member member(String name, List<String> settings, List<String> arguments) {
        List<String> command = new ArrayList<>(List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-XX:+UseSerialGC",
                "-XX:TieredStopAtLevel=1",
                "-XX:+ExitOnOutOfMemoryError",
                "--enable-native-access=ALL-UNNAMED",
                "--sun-misc-unsafe-memory-access=allow"));
        command.addAll(settings);
        command.addAll(arguments);
        return new Member(name, command, folder);
    }

    private static int freePort() throws IOException {
        try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            return socket.getLocalPort();
        }
    }
}
