package dev.assay.runtime;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.assay.computation.CancelledException;
import dev.assay.computation.ProblemException;
import dev.assay.computation.Progress;
import dev.assay.onnx.ElementType;
import dev.assay.onnx.Graph;
import dev.assay.onnx.GraphBuilder;
import dev.assay.onnx.OnnxFile;
import dev.assay.onnx.TensorData;
import dev.assay.onnx.Value;
import java.lang.management.ManagementFactory;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.stream.IntStream;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

class ProgramTest {

    private static final Device CPU = new Device.Cpu();
    private static final ProgramOptions OPTIONS = ProgramOptions.singleThreaded();

    @Test
    void aRunComputesTheGraph() {
        try (Program program = Program.compile(Graphs.linear(-1), CPU, OPTIONS);
                Tensor x = Tensor.ofFloats(new float[] {1, 0, 0, 1, 2, 3}, 2, 3)) {
            Map<String, Tensor> results = program.run(Map.of("x", x));
            try (Tensor y = results.get("y")) {
                assertThat(y.shape()).containsExactly(2, 2);
                assertThat(y.toFloats()).containsExactly(1, 2, 9, 15);
            }
        }
    }

    @Test
    void aProgramOfConcreteShapesReturnsItsOutputsToo() {
        try (Program program = Program.compile(Graphs.linear(1), CPU, OPTIONS);
                Tensor x = Tensor.ofFloats(new float[] {1, 2, 3}, 1, 3);
                Tensor y = program.run(Map.of("x", x)).get("y")) {
            assertThat(y.toFloats()).containsExactly(9, 15);
        }
    }

    @Test
    void aProgramFromModelBytesIsTheSame() {
        ByteBuffer direct = ByteBuffer.allocateDirect(10_000);
        direct.put(OnnxFile.toBytes(Graphs.linear(1))).flip();
        try (Program program = Program.compile(direct, CPU, OPTIONS);
                Tensor x = Tensor.ofFloats(new float[] {1, 2, 3}, 1, 3);
                Tensor y = program.run(Map.of("x", x)).get("y")) {
            assertThat(y.toFloats()).containsExactly(9, 15);
        }
    }

    @Test
    void aRunWritesIntoPinnedOutputsAndSlices() {
        try (Program program = Program.compile(Graphs.linear(-1), CPU, OPTIONS);
                Tensor x = Tensor.ofFloats(new float[] {0, 0, 0, 1, 2, 3}, 2, 3);
                Tensor y = Tensor.allocate(ElementType.FLOAT, 3, 2);
                Tensor lastRow = x.slice(1, 1);
                Tensor middle = y.slice(1, 1)) {
            program.run(Map.of("x", lastRow), Map.of("y", middle));
            assertThat(y.toFloats()).containsExactly(0, 0, 9, 15, 0, 0);
            x.floats().put(3, new float[] {0, 0, 1});
            program.run(Map.of("x", lastRow), Map.of("y", middle));
            assertThat(y.toFloats()).containsExactly(0, 0, 3, 4, 0, 0);
        }
    }

    @Test
    void weightsTooLargeForTheHeapGoThroughAFile() {
        int columns = 17 << 20; // 68 MiB of float weights
        GraphBuilder g = GraphBuilder.empty("large");
        Value x = g.input("x", ElementType.FLOAT, 1, 1);
        ByteBuffer ones = ByteBuffer.allocateDirect(4 * columns).order(java.nio.ByteOrder.LITTLE_ENDIAN);
        IntStream.range(0, columns).forEach(i -> ones.putFloat(4 * i, i % 3));
        Value w = g.initializer("w", TensorData.of(ElementType.FLOAT, new long[] {1, columns}, ones));
        Graph graph =
                g.output("y", g.matMul(x, w), ElementType.FLOAT, 1, columns).build();
        try (Program program = Program.compile(graph, CPU, OPTIONS);
                Tensor two = Tensor.ofFloats(new float[] {2}, 1, 1);
                Tensor y = program.run(Map.of("x", two)).get("y")) {
            assertThat(program.modelBytes()).isEqualTo(4L * columns);
            assertThat(y.floatAt(columns - 1)).isEqualTo(2 * ((columns - 1) % 3));
        }
    }

