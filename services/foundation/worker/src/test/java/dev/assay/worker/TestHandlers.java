package dev.assay.worker;

import dev.assay.attack.v1.EvaluateRequest;
import dev.assay.attack.v1.EvaluateResult;
import dev.assay.computation.ProblemException;
import io.opentelemetry.api.trace.Span;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;

/// Handlers whose behaviour a test steers; the operation is a real one.
final class TestHandlers {

    private TestHandlers() {}

    static EvaluateRequest request(int steps) {
        return EvaluateRequest.newBuilder()
                .setModel("some-model")
                .setData("some-data")
                .addThreat("linf:8/255")
                .setSteps(steps)
                .build();
    }

    /// Counts to the request's `steps`, reporting each, and answers with that number.
    static final class Counting implements JobHandler<EvaluateRequest, EvaluateResult> {

        final AtomicInteger runs = new AtomicInteger();

        @Override
        public EvaluateResult run(Job<EvaluateRequest> job) {
            runs.incrementAndGet();
            int steps = job.request().getSteps();
            for (int i = 1; i <= steps; i++) {
                job.progress().report("count", i, steps);
            }
            job.attach("count.txt", "text/plain", Integer.toString(steps).getBytes());
            return EvaluateResult.newBuilder()
                    .setSamples(steps)
                    .setProvenance(job.provenance().setSeed(job.request().getSeed()))
                    .build();
        }
    }

    /// Runs until the test lets it go on, looking at its progress all the while.
    static final class Waiting implements JobHandler<EvaluateRequest, EvaluateResult> {

        final AtomicInteger runs = new AtomicInteger();
        final CountDownLatch goOn = new CountDownLatch(1);

        @Override
        public EvaluateResult run(Job<EvaluateRequest> job) throws InterruptedException {
            runs.incrementAndGet();
            job.attach("partial.txt", "text/plain", "half".getBytes());
            while (goOn.getCount() > 0) {
                job.progress().checkCancelled();
                Thread.sleep(5);
            }
            return EvaluateResult.newBuilder().setSamples(job.attempt()).build();
        }
    }

    /// Does the request's `steps` one by one, keeps a checkpoint after each, and stops for the test at one of
    /// them. Answers with the number of steps that the last attempt did itself.
    static final class Stepping implements JobHandler<EvaluateRequest, EvaluateResult> {

        final AtomicInteger reached = new AtomicInteger();
        final CountDownLatch goOn = new CountDownLatch(1);
        private final int stopAt;

        /// @param stopAt the step before which it waits; 0: none
        Stepping(int stopAt) {
            this.stopAt = stopAt;
        }

        @Override
        public EvaluateResult run(Job<EvaluateRequest> job) throws Exception {
            int begin = 0;
            if (job.lastCheckpoint().isPresent()) {
                begin = Integer.parseInt(Files.readString(job.lastCheckpoint().get()));
            }
            int steps = job.request().getSteps();
            for (int done = begin; done < steps; done++) {
                while (done + 1 == stopAt && goOn.getCount() > 0) {
                    reached.set(done);
                    job.progress().checkCancelled();
                    Thread.sleep(5);
                }
                job.progress().report("step", done + 1, steps);
                job.checkpoint("step " + (done + 1), Integer.toString(done + 1).getBytes());
            }
            return EvaluateResult.newBuilder().setSamples(steps - begin).build();
        }
    }

    /// Ends at once, but for requests of so many steps and more, which wait until the test lets them go on.
    static final class WaitingForStep implements JobHandler<EvaluateRequest, EvaluateResult> {

        final AtomicInteger runs = new AtomicInteger();
        final AtomicInteger waiting = new AtomicInteger();
        final CountDownLatch goOn = new CountDownLatch(1);
        private final int steps;

        WaitingForStep(int steps) {
            this.steps = steps;
        }

        @Override
        public EvaluateResult run(Job<EvaluateRequest> job) throws InterruptedException {
            runs.incrementAndGet();
            if (job.request().getSteps() >= steps) {
                waiting.incrementAndGet();
                goOn.await();
            }
            return EvaluateResult.getDefaultInstance();
        }
    }

    /// Fails as the request's `steps` say: 1 a problem, 2 a bug, 3 out of memory.
    static final class Failing implements JobHandler<EvaluateRequest, EvaluateResult> {

        @Override
        public EvaluateResult run(Job<EvaluateRequest> job) {
            return switch (job.request().getSteps()) {
                case 1 ->
                    throw new ProblemException("model-mismatch", "model", "expects 3 channels", "give it 3 channels");
                case 2 -> throw new IllegalStateException("secret internals");
                case 3 -> throw new OutOfMemoryError("Java heap space");
                default -> EvaluateResult.getDefaultInstance();
            };
        }
    }

    /// Runs until the file `go` appears, does not look whether it is still wanted meanwhile, and answers with its
    /// attempt. When it finds the file `die`, its whole process ends at once.
    record UntilFile(Path folder) implements JobHandler<EvaluateRequest, EvaluateResult> {

        @Override
        public EvaluateResult run(Job<EvaluateRequest> job) throws InterruptedException {
            while (!Files.exists(folder.resolve("go"))) {
                if (Files.exists(folder.resolve("die"))) {
                    Runtime.getRuntime().halt(137);
                }
                Thread.sleep(5);
            }
            return EvaluateResult.newBuilder().setSamples(job.attempt()).build();
        }
    }

    /// Tells the trace in which it runs.
    record Tracing(AtomicReference<String> trace) implements JobHandler<EvaluateRequest, EvaluateResult> {

        @Override
        public EvaluateResult run(Job<EvaluateRequest> job) {
            trace.set(Span.current().getSpanContext().getTraceId());
            return EvaluateResult.getDefaultInstance();
        }
    }
}
