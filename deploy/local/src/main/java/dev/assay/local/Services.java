package dev.assay.local;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Stream;

/// The table of the local mesh: every process, its memory, its JVM flags and its configuration. Everything that
/// differs between services is here.
///
/// @param settings configuration for every service beyond the table's, by property name
record Services(Checkout checkout, HomeFolder home, PortPlan ports, AotCaches aot, Map<String, String> settings) {

    Services {
        settings = Map.copyOf(settings);
    }

    Services(Checkout checkout, HomeFolder home, PortPlan ports, AotCaches aot) {
        this(checkout, home, ports, aot, Map.of());
    }

    private static final int REDIS_MEMORY_MIB = 256;

    /// Start quickly and stay small: C1 only. Right for processes that move messages.
    private static final List<String> LIGHT = List.of("-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1");
    /// Workers compute: their heavy inner loops run in ONNX Runtime, but decoding, augmenting and gathering
    /// samples are Java and deserve C2.
    private static final List<String> COMPUTING = List.of("-XX:+UseSerialGC");
    /// An out-of-memory worker is ended and started again; its job is delivered to the next one.
    private static final List<String> ALL = List.of(
            "-XX:+ExitOnOutOfMemoryError",
            "--enable-native-access=ALL-UNNAMED",
            "--sun-misc-unsafe-memory-access=allow");

    /// The command line: short-lived, started often.
    static final List<String> CLIENT_FLAGS =
            List.of("-Xmx512m", "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1", "--enable-native-access=ALL-UNNAMED");
    /// The supervisor and the verbs that look after the mesh.
    static final List<String> LOCAL_FLAGS = List.of("-Xmx64m", "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1");

    /// Each service behind those that it needs.
    List<ServiceDefinition> definitions() {
        return List.of(
                broker(),
                redis(),
                quarkus("gateway", ports.gateway(), checkout.gatewayJar(), "-Xmx192m", LIGHT, Map.of()),
                worker("loading", ports.loading(), "-Xmx256m", 2),
                worker("training", ports.training(), "-Xmx384m", 1),
                worker("attack", ports.attack(), "-Xmx384m", 1));
    }

    private ServiceDefinition broker() {
        var command = jvm("broker", checkout.localJar(), "-Xmx256m", LIGHT);
        command.addAll(List.of("-cp", checkout.localJar().toString(), BrokerMain.class.getName()));
        command.addAll(List.of(home.kafka().toString(), Integer.toString(ports.broker())));
        return new ServiceDefinition("broker", Protocol.KAFKA, ports.broker(), command, Set.of());
    }

    private ServiceDefinition redis() {
        List<String> command = RedisCommand.of(home.redis(), ports.redis(), REDIS_MEMORY_MIB);
        return new ServiceDefinition("redis", Protocol.REDIS, ports.redis(), command, Set.of());
    }

    private ServiceDefinition worker(String capability, int port, String heap, int slots) {
        var own = Map.of("assay.worker.slots", Integer.toString(slots));
        return quarkus(capability, port, checkout.workerJar(capability), heap, COMPUTING, own);
    }

    private ServiceDefinition quarkus(
            String name, int port, Path jar, String heap, List<String> flags, Map<String, String> own) {
        var command = jvm(name, jar, heap, flags);
        configuration(port).forEach(command::add);
        var all = new TreeMap<>(own);
        all.putAll(settings);
        all.forEach((key, value) -> {
            if (System.getenv(environmentName(key)) == null) {
                command.add("-D" + key + "=" + value);
            }
        });
        command.addAll(List.of("-jar", jar.toString()));
        return new ServiceDefinition(name, Protocol.HTTP, port, command, Set.of("broker", "redis"));
    }

    /// What every Quarkus process is told; system properties, so that `ps` shows them.
    private Stream<String> configuration(int port) {
        return Stream.of(
                "-Dquarkus.http.host=127.0.0.1",
                "-Dquarkus.http.port=" + port,
                "-Dquarkus.banner.enabled=false",
                // The mesh connection says itself that it waits for the broker; Kafka's client would say so several
                // times a second.
                "-Dquarkus.log.category.\"org.apache.kafka.clients.NetworkClient\".level=ERROR",
                "-Dassay.kafka.bootstrap-servers=127.0.0.1:" + ports.broker(),
                "-Dassay.redis.uri=redis://127.0.0.1:" + ports.redis(),
                "-Dassay.artifacts.folder=" + home.artifacts());
    }

    private List<String> jvm(String service, Path jar, String heap, List<String> flags) {
        var command = new ArrayList<>(Checkout.java(List.of(heap)));
        command.addAll(flags);
        command.addAll(ALL);
        command.addAll(aot.flags(service, jar));
        String extra = System.getenv("ASSAY_JVM_FLAGS_" + service.toUpperCase(Locale.ROOT));
        if (extra != null && !extra.isBlank()) {
            command.addAll(List.of(extra.strip().split("\\s+")));
        }
        return command;
    }

    /// A variable set by the user wins over the table: this is the name that MicroProfile Config reads for a
    /// property.
    private static String environmentName(String property) {
        return property.replaceAll("[^A-Za-z0-9]", "_").toUpperCase(Locale.ROOT);
    }
}
