package dev.assay.worker;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(120)
class DrainTest {

    @Test
    void aWorkerIsToldToStopByItsNameAndOnlyWhileItRuns() {
        try (var mesh = new TestMesh();
                var one = mesh.connect("worker-1");
                var other = mesh.connect("worker-2")) {
            var orders = new AtomicInteger();
            var othersOrders = new AtomicInteger();
            one.onDrain(orders::incrementAndGet);
            other.onDrain(othersOrders::incrementAndGet);

            mesh.gateway.control().drain("worker-1");
            TestMesh.await("the order", () -> orders.get() == 1);

            try (var successor = mesh.connect("worker-1")) {
                var successorsOrders = new AtomicInteger();
                successor.onDrain(successorsOrders::incrementAndGet);
                mesh.gateway.control().drain("worker-2");
                TestMesh.await("the other's order", () -> othersOrders.get() == 1);
                successor.states().awaitCaughtUp(TestMesh.PATIENCE);
                assertThat(successorsOrders).hasValue(0);
                assertThat(orders).hasValue(1);
            }
        }
    }
}
