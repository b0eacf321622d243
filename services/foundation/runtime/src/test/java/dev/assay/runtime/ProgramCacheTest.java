package dev.assay.runtime;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.assay.computation.ProblemException;
import dev.assay.onnx.ElementType;
import dev.assay.onnx.Graph;
import dev.assay.onnx.GraphBuilder;
import dev.assay.onnx.TensorData;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class ProgramCacheTest {

    private static final Device CPU = new Device.Cpu();
    private static final ProgramOptions OPTIONS = ProgramOptions.singleThreaded();
    private static final long ROOMY = 1L << 30;

    @Test
    void theSameGraphIsCompiledOnce() {
        try (ProgramCache cache = new ProgramCache(ROOMY)) {
            Program first;
            try (ProgramCache.Lease lease = cache.lease(addition(1), CPU, OPTIONS)) {
                first = lease.program();
            }
            try (ProgramCache.Lease lease = cache.lease(addition(1), CPU, OPTIONS);
                    ProgramCache.Lease other = cache.lease(addition(1), CPU, ProgramOptions.threads(2))) {
                assertThat(lease.program()).isSameAs(first);
                assertThat(other.program()).isNotSameAs(first);
            }
            assertThat(cache.statistics().hits()).isEqualTo(1);
            assertThat(cache.statistics().misses()).isEqualTo(2);
            assertThat(cache.statistics().programs()).isEqualTo(2);
        }
    }

    @Test
    void concurrentRequestsCompileOnceAndAllGetAProgramThatRuns() throws Exception {
        AtomicInteger compilations = new AtomicInteger();
        Graph graph = addition(5);
        try (ProgramCache cache = new ProgramCache(ROOMY);
                ExecutorService executor = Executors.newFixedThreadPool(8)) {
            Callable<Float> request = () -> {
                try (ProgramCache.Lease lease = cache.lease(ProgramKey.of(graph, CPU, OPTIONS), () -> {
                    compilations.incrementAndGet();
                    return Program.compile(graph, CPU, OPTIONS);
                })) {
                    return runOnZero(lease.program());
                }
            };
            for (Future<Float> answer : executor.invokeAll(
                    IntStream.range(0, 64).mapToObj(i -> request).toList())) {
                assertThat(answer.get()).isEqualTo(5);
            }
        }
        assertThat(compilations).hasValue(1);
    }

    @Test
    void theLongestUnusedProgramGoesWhenTheBudgetIsPassed() {
        try (ProgramCache cache = new ProgramCache(3L << 20)) { // room for one session
            Program first;
            Program second;
            try (ProgramCache.Lease lease = cache.lease(addition(1), CPU, OPTIONS)) {
                first = lease.program();
            }
            try (ProgramCache.Lease lease = cache.lease(addition(2), CPU, OPTIONS)) {
                second = lease.program();
            }
            assertThat(cache.statistics().evictions()).isEqualTo(1);
            assertThatThrownBy(() -> runOnZero(first)).isInstanceOf(IllegalStateException.class);
            assertThat(runOnZero(second)).isEqualTo(2);
        }
    }

    @Test
    void aProgramInUseIsNeverClosed() {
        ProgramCache cache = new ProgramCache(0);
        try (ProgramCache.Lease lease = cache.lease(addition(1), CPU, OPTIONS)) {
            cache.lease(addition(2), CPU, OPTIONS).close();
            cache.close();
            assertThat(runOnZero(lease.program())).isEqualTo(1);
            assertThat(cache.statistics().programs()).isEqualTo(1);
        }
        assertThat(cache.statistics().programs()).isZero();
        assertThatThrownBy(() -> cache.lease(addition(1), CPU, OPTIONS)).isInstanceOf(IllegalStateException.class);
    }

    @Test
    void underAHeavyMixEveryLeaseRunsItsOwnProgram() throws Exception {
        try (ProgramCache cache = new ProgramCache(5L << 20);
                ExecutorService executor = Executors.newFixedThreadPool(8)) {
            List<Callable<Boolean>> requests = IntStream.range(0, 200)
                    .<Callable<Boolean>>mapToObj(i -> () -> {
                        try (ProgramCache.Lease lease = cache.lease(addition(i % 5), CPU, OPTIONS)) {
                            return runOnZero(lease.program()) == i % 5;
                        }
                    })
                    .toList();
            for (Future<Boolean> right : executor.invokeAll(requests)) {
                assertThat(right.get()).isTrue();
            }
            assertThat(cache.statistics().evictions()).isPositive();
            assertThat(cache.statistics().hits() + cache.statistics().misses()).isEqualTo(200);
            assertThat(cache.statistics().bytes()).isLessThanOrEqualTo(5L << 20);
        }
    }

    @Test
    void aFailureIsToldAndNotKept() {
        ProgramKey key = ProgramKey.of(addition(1), CPU, OPTIONS);
        try (ProgramCache cache = new ProgramCache(ROOMY)) {
            assertThatThrownBy(() -> cache.lease(key, () -> {
                        throw new ProblemException("invalid-model", "model", "broken", "mend it");
                    }))
                    .isInstanceOf(ProblemException.class)
                    .hasMessage("broken");
            try (ProgramCache.Lease lease = cache.lease(key, () -> Program.compile(addition(1), CPU, OPTIONS))) {
                assertThat(runOnZero(lease.program())).isEqualTo(1);
            }
        }
    }

    private static Graph addition(float addend) {
        GraphBuilder g = GraphBuilder.empty("addition");
        var x = g.input("x", ElementType.FLOAT, 1);
        var sum = g.add(x, g.initializer("addend", TensorData.ofFloats(new float[] {addend}, 1)));
        return g.output("y", sum, ElementType.FLOAT, 1).build();
    }

    private static float runOnZero(Program program) {
        try (Tensor x = Tensor.allocate(ElementType.FLOAT, 1);
                Tensor y = program.run(Map.of("x", x)).get("y")) {
            return y.floatAt(0);
        }
    }
}
