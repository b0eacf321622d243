package dev.assay.local;

import java.net.URI;

/// Stands for the command line in {@link MeshCycleTest}: says what it was asked and whether the gateway it was
/// given is there, and ends with code 5; or never ends, when the environment says so.
final class FakeClient {

    public static void main(String[] arguments) throws Exception {
        System.out.println("client: " + String.join(" ", arguments));
        String gateway = arguments[arguments.length > 2 ? 2 : 0];
        System.out.println(
                "gateway answers: " + Protocol.HTTP.answers(URI.create(gateway).getPort()));
        if (System.getenv("FAKE_CLIENT_STAYS") != null) {
            Thread.sleep(Long.MAX_VALUE);
        }
        System.exit(5);
    }
}
