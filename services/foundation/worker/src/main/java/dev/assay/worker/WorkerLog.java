package dev.assay.worker;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.time.temporal.ChronoUnit;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.Optional;
import java.util.logging.ErrorManager;
import java.util.logging.Handler;
import java.util.logging.Level;
import java.util.logging.LogRecord;
import java.util.logging.Logger;
import java.util.logging.SimpleFormatter;
import java.util.stream.Stream;
import org.jboss.logging.MDC;
import org.jboss.logmanager.ExtLogRecord;

/// The last lines of a worker's log, in a place where others can read them when it has died: one that was killed cannot
/// say any more what it was doing. Two small files, so that the last 32 KiB are always there. A line is handed to the
/// operating system before the worker goes on; only a machine that loses power loses some.
public final class WorkerLog extends Handler {

    /// Lines of a tail; more would bury what matters.
    private static final int LINES = 40;

    /// Characters of a tail: it travels in the header of a record and in a problem.
    static final int LONGEST_TAIL = 8_000;

    private static final long LARGEST_FILE = 32 << 10;
    private static final int LONGEST_LINE = 1_000;
    private static final int FRAMES = 5;
    private static final String NO_JOB = "-";

    /// Where everything that is logged passes, whichever of the platform's ways it was logged by.
    private static final Logger ROOT = Logger.getLogger("");

    private final Path file;
    private final Path before;
    private final SimpleFormatter formatter = new SimpleFormatter();

    private WorkerLog(Path folder, String worker) {
        this.file = folder.resolve(worker + ".log");
        this.before = folder.resolve(worker + ".log.1");
    }

    /// Begins to keep what this process logs at INFO and above, until the answer is closed.
    ///
    /// @param folder that all processes see, {@link ArtifactStore#workerLogs}
    /// @param worker the name of {@link WorkerConfiguration}
    /// @throws IllegalArgumentException for what cannot be the name of a worker
    public static WorkerLog keep(Path folder, String worker) {
        if (!WorkerConfiguration.isName(worker)) {
            throw new IllegalArgumentException("'" + worker + "' cannot be the name of a worker");
        }
        var log = new WorkerLog(folder, worker);
        log.setLevel(Level.INFO);
        ROOT.addHandler(log);
        return log;
    }

    /// What a worker wrote last about a job, or as a warning about no job in particular; nothing about other jobs,
    /// which
    /// may be another tenant's. Never fails: this is for a moment at which something has gone wrong already.
    static String tail(Path folder, String worker, String jobId) {
        if (!WorkerConfiguration.isName(worker)) {
            return "no worker had it";
        }
        Deque<String> tail = new ArrayDeque<>();
        try {
            for (String name : List.of(worker + ".log.1", worker + ".log")) {
                for (String line : lines(folder.resolve(name))) {
                    if (isAbout(line, jobId)) {
                        tail.add(line);
                    }
                }
            }
        } catch (IOException unreadable) {
            return "the log of worker " + worker + " cannot be read: "
                    + unreadable.getClass().getSimpleName();
        }
        while (tail.size() > LINES || length(tail) > LONGEST_TAIL) {
            tail.removeFirst();
        }
        return tail.isEmpty() ? "worker " + worker + " has left no line about it" : String.join("\n", tail);
    }

    @Override
    public synchronized void publish(LogRecord entry) {
        if (!isLoggable(entry)) {
            return;
        }
        try {
            Files.createDirectories(file.getParent());
            byte[] line = line(entry).getBytes(StandardCharsets.UTF_8);
            Files.write(file, line, StandardOpenOption.CREATE, StandardOpenOption.APPEND);
            if (Files.size(file) >= LARGEST_FILE) {
                Files.move(file, before, StandardCopyOption.REPLACE_EXISTING);
            }
        } catch (IOException unwritable) {
            reportError("the worker's last lines are not kept", unwritable, ErrorManager.WRITE_FAILURE);
        }
    }

    @Override
    public void flush() {
        // every line is written when it comes
    }

    @Override
    public void close() {
        ROOT.removeHandler(this);
    }

    /// `time LEVEL job logger message`, in one line.
    private String line(LogRecord entry) {
        String text = entry instanceof ExtLogRecord extended
                ? extended.getFormattedMessage()
                : formatter.formatMessage(entry);
        String job = Optional.ofNullable(MDC.get("jobId")).map(Object::toString).orElse(NO_JOB);
        String line = entry.getInstant().truncatedTo(ChronoUnit.MILLIS) + " " + entry.getLevel() + " " + job + " "
                + entry.getLoggerName() + " " + text + thrown(entry.getThrown());
        String single = line.replaceAll("\\R\\s*", " | ");
        return (single.length() > LONGEST_LINE ? single.substring(0, LONGEST_LINE) + "…" : single) + "\n";
    }

    private static String thrown(Throwable thrown) {
        if (thrown == null) {
            return "";
        }
        StringBuilder text = new StringBuilder(" | " + thrown);
        Stream.of(thrown.getStackTrace())
                .limit(FRAMES)
                .forEach(frame -> text.append(" | at ").append(frame));
        return text.toString();
    }

    private static boolean isAbout(String line, String jobId) {
        String[] parts = line.split(" ", 4);
        if (parts.length < 4) {
            return false;
        }
        boolean isWarning = parts[1].matches("WARN|WARNING|ERROR|SEVERE|FATAL");
        return line.contains(jobId) || isWarning && parts[2].equals(NO_JOB) && !mentionsAnotherJob(parts[3]);
    }

    /// Some warnings about a job come from threads that are no job's.
    private static boolean mentionsAnotherJob(String text) {
        return text.matches(".*\\b[0-9a-z]{26}\\b.*");
    }

    private static List<String> lines(Path file) throws IOException {
        try {
            return new String(Files.readAllBytes(file), StandardCharsets.UTF_8)
                    .lines()
                    .toList();
        } catch (NoSuchFileException none) {
            return List.of();
        }
    }

    private static int length(Deque<String> lines) {
        return lines.stream()
                .mapToInt(line -> line.getBytes(StandardCharsets.UTF_8).length + 1)
                .sum();
    }
}
