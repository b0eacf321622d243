package dev.assay.cli.progress;

import dev.assay.cli.render.NumberText;
import java.io.PrintStream;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import java.util.TreeMap;

/// Plain lines for logs and pipes: one when a phase begins, then at most one per tenth of it and per second, and
/// one
/// every ten seconds when it is slow.
public final class ProgressLines implements ProgressView {

    private static final Duration SHORTEST = Duration.ofSeconds(1);
    private static final Duration LONGEST = Duration.ofSeconds(10);
    private static final int PARTS = 10;

    private final PrintStream out;
    private String heading = "";
    private long part = -1;
    private Instant printed = Instant.EPOCH;

    public ProgressLines(PrintStream out) {
        this.out = out;
    }

    @Override
    public synchronized void show(Moment moment) {
        String newHeading = moment.task() + moment.phase();
        long newPart = (long) (PARTS * moment.share());
        Duration since = Duration.between(printed, Instant.now());
        boolean begins = !newHeading.equals(heading);
        boolean complete = newPart == PARTS && part != PARTS;
        boolean further = newPart > part && since.compareTo(SHORTEST) >= 0;
        if (begins || complete || further || since.compareTo(LONGEST) >= 0) {
            heading = newHeading;
            part = newPart;
            printed = Instant.now();
            out.print(line(moment) + "\n");
            out.flush();
        }
    }

    @Override
    public synchronized void note(String line) {
        out.print(line + "\n");
        out.flush();
    }

    @Override
    public void close() {
        // Every line stands on its own.
    }

    static String line(Moment moment) {
        StringBuilder line = new StringBuilder(moment.task() + ": " + moment.count());
        String separator = "  ";
        for (Map.Entry<String, Double> metric : new TreeMap<>(moment.metrics()).entrySet()) {
            line.append(separator)
                    .append(metric.getKey().replace('_', ' '))
                    .append(' ')
                    .append(NumberText.shortly(metric.getValue()));
            separator = ", ";
        }
        return line.toString();
    }
}
