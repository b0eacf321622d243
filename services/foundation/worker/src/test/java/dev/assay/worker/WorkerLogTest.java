package dev.assay.worker;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.logging.Level;
import java.util.logging.LogRecord;
import java.util.stream.Stream;
import org.jboss.logging.MDC;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class WorkerLogTest {

    private static final String JOB = "01kb0000000000000000000001";
    private static final String OTHER = "01kb0000000000000000000002";

    @TempDir
    Path folder;

    private WorkerLog log;

    @BeforeEach
    void open() {
        log = WorkerLog.keep(folder, "attack-1");
    }

    @AfterEach
    void close() {
        log.close();
    }

    @Test
    void theTailHoldsTheJobsLinesAndWarningsOfNobodyButNothingOfOtherJobs() {
        say(Level.INFO, "job " + JOB + " starts");
        say(Level.INFO, "the weather is fine");
        say(Level.WARNING, "memory is short");
        say(Level.WARNING, "job " + OTHER + " of a rival fails");
        MDC.put("jobId", OTHER);
        say(Level.SEVERE, "a secret of the rival");
        MDC.put("jobId", JOB);
        say(Level.INFO, "reads the model");
        MDC.remove("jobId");

        String tail = WorkerLog.tail(folder, "attack-1", JOB);

        assertThat(tail.lines().toList())
                .satisfiesExactly(
                        line -> assertThat(line).endsWith("job " + JOB + " starts"),
                        line -> assertThat(line).contains(" WARNING - ").endsWith("memory is short"),
                        line -> assertThat(line).contains(" INFO " + JOB + " ").endsWith("reads the model"));
    }

    @Test
    void aStackTraceIsOneLineWithTheFramesThatMatter() {
        LogRecord record = new LogRecord(Level.WARNING, "it broke\nin two");
        record.setLoggerName("test");
        record.setThrown(new IllegalStateException("no more memory"));
        log.publish(record);

        assertThat(WorkerLog.tail(folder, "attack-1", JOB).lines().toList())
                .singleElement()
                .asString()
                .contains(
                        "it broke | in two",
                        "IllegalStateException: no more memory",
                        "at dev.assay.worker.WorkerLogTest");
    }

    @Test
    void howeverMuchIsSaidTheFilesStaySmallAndTheLastLinesAreThere() throws IOException {
        for (int i = 0; i < 3_000; i++) {
            say(Level.INFO, "job " + JOB + " step " + i + " " + "é".repeat(i % 300));
        }
        try (Stream<Path> files = Files.list(folder)) {
            assertThat(files)
                    .hasSize(2)
                    .allSatisfy(file -> assertThat(Files.size(file)).isLessThan(40_000));
        }
        String tail = WorkerLog.tail(folder, "attack-1", JOB);
        assertThat(tail).contains("step 2999");
        assertThat(tail.lines().count()).isBetween(10L, 40L);
        assertThat(tail.getBytes(StandardCharsets.UTF_8).length).isLessThanOrEqualTo(8_192);
    }

    @Test
    void whereThereIsNoLogItSaysSo() {
        assertThat(WorkerLog.tail(folder, "nobody", JOB)).contains("nobody", "no line");
        assertThat(WorkerLog.tail(folder, "", JOB)).isEqualTo("no worker had it");
        assertThat(WorkerLog.tail(folder, "../../etc/passwd", JOB)).isEqualTo("no worker had it");
    }

    private void say(Level level, String text) {
        LogRecord record = new LogRecord(level, text);
        record.setLoggerName("test");
        log.publish(record);
    }
}
