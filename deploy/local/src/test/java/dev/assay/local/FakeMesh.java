package dev.assay.local;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CountDownLatch;

/// A mesh of fake services, and a supervisor for it as a process of its own: `FakeMesh HOME READY_PORT
/// NEVER_READY_PORT` starts one service that becomes ready and one that never does.
final class FakeMesh {

    public static void main(String[] arguments) throws Exception {
        var home = new HomeFolder(Path.of(arguments[0]));
        var ready = service("ready", Integer.parseInt(arguments[1]), Set.of());
        var never = new ServiceDefinition(
                "never", Protocol.HTTP, Integer.parseInt(arguments[2]), List.of("sleep", "600"), Set.of());
        Supervisor supervisor = Supervisor.start(home, List.of(ready, never), Supervision.STANDARD, _ -> {});
        Runtime.getRuntime().addShutdownHook(Thread.ofPlatform().unstarted(supervisor::close));
        new CountDownLatch(1).await();
    }

    static ServiceDefinition service(String name, int port, Set<String> needs) {
        return new ServiceDefinition(
                name, Protocol.HTTP, port, java(FakeService.class, name, Integer.toString(port)), needs);
    }

    static List<String> java(Class<?> main, String... arguments) {
        var command = new ArrayList<>(Checkout.java(List.of("-Xmx64m", "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1")));
        command.addAll(List.of("-cp", System.getProperty("java.class.path"), main.getName()));
        command.addAll(List.of(arguments));
        return command;
    }
}