    @Test
    void whatDoesNotFitIsAnsweredWithWhatWouldFit() {
        try (Program program = Program.compile(Graphs.linear(-1), CPU, OPTIONS);
                Tensor x = Tensor.allocate(ElementType.FLOAT, 2, 3);
                Tensor longs = Tensor.allocate(ElementType.INT64, 2, 3);
                Tensor wide = Tensor.allocate(ElementType.FLOAT, 2, 4);
                Tensor y = Tensor.allocate(ElementType.FLOAT, 2, 2)) {
            assertProblem("missing-tensor", "x=FLOAT[?, 3]", () -> program.run(Map.of()));
            assertProblem("unknown-tensor", "x=FLOAT[?, 3]", () -> program.run(Map.of("x", x, "z", x)));
            assertProblem("wrong-tensor-type", "FLOAT", () -> program.run(Map.of("x", longs)));
            assertProblem("wrong-tensor-shape", "[?, 3]", () -> program.run(Map.of("x", wide)));
            assertProblem("wrong-tensor-shape", "[?, 2]", () -> program.run(Map.of("x", x), Map.of("y", x)));
            assertProblem("unknown-tensor", "y=FLOAT[?, 2]", () -> program.run(Map.of("x", x), Map.of("z", y)));
            assertProblem("missing-tensor", "y=FLOAT[?, 2]", () -> program.run(Map.of("x", x), Map.of()));
        }
    }

    @Test
    void aPinnedOutputOfTheWrongBatchIsRefused() {
        try (Program program = Program.compile(Graphs.linear(-1), CPU, OPTIONS);
                Tensor x = Tensor.allocate(ElementType.FLOAT, 2, 3);
                Tensor y = Tensor.allocate(ElementType.FLOAT, 3, 2)) {
            assertProblem("run-failed", "", () -> program.run(Map.of("x", x), Map.of("y", y)));
        }
    }

    @Test
    void aModelThatOnnxRuntimeRefusesIsAProblemWithItsReason() {
        GraphBuilder g = GraphBuilder.empty("unknown operator");
        Value x = g.input("x", ElementType.FLOAT, 1);
        Graph graph =
                g.output("y", g.node("NoSuchOperator", x), ElementType.FLOAT, 1).build();
        assertProblem("invalid-model", "NoSuchOperator", () -> Program.compile(graph, CPU, OPTIONS));
        ByteBuffer noise = ByteBuffer.wrap("these bytes are no model".getBytes());
        assertProblem("invalid-model", "", () -> Program.compile(noise, CPU, OPTIONS));
    }

    @Test
    void manyThreadsRunOneProgramAtOnce() {
        try (Program program = Program.compile(Graphs.linear(-1), CPU, OPTIONS)) {
            List<Float> sums = IntStream.range(0, 200)
                    .parallel()
                    .mapToObj(i -> {
                        try (Tensor x = Tensor.ofFloats(new float[] {i, i, i}, 1, 3);
                                Tensor y = program.run(Map.of("x", x)).get("y")) {
                            return y.floatAt(0);
                        }
                    })
                    .toList();
            assertThat(sums)
                    .isEqualTo(IntStream.range(0, 200).mapToObj(i -> 3f * i + 1).toList());
        }
    }

    @Test
    @Timeout(60)
    void aStopEndsALongLoopAndTheProgramGoesOn() throws Exception {
        try (Program program = Program.compile(Graphs.loop(Long.MAX_VALUE, 16), CPU, OPTIONS);
                Program brief = Program.compile(Graphs.loop(2, 16), CPU, OPTIONS);
                StopSignal stop = new StopSignal();
                Tensor x = Tensor.allocate(ElementType.FLOAT, 16, 16);
                Tensor y = Tensor.allocate(ElementType.FLOAT, 16, 16)) {
            var running = CompletableFuture.runAsync(() -> program.run(Map.of("x", x), Map.of("y", y), stop));
            Thread.sleep(100);
            assertThat(running).isNotDone();
            stop.raise();
            assertThatThrownBy(running::join).hasCauseInstanceOf(CancelledException.class);
            assertThatThrownBy(() -> program.run(Map.of("x", x), stop)).isInstanceOf(CancelledException.class);
            brief.run(Map.of("x", x), Map.of("y", y));
        }
    }

