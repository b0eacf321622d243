package dev.assay.local;

/// Stands for the gateway and the workers in {@link MeshCycleTest}: listens where a Quarkus process would.
final class FakeQuarkus {

    public static void main(String[] arguments) throws Exception {
        System.out.println("kafka at " + System.getProperty("assay.kafka.bootstrap-servers"));
        FakeService.main(new String[] {"fake", System.getProperty("quarkus.http.port")});
    }
}