    @Test
    @Timeout(60)
    void aRunThatFollowsAProgressEndsWhenItsWorkIsNoLongerWanted() throws Exception {
        CompletableFuture<Runnable> toldToStop = new CompletableFuture<>();
        Progress progress = new Progress() {
            @Override
            public void report(String phase, long done, long total, Map<String, Double> metrics) {}

            @Override
            public Watch whenCancelled(Runnable action) {
                toldToStop.complete(action);
                return () -> {};
            }
        };
        try (Program program = Program.compile(Graphs.loop(Long.MAX_VALUE, 16), CPU, OPTIONS);
                StopSignal stop = StopSignal.following(progress);
                Tensor x = Tensor.allocate(ElementType.FLOAT, 16, 16);
                Tensor y = Tensor.allocate(ElementType.FLOAT, 16, 16)) {
            var running = CompletableFuture.runAsync(() -> program.run(Map.of("x", x), Map.of("y", y), stop));
            toldToStop.join().run();
            assertThatThrownBy(running::join).hasCauseInstanceOf(CancelledException.class);
        }
    }

    @Test
    @Timeout(60)
    void closingATensorWhileItIsInUseFreesItAfterTheRun() throws Exception {
        try (Program program = Program.compile(Graphs.loop(Long.MAX_VALUE, 16), CPU, OPTIONS);
                StopSignal stop = new StopSignal();
                Tensor y = Tensor.allocate(ElementType.FLOAT, 16, 16)) {
            Tensor x = Tensor.allocate(ElementType.FLOAT, 16, 16);
            var memory = x.memory();
            var running = CompletableFuture.runAsync(() -> program.run(Map.of("x", x), Map.of("y", y), stop));
            Thread.sleep(100);
            x.close();
            assertThat(memory.scope().isAlive()).isTrue();
            stop.raise();
            assertThatThrownBy(running::join).hasCauseInstanceOf(CancelledException.class);
            assertThat(memory.scope().isAlive()).isFalse();
        }
    }

    @Test
    void aClosedProgramRefusesToRun() {
        Program program = Program.compile(Graphs.linear(1), CPU, OPTIONS);
        program.close();
        program.close();
        try (Tensor x = Tensor.allocate(ElementType.FLOAT, 1, 3)) {
            assertThatThrownBy(() -> program.run(Map.of("x", x))).isInstanceOf(IllegalStateException.class);
        }
    }

    @Test
    void inTheSteadyStateARunAllocatesNextToNothing() {
        var threads = (com.sun.management.ThreadMXBean) ManagementFactory.getThreadMXBean();
        try (Program program = Program.compile(Graphs.linear(1000), CPU, OPTIONS);
                Tensor x = Tensor.allocate(ElementType.FLOAT, 1000, 3);
                Tensor y = Tensor.allocate(ElementType.FLOAT, 1000, 2)) {
            Map<String, Tensor> inputs = Map.of("x", x);
            Map<String, Tensor> outputs = Map.of("y", y);
            IntStream.range(0, 1000).forEach(i -> program.run(inputs, outputs));
            long before = threads.getCurrentThreadAllocatedBytes();
            IntStream.range(0, 1000).forEach(i -> program.run(inputs, outputs));
            long perRun = (threads.getCurrentThreadAllocatedBytes() - before) / 1000;
            assertThat(perRun).isLessThan(4000); // names and handles; the tensors themselves take 20,000 bytes
        }
    }

    private static void assertProblem(String type, String says, ThrowingCallable call) {
        assertThatThrownBy(call).isInstanceOfSatisfying(ProblemException.class, problem -> {
            assertThat(problem.type()).isEqualTo(type);
            assertThat(problem.oneLine()).contains(says);
        });
    }
}
